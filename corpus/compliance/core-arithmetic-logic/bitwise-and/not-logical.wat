;;! category = "bitwise-and"
;;! about = "and is taken as a logical, minimum or product operation instead of a bitwise one"
;;! outputs = [0, 0, 0, 2, 128, 2, 8, 64, 0, 1, 7, 2, 3]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $n i32)
    ;; both operands are non-zero, yet no bit is shared
    i32.const 2 i32.const 1 i32.and call $output       ;; 0
    i32.const 4 i32.const 3 i32.and call $output       ;; 0
    i32.const 96 i32.const 16 i32.and call $output     ;; 0110 0000 and 0001 0000: 0
    ;; a true result is not normalised to 1
    i32.const 3 i32.const 2 i32.and call $output       ;; 2
    i32.const 255 i32.const 128 i32.and call $output   ;; 128
    ;; neither the smaller operand nor the product
    i32.const 6 i32.const 3 i32.and call $output       ;; 110 and 011: 2
    i32.const 12 i32.const 10 i32.and call $output     ;; 1100 and 1010: 8
    i32.const 200 i32.const 100 i32.and call $output   ;; 1100 1000 and 0110 0100: 64
    i32.const 200 i32.const 50 i32.and call $output    ;; 1100 1000 and 0011 0010: 0
    i32.const 199 i32.const 57 i32.and call $output    ;; 1100 0111 and 0011 1001: 1
    ;; 2 and 1 is 0 as a condition, so this body runs once
    loop $once
      i32.const 7
      call $output
      i32.const 2
      i32.const 1
      i32.and
      br_if $once
    end
    ;; n and 2 is 2 as a condition for n = 3: repeat; for n = 4 it is 0: stop
    i32.const 2 local.set $n
    loop $while-bit
      local.get $n
      call $output          ;; 2 3
      local.get $n
      i32.const 1
      i32.add
      local.tee $n
      i32.const 2
      i32.and
      br_if $while-bit
    end
  )
)
