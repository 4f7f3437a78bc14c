;;! category = "equality"
;;! about = "eq or ne is wrong at the ends of the range or around 128, or ne is not the opposite of eq"
;;! outputs = [1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; each pair: eq, then ne
    i32.const 0 i32.const 0 i32.eq call $output         ;; 1
    i32.const 0 i32.const 0 i32.ne call $output         ;; 0
    i32.const 255 i32.const 255 i32.eq call $output     ;; 1
    i32.const 255 i32.const 255 i32.ne call $output     ;; 0
    i32.const 128 i32.const 128 i32.eq call $output     ;; 1
    i32.const 128 i32.const 128 i32.ne call $output     ;; 0
    i32.const 127 i32.const 128 i32.eq call $output     ;; 0
    i32.const 127 i32.const 128 i32.ne call $output     ;; 1
    ;; the two ends are different, in both orders
    i32.const 255 i32.const 0 i32.eq call $output       ;; 0
    i32.const 255 i32.const 0 i32.ne call $output       ;; 1
    i32.const 0 i32.const 255 i32.eq call $output       ;; 0
    i32.const 0 i32.const 255 i32.ne call $output       ;; 1
    ;; neighbours at the top, and values that differ in the top bit only
    i32.const 254 i32.const 255 i32.eq call $output     ;; 0
    i32.const 254 i32.const 255 i32.ne call $output     ;; 1
    i32.const 128 i32.const 0 i32.eq call $output       ;; 0
    i32.const 128 i32.const 0 i32.ne call $output       ;; 1
  )
)
