;;! category = "iteration-limits"
;;! about = "an inner loop that is fine in two entries of 200 iterations and traps in the third, whose condition stays 200 for ever"
;;! outputs = [1, 0, 2, 0, 3]
;;! trap = "loop-limit"
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $entry i32) (local $c i32) (local $step i32)
    loop $again
      local.get $entry  i32.const 1  i32.add  local.tee $entry
      call $output                                              ;; 1, 2, 3
      local.get $entry  i32.const 3  i32.lt_s  local.set $step  ;; 1, 1, 0
      i32.const 200  local.set $c
      loop $count_down
        local.get $c  local.get $step  i32.sub  local.tee $c
        br_if $count_down
      end
      local.get $c
      call $output                                              ;; 0, 0, not reached
      i32.const 2
      br_if $again
    end
  )
)
