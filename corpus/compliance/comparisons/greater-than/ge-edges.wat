;;! category = "greater-than"
;;! about = "ge_s misses equality, or some byte is not at least 0 or not at most 255"
;;! outputs = [1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $x i32)
    ;; x = 0, 127, 128, 255 (cell 0 is 0 already)
    i32.const 1 i32.const 127 i32.store
    i32.const 2 i32.const 128 i32.store
    i32.const 3 i32.const 255 i32.store
    loop $each
      local.get $i i32.load local.set $x
      local.get $x i32.const 0 i32.ge_s call $output     ;; 1 1 1 1
      i32.const 0 local.get $x i32.ge_s call $output     ;; 1 0 0 0
      local.get $x i32.const 255 i32.ge_s call $output   ;; 0 0 0 1
      local.get $x i32.const 128 i32.ge_s call $output   ;; 0 0 1 1
      i32.const 128 local.get $x i32.ge_s call $output   ;; 1 1 1 0
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 4 i32.lt_s
      br_if $each
    end
    ;; neighbours and equality next to the top
    i32.const 255 i32.const 254 i32.ge_s call $output    ;; 1
    i32.const 254 i32.const 254 i32.ge_s call $output    ;; 1
    i32.const 254 i32.const 255 i32.ge_s call $output    ;; 0
    ;; equality reached only by wrapping
    i32.const 0 i32.const 255 i32.const 1 i32.add i32.ge_s call $output   ;; 0 >= 0: 1
    i32.const 0 i32.const 1 i32.sub i32.const 255 i32.ge_s call $output   ;; 255 >= 255: 1
    i32.const 255 i32.const 1 i32.add i32.const 1 i32.ge_s call $output   ;; 0 >= 1: 0
  )
)
