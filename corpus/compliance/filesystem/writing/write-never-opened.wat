;;! category = "writing"
;;! about = "a write to a descriptor that was never opened goes through, or fd_write swaps its byte and its descriptor"
;;! outputs = [3]
;;! trap = "closed-descriptor"
;;! files = { 3 = [5] }
;;! after = { 1 = [3] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main")
    ;; 0, 1 and 2 are opened; their sum on the stack is 3, but that opens nothing
    i32.const 0 call $fd_open
    i32.const 1 call $fd_open
    i32.const 2 call $fd_open
    i32.add i32.add
    call $output                            ;; 3
    i32.const 3 i32.const 1 call $fd_write  ;; byte 3 to descriptor 1: fine
    i32.const 1 i32.const 3 call $fd_write  ;; byte 1 to descriptor 3: traps
    i32.const 99 call $output               ;; never reached
  )
)
