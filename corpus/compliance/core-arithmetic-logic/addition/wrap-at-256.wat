;;! category = "addition"
;;! about = "the sum saturates, grows past a byte, or drops the value 255 instead of wrapping modulo 256"
;;! outputs = [0, 0, 255, 255, 0, 0, 255, 254, 44]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; just over the edge, from both operand orders
    i32.const 255 i32.const 1 i32.add call $output    ;; 256 -> 0
    i32.const 1 i32.const 255 i32.add call $output    ;; 256 -> 0
    ;; just below the edge: 255 is an ordinary sum
    i32.const 254 i32.const 1 i32.add call $output    ;; 255
    i32.const 255 i32.const 0 i32.add call $output    ;; 255
    ;; the edge reached from the middle of the range
    i32.const 128 i32.const 128 i32.add call $output  ;; 256 -> 0
    i32.const 127 i32.const 129 i32.add call $output  ;; 256 -> 0
    i32.const 127 i32.const 128 i32.add call $output  ;; 255
    ;; the largest possible sum, and an ordinary one that wraps
    i32.const 255 i32.const 255 i32.add call $output  ;; 510 -> 254
    i32.const 200 i32.const 100 i32.add call $output  ;; 300 -> 44
  )
)
