;;! category = "counted"
;;! about = "br_if to one loop from its beginning, middle and end: each skips just the rest of the body, and a br_if not taken skips nothing"
;;! outputs = [2, 6, 10, 14, 7]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $n i32) (local $evens i32)
    loop $next
      local.get $n  i32.const 1  i32.add  local.tee $n
      i32.const 1  i32.and
      br_if $next   ;; odd: continue at once
      local.get $evens  i32.const 1  i32.add  local.set $evens
      local.get $n  i32.const 2  i32.and  i32.const 0  i32.eq
      br_if $next   ;; 4, 8, 12: counted, but not shown
      local.get $n
      call $output  ;; 2 6 10 14
      local.get $n  i32.const 14  i32.lt_s
      br_if $next   ;; 14 is neither odd nor a multiple of 4, so the end is reached
    end
    local.get $evens
    call $output    ;; 2 4 6 8 10 12 14: seven
  )
)
