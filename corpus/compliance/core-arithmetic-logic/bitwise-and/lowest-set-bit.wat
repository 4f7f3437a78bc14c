;;! category = "bitwise-and"
;;! about = "and is wrong on operands that come straight from a wrapping subtraction (x and -x, x and x-1)"
;;! outputs = [2, 4, 16, 32, 128, 5, 0, 0, 1, 254]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $x i32) (local $count i32)
    ;; 182 = 128+32+16+4+2: x and -x is the lowest bit set, x and x-1 clears it
    i32.const 182 local.set $x
    loop $bits
      local.get $x
      i32.const 0
      local.get $x
      i32.sub
      i32.and
      call $output          ;; 2 4 16 32 128
      local.get $count
      i32.const 1
      i32.add
      local.set $count
      local.get $x
      local.get $x
      i32.const 1
      i32.sub
      i32.and
      local.tee $x          ;; 180 176 160 128 0
      br_if $bits
    end
    local.get $count
    call $output            ;; 5 bits were set
    ;; x is 0 now: 0 and -0, then 0 and 255
    local.get $x i32.const 0 local.get $x i32.sub i32.and call $output   ;; 0
    local.get $x local.get $x i32.const 1 i32.sub i32.and call $output   ;; 0
    ;; the other extreme: 255 and -255 (= 1), then 255 and 254
    i32.const 255 i32.const 0 i32.const 255 i32.sub i32.and call $output   ;; 1
    i32.const 255 i32.const 255 i32.const 1 i32.sub i32.and call $output   ;; 254
  )
)
