;;! category = "iteration-limits"
;;! about = "the outer loop traps at its own 257th iteration, however it is continued; the inner one, 512 iterations in 256 entries, never does"
;;! outputs = [254, 255, 250, 251, 252, 253]
;;! trap = "loop-limit"
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $n i32) (local $flip i32)
    ;; outer iteration k makes n = 253 + k mod 256; shown if at least 250:
    ;; k = 1, 2 (254, 255) and k = 253 .. 256 (250 .. 253), but not k = 257 (254)
    i32.const 253  local.set $n
    loop $outer
      loop $inner
        i32.const 1  local.get $flip  i32.sub  local.tee $flip
        br_if $inner  ;; flip = 1, then 0: two iterations in each entry
        local.get $n  i32.const 1  i32.add  local.tee $n
        i32.const 250  i32.lt_s
        br_if $outer  ;; continue the outer loop from inside the inner one
      end
      local.get $n
      call $output
      i32.const 1
      br_if $outer
    end
  )
)
