;;! category = "benchmark"
;;! about = "three nested loops, 11,474,360 steps: long enough to see whether a token gets dearer or memory grows"
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32) (local $j i32) (local $k i32) (local $count i32)
    i32.const 115
    local.set $i
    loop $outer
      i32.const 110
      local.set $j
      loop $middle
        i32.const 100
        local.set $k
        loop $inner
          local.get $count
          i32.const 1
          i32.add
          local.set $count
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
    local.get $count
    call $output))
