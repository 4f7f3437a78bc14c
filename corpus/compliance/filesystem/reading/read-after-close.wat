;;! category = "reading"
;;! about = "closing is ignored, an open of another descriptor opens this one, or a close of a closed one traps"
;;! outputs = [104, 104, 105, 1]
;;! trap = "closed-descriptor"
;;! files = { 0 = "hi" }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_close" (func $fd_close (param i32)))
  (func (export "main") (local i32)
    i32.const 0 call $fd_close              ;; never opened: fine
    i32.const 0 call $fd_open local.set 0
    i32.const 0 call $fd_read call $output  ;; 104
    i32.const 0 call $fd_close
    i32.const 0 call $fd_close              ;; a second time: fine
    ;; opened anew: from the beginning, with its contents
    i32.const 0 call $fd_open local.set 0
    i32.const 0 call $fd_read call $output  ;; 104
    i32.const 0 call $fd_read call $output  ;; 105
    i32.const 0 call $fd_close
    i32.const 1 call $fd_open call $output  ;; 1: opens another descriptor only
    i32.const 0 call $fd_read               ;; traps: 0 is closed
    call $output                            ;; never reached
  )
)
