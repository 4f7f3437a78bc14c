;;! category = "equality"
;;! about = "eq or ne ignores one of the eight bits of its operands"
;;! outputs = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 255, 90]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $x i32) (local $bit i32) (local $flipped i32) (local $seen i32) (local $clear i32)
    ;; x = 165 = 128+32+4+1 against x with one bit flipped and x with one bit set
    i32.const 165 local.set $x
    i32.const 1 local.set $bit
    loop $bits
      ;; flipped = (x or bit) - (x and bit); never equal to x
      local.get $x local.get $bit i32.or
      local.get $x local.get $bit i32.and
      i32.sub
      local.set $flipped
      local.get $x
      local.get $flipped
      i32.eq
      call $output          ;; 0 every time
      ;; setting the bit changes nothing where x has it
      local.get $x local.get $bit i32.or
      local.get $x
      i32.eq
      call $output          ;; 1 0 1 0 0 1 0 1
      ;; collect the bits at which ne saw a difference
      local.get $x local.get $flipped i32.ne
      local.get $bit i32.mul
      local.get $seen i32.add
      local.set $seen
      local.get $x
      local.get $x local.get $bit i32.or
      i32.ne
      local.get $bit i32.mul
      local.get $clear i32.add
      local.set $clear
      local.get $bit i32.const 2 i32.mul
      local.tee $bit        ;; ends when 256 wraps to 0
      br_if $bits
    end
    local.get $seen call $output    ;; 255: all eight
    local.get $clear call $output   ;; 90 = 64+16+8+2, the bits x does not have
  )
)
