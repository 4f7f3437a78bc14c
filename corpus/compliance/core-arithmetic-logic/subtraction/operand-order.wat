;;! category = "subtraction"
;;! about = "the operands of sub are swapped, so that it computes top minus second"
;;! outputs = [2, 254, 254, 2, 100, 156, 17, 239, 50, 206, 10, 246]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $a i32) (local $b i32)
    ;; constants, each pair both ways round
    i32.const 5 i32.const 3 i32.sub call $output       ;; 2
    i32.const 3 i32.const 5 i32.sub call $output       ;; -2 -> 254
    i32.const 255 i32.const 1 i32.sub call $output     ;; 254
    i32.const 1 i32.const 255 i32.sub call $output     ;; -254 -> 2
    i32.const 200 i32.const 100 i32.sub call $output   ;; 100
    i32.const 100 i32.const 200 i32.sub call $output   ;; -100 -> 156
    ;; zero is an identity on the right only
    i32.const 17 i32.const 0 i32.sub call $output      ;; 17
    i32.const 0 i32.const 17 i32.sub call $output      ;; -17 -> 239
    ;; operands from locals
    i32.const 70 local.set $a
    i32.const 20 local.set $b
    local.get $a local.get $b i32.sub call $output     ;; 50
    local.get $b local.get $a i32.sub call $output     ;; -50 -> 206
    ;; one operand from memory, on either side
    i32.const 0 i32.const 30 i32.store
    i32.const 40 i32.const 0 i32.load i32.sub call $output   ;; 40-30 = 10
    i32.const 0 i32.load i32.const 40 i32.sub call $output   ;; 30-40 = -10 -> 246
  )
)
