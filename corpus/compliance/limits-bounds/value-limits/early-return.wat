;;! category = "value-limits"
;;! about = "return does not end the run at once: inside a loop, with two values on the stack, before more code"
;;! outputs = [3, 2, 1]
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local i32)
    i32.const 0 call $fd_open local.set 0
    i32.const 3 local.set 0
    loop
      local.get 0 call $output              ;; 3, 2, 1
      local.get 0 i32.const 1 i32.sub local.tee 0
      br_if 0
      ;; the countdown is at 0
      i32.const 5 i32.const 6
      return
      call $output call $output             ;; never reached, like all that follows
    end
    i32.const 7 i32.const 0 call $fd_write
    i32.const 8 call $output
  )
)
