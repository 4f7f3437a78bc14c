;;! category = "multiplication"
;;! about = "0, 1 or 255 (which acts as minus one) is mishandled as a factor on one of the two sides"
;;! outputs = [0, 0, 0, 255, 255, 200, 1, 56, 56, 128, 254, 9, 0, 0, 33]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $fresh i32)
    ;; zero absorbs
    i32.const 0 i32.const 255 i32.mul call $output     ;; 0
    i32.const 255 i32.const 0 i32.mul call $output     ;; 0
    i32.const 0 i32.const 0 i32.mul call $output       ;; 0
    ;; one changes nothing
    i32.const 1 i32.const 255 i32.mul call $output     ;; 255
    i32.const 255 i32.const 1 i32.mul call $output     ;; 255
    i32.const 200 i32.const 1 i32.mul call $output     ;; 200
    i32.const 1 i32.const 1 i32.mul call $output       ;; 1
    ;; 255 is -1 modulo 256: the product is the wrapped negative
    i32.const 255 i32.const 200 i32.mul call $output   ;; -200 -> 56
    i32.const 200 i32.const 255 i32.mul call $output   ;; 56
    i32.const 128 i32.const 255 i32.mul call $output   ;; -128 -> 128
    i32.const 255 i32.const 2 i32.mul call $output     ;; -2 -> 254
    ;; a zero inside a chain wipes out everything multiplied, not what is added
    i32.const 200 i32.const 0 i32.mul i32.const 255 i32.mul
    i32.const 9 i32.add call $output                   ;; 9
    ;; a fresh local is a zero factor
    local.get $fresh i32.const 143 i32.mul call $output   ;; 0
    ;; a zero product leaves the value below it alone
    i32.const 33
    i32.const 255
    i32.const 0
    i32.mul
    call $output                                       ;; 0
    call $output                                       ;; 33
  )
)
