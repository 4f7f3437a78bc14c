;;! category = "reading"
;;! about = "a byte 0 is taken for the end of a file, or a read at the end does not give 0 or moves the cursor"
;;! outputs = [7, 0, 9, 0, 0, 0, 7, 0, 9, 5, 0, 0, 0, 8]
;;! files = { 1 = [7, 0, 9] }
;;! after = { 1 = [7, 0, 9, 5], 2 = [8] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local i32)
    i32.const 1 call $fd_open local.set 0
    i32.const 1 call $fd_read call $output  ;; 7
    i32.const 1 call $fd_read call $output  ;; 0: a byte of the file
    i32.const 1 call $fd_read call $output  ;; 9
    i32.const 1 call $fd_read call $output  ;; 0: the end
    i32.const 1 call $fd_read call $output  ;; 0: still the end
    ;; the cursor is still at 3, so this appends the fourth byte
    i32.const 5 i32.const 1 call $fd_write
    i32.const 1 call $fd_read call $output  ;; 0: the new end
    i32.const 1 call $fd_open local.set 0
    i32.const 1 call $fd_read call $output  ;; 7
    i32.const 1 call $fd_read call $output  ;; 0
    i32.const 1 call $fd_read call $output  ;; 9
    i32.const 1 call $fd_read call $output  ;; 5
    ;; the same with an empty file, where the end is the beginning
    i32.const 2 call $fd_open local.set 0
    i32.const 2 call $fd_read call $output  ;; 0
    i32.const 2 call $fd_read call $output  ;; 0
    i32.const 8 i32.const 2 call $fd_write
    i32.const 2 call $fd_read call $output  ;; 0
    i32.const 2 call $fd_open local.set 0
    i32.const 2 call $fd_read call $output  ;; 8
  )
)
