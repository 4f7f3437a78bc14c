;;! category = "stack-depth"
;;! about = "a value deep in the stack is lost, shifted by one, or blended with its neighbours"
;;! outputs = [255, 5, 148, 74, 37, 146, 73, 164, 82, 41, 198, 99, 15, 240, 51, 204, 85, 170, 24, 16, 8, 250, 131, 130, 129, 3, 6, 12, 25, 50, 100, 2, 255, 255, 58, 57, 56, 55, 240, 13, 0, 0, 0, 90, 7, 7, 7, 200, 31, 32, 191, 192, 63, 64, 127, 128, 254, 1, 255, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; sixty values, with repeats, zeros and jumps
    i32.const 0 i32.const 255 i32.const 1 i32.const 254 i32.const 128 i32.const 127
    i32.const 64 i32.const 63 i32.const 192 i32.const 191 i32.const 32 i32.const 31
    i32.const 200 i32.const 7 i32.const 7 i32.const 7 i32.const 90 i32.const 0
    i32.const 0 i32.const 0 i32.const 13 i32.const 240 i32.const 55 i32.const 56
    i32.const 57 i32.const 58 i32.const 255 i32.const 255 i32.const 2 i32.const 100
    i32.const 50 i32.const 25 i32.const 12 i32.const 6 i32.const 3 i32.const 129
    i32.const 130 i32.const 131 i32.const 250 i32.const 8 i32.const 16 i32.const 24
    i32.const 170 i32.const 85 i32.const 204 i32.const 51 i32.const 240 i32.const 15
    i32.const 99 i32.const 198 i32.const 41 i32.const 82 i32.const 164 i32.const 73
    i32.const 146 i32.const 37 i32.const 74 i32.const 148 i32.const 5 i32.const 255
    ;; and off again, the last one first
    call $output call $output call $output call $output call $output call $output  ;; 255 5 148 74 37 146
    call $output call $output call $output call $output call $output call $output  ;; 73 164 82 41 198 99
    call $output call $output call $output call $output call $output call $output  ;; 15 240 51 204 85 170
    call $output call $output call $output call $output call $output call $output  ;; 24 16 8 250 131 130
    call $output call $output call $output call $output call $output call $output  ;; 129 3 6 12 25 50
    call $output call $output call $output call $output call $output call $output  ;; 100 2 255 255 58 57
    call $output call $output call $output call $output call $output call $output  ;; 56 55 240 13 0 0
    call $output call $output call $output call $output call $output call $output  ;; 0 90 7 7 7 200
    call $output call $output call $output call $output call $output call $output  ;; 31 32 191 192 63 64
    call $output call $output call $output call $output call $output call $output  ;; 127 128 254 1 255 0
  )
)
