;;! category = "less-than"
;;! about = "the order is decided by a lower bit or by one nibble alone instead of by the highest bit that differs"
;;! outputs = [1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 255, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $bit i32) (local $less i32) (local $more i32)
    ;; high nibble decides although the low nibble says otherwise
    i32.const 31 i32.const 32 i32.lt_s call $output     ;; 1F < 20: 1
    i32.const 32 i32.const 31 i32.lt_s call $output     ;; 0
    ;; equal high nibbles: the low nibble decides
    i32.const 47 i32.const 46 i32.lt_s call $output     ;; 2F < 2E: 0
    i32.const 46 i32.const 47 i32.lt_s call $output     ;; 1
    ;; the same at the top of the range, and with mirrored nibbles
    i32.const 239 i32.const 240 i32.lt_s call $output   ;; EF < F0: 1
    i32.const 240 i32.const 239 i32.lt_s call $output   ;; 0
    i32.const 9 i32.const 144 i32.lt_s call $output     ;; 09 < 90: 1
    i32.const 144 i32.const 9 i32.lt_s call $output     ;; 0
    ;; equal low nibbles
    i32.const 53 i32.const 69 i32.lt_s call $output     ;; 35 < 45: 1
    i32.const 69 i32.const 53 i32.lt_s call $output     ;; 0
    ;; complementary bits
    i32.const 90 i32.const 165 i32.le_s call $output    ;; 5A <= A5: 1
    i32.const 165 i32.const 90 i32.le_s call $output    ;; 0
    ;; every bit in turn against all the bits below it: bit-1 < bit, never bit <= bit-1
    i32.const 1 local.set $bit
    loop $bits
      local.get $bit i32.const 1 i32.sub
      local.get $bit
      i32.lt_s
      local.get $bit i32.mul
      local.get $less i32.add
      local.set $less
      local.get $bit
      local.get $bit i32.const 1 i32.sub
      i32.le_s
      local.get $bit i32.mul
      local.get $more i32.add
      local.set $more
      local.get $bit i32.const 2 i32.mul
      local.tee $bit
      br_if $bits
    end
    local.get $less call $output    ;; 255: right at all eight bits
    local.get $more call $output    ;; 0
  )
)
