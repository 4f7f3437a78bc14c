;;! category = "accumulation"
;;! about = "eight masks, doubled until 128 + 128 wraps to 0 and so ends the loop; a wrong and, ne or wrap gives a wrong bit count or order"
;;! outputs = [3, 19, 4, 142, 3, 88]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $value i32) (local $mask i32) (local $bit i32) (local $count i32) (local $reversed i32) (local $more i32)
    ;; 200 = 11001000, 113 = 01110001, 26 = 00011010
    ;; reversed: 00010011 = 19, 10001110 = 142, 01011000 = 88
    i32.const 200  local.set $value
    loop $next
      i32.const 0  local.set $count
      i32.const 0  local.set $reversed
      i32.const 1  local.set $mask
      loop $each_bit
        local.get $reversed  local.get $reversed  i32.add  ;; make room, lowest bit first
        local.get $value  local.get $mask  i32.and  i32.const 0  i32.ne  local.tee $bit
        i32.add  local.set $reversed
        local.get $count  local.get $bit  i32.add  local.set $count
        local.get $mask  local.get $mask  i32.add  local.tee $mask
        br_if $each_bit                                    ;; 2, 4, ... 128, then 0
      end
      local.get $count  call $output
      local.get $reversed  call $output
      local.get $value  i32.const 87  i32.ge_s  local.set $more
      local.get $value  i32.const 87  i32.sub  local.set $value
      local.get $more
      br_if $next
    end
  )
)
