;;! category = "multiplication"
;;! about = "products on either side of 256 are saturated or not reduced modulo 256"
;;! outputs = [240, 255, 255, 0, 16, 225, 33, 0, 128, 0, 255, 2, 1]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; 16*15 = 240 and 17*15 = 255 still fit, 16*16 and 16*17 do not
    i32.const 16 i32.const 15 i32.mul call $output     ;; 240
    i32.const 17 i32.const 15 i32.mul call $output     ;; 255
    i32.const 15 i32.const 17 i32.mul call $output     ;; 255
    i32.const 16 i32.const 16 i32.mul call $output     ;; 256 -> 0
    i32.const 16 i32.const 17 i32.mul call $output     ;; 272 -> 16
    i32.const 15 i32.const 15 i32.mul call $output     ;; 225
    i32.const 17 i32.const 17 i32.mul call $output     ;; 289 -> 33
    ;; the top bit moved out, or left in place by an odd factor
    i32.const 128 i32.const 2 i32.mul call $output     ;; 256 -> 0
    i32.const 128 i32.const 3 i32.mul call $output     ;; 384 -> 128
    i32.const 64 i32.const 4 i32.mul call $output      ;; 256 -> 0
    ;; one factor apart around the edge
    i32.const 85 i32.const 3 i32.mul call $output      ;; 255
    i32.const 86 i32.const 3 i32.mul call $output      ;; 258 -> 2
    ;; the largest product: 65025 = 254*256 + 1
    i32.const 255 i32.const 255 i32.mul call $output   ;; 1
  )
)
