;;! category = "multiplication"
;;! about = "the high part of a product of two large factors leaks into the low byte (the product wraps dozens of times)"
;;! outputs = [64, 36, 29, 29, 253, 73, 1, 1, 1, 1, 64, 64]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    i32.const 200 i32.const 200 i32.mul call $output   ;; 40000 = 156*256 + 64
    i32.const 250 i32.const 250 i32.mul call $output   ;; 62500 = 244*256 + 36, that is (-6)*(-6)
    ;; both orders
    i32.const 199 i32.const 251 i32.mul call $output   ;; 49949 = 195*256 + 29
    i32.const 251 i32.const 199 i32.mul call $output   ;; 29
    i32.const 123 i32.const 231 i32.mul call $output   ;; 28413 = 110*256 + 253
    i32.const 99 i32.const 99 i32.mul call $output     ;; 9801 = 38*256 + 73
    ;; inverse pairs modulo 256: every one of the low eight bits must be exact
    i32.const 171 i32.const 3 i32.mul call $output     ;; 513 = 2*256 + 1
    i32.const 5 i32.const 205 i32.mul call $output     ;; 1025 = 4*256 + 1
    i32.const 183 i32.const 7 i32.mul call $output     ;; 1281 = 5*256 + 1
    i32.const 17 i32.const 241 i32.mul call $output    ;; 4097 = 16*256 + 1
    ;; grouping makes no difference: 200*200*5 = 200000 = 781*256 + 64
    i32.const 200 i32.const 200 i32.mul i32.const 5 i32.mul call $output   ;; 64*5 = 320 -> 64
    i32.const 200 i32.const 200 i32.const 5 i32.mul i32.mul call $output   ;; 200*232 = 46400 -> 64
  )
)
