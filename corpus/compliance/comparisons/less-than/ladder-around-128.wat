;;! category = "less-than"
;;! about = "lt_s or le_s treats bytes from 128 up as negative, swaps its operands, or is wrong at equality"
;;! outputs = [1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $y i32)
    ;; y = 0, 127, 128, 129, 255 (cell 0 is 0 already)
    i32.const 1 i32.const 127 i32.store
    i32.const 2 i32.const 128 i32.store
    i32.const 3 i32.const 129 i32.store
    i32.const 4 i32.const 255 i32.store
    loop $each
      local.get $i i32.load local.set $y
      local.get $y i32.const 128 i32.lt_s call $output   ;; 1 1 0 0 0
      i32.const 128 local.get $y i32.lt_s call $output   ;; 0 0 0 1 1
      local.get $y i32.const 128 i32.le_s call $output   ;; 1 1 1 0 0
      i32.const 128 local.get $y i32.le_s call $output   ;; 0 0 1 1 1
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 5 i32.lt_s
      br_if $each
    end
    ;; the ends of the range
    i32.const 0 i32.const 255 i32.lt_s call $output     ;; 1
    i32.const 255 i32.const 0 i32.lt_s call $output     ;; 0
    i32.const 0 i32.const 0 i32.lt_s call $output       ;; 0
    i32.const 255 i32.const 255 i32.lt_s call $output   ;; 0
    i32.const 0 i32.const 0 i32.le_s call $output       ;; 1
    i32.const 255 i32.const 255 i32.le_s call $output   ;; 1
    i32.const 254 i32.const 255 i32.lt_s call $output   ;; 1
    i32.const 255 i32.const 254 i32.le_s call $output   ;; 0
  )
)
