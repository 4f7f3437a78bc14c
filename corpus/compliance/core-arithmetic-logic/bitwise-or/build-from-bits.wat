;;! category = "bitwise-or"
;;! about = "or loses or misplaces one bit position, or setting a bit that is already set changes the value"
;;! outputs = [16, 17, 145, 149, 213, 215, 247, 255, 255, 255, 253]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $acc i32) (local $i i32)
    ;; the eight single bits in scrambled order
    i32.const 0 i32.const 16 i32.store
    i32.const 1 i32.const 1 i32.store
    i32.const 2 i32.const 128 i32.store
    i32.const 3 i32.const 4 i32.store
    i32.const 4 i32.const 64 i32.store
    i32.const 5 i32.const 2 i32.store
    i32.const 6 i32.const 32 i32.store
    i32.const 7 i32.const 8 i32.store
    loop $bits
      local.get $acc
      local.get $i
      i32.load
      i32.or
      local.tee $acc
      call $output          ;; 16 17 145 149 213 215 247 255
      local.get $i
      i32.const 1
      i32.add
      local.tee $i
      i32.const 8
      i32.lt_s
      br_if $bits
    end
    ;; setting bits again, from either side, changes nothing
    local.get $acc i32.const 0 i32.load i32.or call $output   ;; 255 or 16
    i32.const 2 i32.load local.get $acc i32.or call $output   ;; 128 or 255
    ;; all bits but bit 1, combined without a loop: 16,1,128,4,64,32,8
    i32.const 16
    i32.const 1
    i32.const 128
    i32.const 4
    i32.const 64
    i32.const 32
    i32.const 8
    i32.or                  ;; 40
    i32.or                  ;; 104
    i32.or                  ;; 108
    i32.or                  ;; 236
    i32.or                  ;; 237
    i32.or                  ;; 253
    call $output
  )
)
