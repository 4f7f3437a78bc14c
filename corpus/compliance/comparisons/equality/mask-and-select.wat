;;! category = "equality"
;;! about = "the result of eq or ne is not exactly the number 0 or 1 when computed with, or eq 1 is confused with being non-zero"
;;! outputs = [0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 171, 200, 52, 100, 3]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $b i32) (local $mask i32)
    ;; x = 0, 1, 2, 128, 255 (cell 0 is 0 already)
    i32.const 1 i32.const 1 i32.store
    i32.const 2 i32.const 2 i32.store
    i32.const 3 i32.const 128 i32.store
    i32.const 4 i32.const 255 i32.store
    loop $each
      ;; is it exactly 1?
      local.get $i i32.load
      i32.const 1 i32.eq
      call $output          ;; 0 1 0 0 0
      ;; is it non-zero? (not not x)
      local.get $i i32.load
      i32.const 0 i32.eq
      i32.const 0 i32.eq
      call $output          ;; 0 1 1 1 1
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 5 i32.ne
      br_if $each
    end
    ;; select between two values, once with b = 255 (equal) and once with b = 254
    i32.const 255 local.set $b
    loop $both
      ;; by a mask: 0-1 = 255 if equal, 0-0 = 0 if not
      i32.const 0
      i32.const 255 local.get $b i32.eq
      i32.sub
      local.set $mask
      i32.const 171 local.get $mask i32.and
      i32.const 52
      i32.const 255 local.get $mask i32.sub
      i32.and
      i32.or
      call $output          ;; 171, then 52
      ;; by multiplication
      i32.const 255 local.get $b i32.eq i32.const 200 i32.mul
      i32.const 255 local.get $b i32.ne i32.const 100 i32.mul
      i32.add
      call $output          ;; 200, then 100
      local.get $b i32.const 1 i32.sub local.tee $b
      i32.const 254 i32.eq  ;; again for 254, not for 253
      br_if $both
    end
    ;; counting: 1 + 1 + 0 + 1
    i32.const 3 i32.const 3 i32.eq
    i32.const 4 i32.const 4 i32.eq
    i32.add
    i32.const 5 i32.const 6 i32.eq
    i32.add
    i32.const 7 i32.const 8 i32.ne
    i32.add
    call $output            ;; 3
  )
)
