;;! category = "writing"
;;! about = "written bytes are lost, reach the wrong file, or disappear when the descriptor is closed or reopened"
;;! outputs = [10, 0, 77, 255, 0, 0, 10]
;;! after = { 0 = [10, 0, 255], 2 = [77] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (import "fs" "fd_close" (func $fd_close (param i32)))
  (func (export "main") (local i32)
    ;; two empty files, written in turns; the bytes 0 and 255 among them
    i32.const 0 call $fd_open local.set 0
    i32.const 2 call $fd_open local.set 0
    i32.const 10 i32.const 0 call $fd_write
    i32.const 77 i32.const 2 call $fd_write
    i32.const 0 i32.const 0 call $fd_write
    i32.const 255 i32.const 0 call $fd_write
    ;; read back
    i32.const 0 call $fd_open local.set 0
    i32.const 0 call $fd_read call $output  ;; 10
    i32.const 0 call $fd_read call $output  ;; 0
    i32.const 2 call $fd_open local.set 0
    i32.const 2 call $fd_read call $output  ;; 77
    i32.const 0 call $fd_read call $output  ;; 255
    i32.const 0 call $fd_read call $output  ;; 0: the end
    i32.const 2 call $fd_read call $output  ;; 0: the end
    ;; closing keeps the contents
    i32.const 0 call $fd_close
    i32.const 0 call $fd_open local.set 0
    i32.const 0 call $fd_read call $output  ;; 10
  )
)
