;;! category = "long"
;;! about = "three nested loops of 14 iterations each: a trace of more than 20,000 steps, in which depth, locals and fetch must not drift"
;;! outputs = [184, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32) (local $j i32) (local $k i32) (local $count i32)
    i32.const 14
    local.set $i
    loop $outer
      i32.const 14
      local.set $j
      loop $middle
        i32.const 14
        local.set $k
        loop $inner
          ;; count = count + 1, mod 256
          local.get $count
          i32.const 1
          i32.add
          local.set $count
          ;; k = k - 1
          local.get $k
          i32.const 1
          i32.sub
          local.tee $k
          br_if $inner
        end
        local.get $j
        i32.const 1
        i32.sub
        local.tee $j
        br_if $middle
      end
      local.get $i
      i32.const 1
      i32.sub
      local.tee $i
      br_if $outer
    end
    ;; 14 * 14 * 14 = 2744 = 10 * 256 + 184
    local.get $count
    call $output
    local.get $i
    call $output))
