;;! category = "value-limits"
;;! about = "call $halt does not end the run at once, undoes what came before, or is taken for a trap"
;;! outputs = [10, 20]
;;! after = { 0 = [1] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "host" "halt" (func $halt))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local i32)
    i32.const 0 call $fd_open local.set 0
    i32.const 1 i32.const 0 call $fd_write  ;; stays
    i32.const 10 call $output               ;; 10
    i32.const 20 call $output               ;; 20
    i32.const 30                            ;; left on the stack
    call $halt
    ;; none of this may happen: an output, a write, a read of a closed descriptor
    call $output
    i32.const 2 i32.const 0 call $fd_write
    i32.const 3 call $fd_read call $output
  )
)
