;;! category = "counted"
;;! about = "a loop goes back only by a taken br_if: without one, or with a false one, its body runs exactly once and to its end"
;;! outputs = [11, 1, 22, 33, 1]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $n i32)
    loop                                   ;; no br_if at all: reaching `end` leaves the loop
      i32.const 11  call $output
    end
    loop $once
      local.get $n  i32.const 1  i32.add  local.tee $n
      call $output                         ;; 1
      local.get $n  i32.const 1  i32.lt_s  ;; 1 < 1 is false
      br_if $once
    end
    loop                                   ;; an empty loop is nothing
    end
    loop $never
      i32.const 22  call $output
      i32.const 0
      br_if $never                         ;; not taken: the body goes on behind it
      i32.const 33  call $output
    end
    local.get $n
    call $output                           ;; still 1
  )
)
