;;! category = "less-than"
;;! about = "a loop bounded by lt_s or le_s runs once too often or too seldom, or a bound at 0 or 255 is taken as signed"
;;! outputs = [1, 2, 3, 1, 2, 3, 4, 0, 255, 77]
;;! trap = "loop-limit"
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32)
    ;; exclusive bound
    i32.const 1 local.set $i
    loop $below
      local.get $i call $output                   ;; 1 2 3
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 4 i32.lt_s
      br_if $below
    end
    ;; inclusive bound
    i32.const 1 local.set $i
    loop $upto
      local.get $i call $output                   ;; 1 2 3 4
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 4 i32.le_s
      br_if $upto
    end
    ;; nothing is below 0: 0-1 is 255, so the body runs once
    i32.const 0 local.set $i
    loop $never
      local.get $i call $output                   ;; 0
      local.get $i i32.const 1 i32.sub local.tee $i
      i32.const 0 i32.lt_s
      br_if $never
    end
    ;; below 255: 255 iterations from 0, within the limit of 256
    i32.const 0 local.set $i
    loop $climb
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 255 i32.lt_s
      br_if $climb
    end
    local.get $i call $output                     ;; 255
    ;; up to 255: every byte is, so the counter wraps and the loop never ends by itself
    i32.const 77 call $output
    loop $forever
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 255 i32.le_s
      br_if $forever
    end
    i32.const 88 call $output                     ;; not reached
  )
)
