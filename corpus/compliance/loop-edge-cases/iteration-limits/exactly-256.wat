;;! category = "iteration-limits"
;;! about = "256 iterations of one entry are still allowed (a counter wrapping to 0), and the next loop starts its own count"
;;! outputs = [128, 0, 3]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32) (local $sum i32)
    loop $all     ;; iteration k makes i = k; the 256th makes it 0
      local.get $i  i32.const 1  i32.add  local.tee $i
      local.get $sum  i32.add  local.set $sum
      local.get $i
      br_if $all
    end
    local.get $sum
    call $output  ;; 1 + ... + 255 + 0 = 32640 = 127*256 + 128
    local.get $i
    call $output  ;; 0
    loop $few
      local.get $i  i32.const 1  i32.add  local.tee $i
      i32.const 3  i32.lt_s
      br_if $few
    end
    local.get $i
    call $output  ;; 3
  )
)
