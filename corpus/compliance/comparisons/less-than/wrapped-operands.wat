;;! category = "less-than"
;;! about = "lt_s and le_s see a negative or over-large arithmetic result instead of the byte it wraps to"
;;! outputs = [0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; a difference below zero is a large byte
    i32.const 0 i32.const 1 i32.sub i32.const 0 i32.lt_s call $output       ;; 255 < 0: 0
    i32.const 0 i32.const 1 i32.sub i32.const 1 i32.lt_s call $output       ;; 255 < 1: 0
    i32.const 0 i32.const 0 i32.const 1 i32.sub i32.le_s call $output       ;; 0 <= 255: 1
    i32.const 100 i32.const 200 i32.sub i32.const 100 i32.lt_s call $output ;; 156 < 100: 0
    i32.const 5 i32.const 6 i32.sub i32.const 254 i32.le_s call $output     ;; 255 <= 254: 0
    ;; a sum past 255 is a small byte
    i32.const 255 i32.const 1 i32.add i32.const 1 i32.lt_s call $output     ;; 0 < 1: 1
    i32.const 200 i32.const 100 i32.add i32.const 100 i32.lt_s call $output ;; 44 < 100: 1
    i32.const 16 i32.const 16 i32.mul i32.const 0 i32.le_s call $output     ;; 0 <= 0: 1
    i32.const 255 i32.const 255 i32.mul i32.const 1 i32.le_s call $output   ;; 1 <= 1: 1
    ;; 127 + 1 stays positive, 128 + 128 does not stay large
    i32.const 127 i32.const 1 i32.add i32.const 127 i32.lt_s call $output   ;; 128 < 127: 0
    i32.const 127 i32.const 127 i32.const 1 i32.add i32.lt_s call $output   ;; 127 < 128: 1
    i32.const 128 i32.const 128 i32.add i32.const 128 i32.lt_s call $output ;; 0 < 128: 1
  )
)
