;;! category = "bitwise-and"
;;! about = "and gets one bit position wrong, or only on one of its two operands"
;;! outputs = [1, 0, 0, 2, 4, 0, 0, 8, 0, 16, 32, 0, 0, 64, 128, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $bit i32)
    ;; 165 = 128+32+4+1 and its complement 90 = 64+16+8+2 against every single bit;
    ;; the bit is the top operand for 165 and the second operand for 90
    i32.const 1 local.set $bit
    loop $bits
      i32.const 165
      local.get $bit
      i32.and
      call $output          ;; 1 0 4 0 0 32 0 128
      local.get $bit
      i32.const 90
      i32.and
      call $output          ;; 0 2 0 8 16 0 64 0
      local.get $bit
      local.get $bit
      i32.add
      local.tee $bit        ;; 128+128 wraps to 0 and ends the loop
      br_if $bits
    end
  )
)
