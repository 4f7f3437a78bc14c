;;! category = "accumulation"
;;! about = "running products mod 256: n! collects factors 2 and ends at 0, 1*3*5*...*(2n-1) stays odd for ever"
;;! outputs = [1, 1, 2, 3, 6, 15, 24, 105, 120, 177, 208, 155, 176, 223, 128, 17, 128, 33, 0, 115]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $n i32) (local $factorial i32) (local $odds i32)
    i32.const 1  local.set $factorial
    i32.const 1  local.set $odds
    loop $next
      local.get $n  i32.const 1  i32.add  local.set $n
      local.get $factorial  local.get $n  i32.mul  local.tee $factorial
      call $output              ;; 1 2 6 24 120 208 176 128 128 0
      local.get $odds
      local.get $n  local.get $n  i32.add  i32.const 1  i32.sub
      i32.mul  local.tee $odds  ;; times 2n - 1
      call $output              ;; 1 3 15 105 177 155 223 17 33 115
      local.get $n  i32.const 10  i32.lt_s
      br_if $next
    end
  )
)
