;;! category = "accumulation"
;;! about = "division by repeated subtraction and multiplication by repeated addition, steered by 0/1 factors, also for a quotient of 0 and a remainder of 0"
;;! outputs = [10, 0, 200, 4, 7, 103, 0, 6, 6]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $n i32) (local $d i32) (local $q i32) (local $r i32) (local $more i32) (local $back i32)
    ;; 200 / 20, then 103 / 24, then 6 / 28
    i32.const 200  local.set $n
    i32.const 20  local.set $d
    loop $case
      i32.const 0  local.set $q
      local.get $n  local.set $r
      loop $divide                   ;; once more than the quotient
        local.get $r  local.get $d  i32.ge_s  local.set $more
        local.get $r  local.get $d  local.get $more  i32.mul  i32.sub  local.set $r
        local.get $q  local.get $more  i32.add  local.set $q
        local.get $more
        br_if $divide
      end
      local.get $q  call $output     ;; 10, 4, 0
      local.get $r  call $output     ;; 0, 7, 6
      local.get $r  local.set $back
      loop $multiply
        local.get $q  i32.const 0  i32.gt_s  local.set $more
        local.get $back  local.get $d  local.get $more  i32.mul  i32.add  local.set $back
        local.get $q  local.get $more  i32.sub  local.set $q
        local.get $more
        br_if $multiply
      end
      local.get $back  call $output  ;; q * d + r is n again
      local.get $n  i32.const 97  i32.ge_s  local.set $more
      local.get $n  i32.const 97  i32.sub  local.set $n
      local.get $d  i32.const 4  i32.add  local.set $d
      local.get $more
      br_if $case
    end
  )
)
