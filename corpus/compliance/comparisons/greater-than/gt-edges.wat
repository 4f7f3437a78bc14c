;;! category = "greater-than"
;;! about = "gt_s treats bytes from 128 up (or wrapped results) as negative, swaps its operands, or holds at equality"
;;! outputs = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; around 128
    i32.const 128 i32.const 127 i32.gt_s call $output   ;; 1
    i32.const 127 i32.const 128 i32.gt_s call $output   ;; 0
    i32.const 129 i32.const 128 i32.gt_s call $output   ;; 1
    ;; equality is not greater
    i32.const 128 i32.const 128 i32.gt_s call $output   ;; 0
    ;; far apart
    i32.const 255 i32.const 0 i32.gt_s call $output     ;; 1
    i32.const 0 i32.const 255 i32.gt_s call $output     ;; 0
    i32.const 200 i32.const 100 i32.gt_s call $output   ;; 1
    i32.const 100 i32.const 200 i32.gt_s call $output   ;; 0
    ;; neighbours and equality at both ends
    i32.const 255 i32.const 254 i32.gt_s call $output   ;; 1
    i32.const 254 i32.const 255 i32.gt_s call $output   ;; 0
    i32.const 1 i32.const 0 i32.gt_s call $output       ;; 1
    i32.const 0 i32.const 1 i32.gt_s call $output       ;; 0
    i32.const 0 i32.const 0 i32.gt_s call $output       ;; 0
    i32.const 255 i32.const 255 i32.gt_s call $output   ;; 0
    ;; wrapped operands
    i32.const 0 i32.const 1 i32.sub i32.const 0 i32.gt_s call $output       ;; 255 > 0: 1
    i32.const 255 i32.const 1 i32.add i32.const 0 i32.gt_s call $output     ;; 0 > 0: 0
    i32.const 127 i32.const 1 i32.add i32.const 127 i32.gt_s call $output   ;; 128 > 127: 1
    i32.const 200 i32.const 100 i32.add i32.const 200 i32.gt_s call $output ;; 44 > 200: 0
  )
)
