;;! category = "nested"
;;! about = "the iteration limit is per entry of a loop: 3 entries of 100 iterations are 300 in all and must not trap"
;;! outputs = [100, 200, 44]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $rounds i32) (local $j i32) (local $total i32)
    i32.const 3  local.set $rounds
    loop $round
      i32.const 100  local.set $j
      loop $inner
        local.get $total  i32.const 1  i32.add  local.set $total
        local.get $j  i32.const 1  i32.sub  local.tee $j
        br_if $inner
      end
      local.get $total
      call $output  ;; 100, 200, 300 mod 256 = 44
      local.get $rounds  i32.const 1  i32.sub  local.tee $rounds
      br_if $round
    end
  )
)
