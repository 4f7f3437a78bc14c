;;! category = "regressions"
;;! about = "the inner loop is left by a branch to the outer one again and again; each new entry of it starts counting at its first iteration"
;;! outputs = [0]
;; Counts the outer loop from 200 down; the inner loop never comes to its own end. Resetting a loop's count only at
;; its end would trap here: entering it anew must reset it.
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $n i32)
    i32.const 200
    local.set $n
    loop $outer
      loop $inner
        local.get $n
        i32.const 1
        i32.sub
        local.tee $n
        br_if $outer
      end
    end
    local.get $n
    call $output))
