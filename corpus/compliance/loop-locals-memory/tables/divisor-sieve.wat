;;! category = "tables"
;;! about = "a sieve: strides of 1 to 20 over one table, the inner loop's length changing from 20 iterations down to 1"
;;! outputs = [1, 2, 2, 3, 2, 4, 2, 4, 3, 4, 2, 6, 2, 4, 4, 5, 2, 6, 2, 6]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $d i32) (local $m i32)
    ;; cell m counts the divisors of m, for m = 1 .. 20
    loop $divisor
      local.get $d  i32.const 1  i32.add  local.set $d
      i32.const 0  local.set $m
      loop $multiple
        local.get $m  local.get $d  i32.add  local.tee $m
        local.get $m  i32.load  i32.const 1  i32.add
        i32.store
        local.get $m  local.get $d  i32.add  i32.const 20  i32.le_s
        br_if $multiple  ;; while the next multiple is in the table
      end
      local.get $d  i32.const 20  i32.lt_s
      br_if $divisor
    end
    i32.const 0  local.set $m
    loop $show
      local.get $m  i32.const 1  i32.add  local.tee $m
      i32.load
      call $output
      local.get $m  i32.const 20  i32.lt_s
      br_if $show
    end
  )
)
