;;! category = "writing"
;;! about = "a write appends, inserts or truncates instead of overwriting, or does not share its cursor with reads"
;;! outputs = [1, 2, 4, 0, 1, 2, 30, 4, 50, 60, 0, 2, 11]
;;! files = { 1 = [1, 2, 3, 4, 5] }
;;! after = { 1 = [11, 2, 30, 4, 50, 60] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local i32)
    i32.const 1 call $fd_open local.set 0
    i32.const 1 call $fd_read call $output  ;; 1
    i32.const 1 call $fd_read call $output  ;; 2
    i32.const 30 i32.const 1 call $fd_write ;; over the 3
    i32.const 1 call $fd_read call $output  ;; 4
    i32.const 50 i32.const 1 call $fd_write ;; over the 5
    i32.const 60 i32.const 1 call $fd_write ;; at the end: longer by one
    i32.const 1 call $fd_read call $output  ;; 0: the end
    i32.const 1 call $fd_open local.set 0
    i32.const 1 call $fd_read call $output  ;; 1
    i32.const 1 call $fd_read call $output  ;; 2
    i32.const 1 call $fd_read call $output  ;; 30
    i32.const 1 call $fd_read call $output  ;; 4
    i32.const 1 call $fd_read call $output  ;; 50
    i32.const 1 call $fd_read call $output  ;; 60
    i32.const 1 call $fd_read call $output  ;; 0: the end
    ;; a write right after opening neither truncates nor appends
    i32.const 1 call $fd_open local.set 0
    i32.const 11 i32.const 1 call $fd_write ;; over the 1
    i32.const 1 call $fd_read call $output  ;; 2
    i32.const 1 call $fd_open local.set 0
    i32.const 1 call $fd_read call $output  ;; 11
  )
)
