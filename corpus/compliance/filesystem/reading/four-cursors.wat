;;! category = "reading"
;;! about = "the descriptors share a cursor or contents, or (re)opening or closing one moves another"
;;! outputs = [2, 0, 3, 1, 200, 1, 201, 65, 255, 0, 2, 2, 200, 3, 66, 0, 201, 202, 65, 0, 0, 203]
;;! files = { 0 = [1, 2, 3], 1 = "AB", 2 = [200, 201, 202, 203], 3 = [255] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_close" (func $fd_close (param i32)))
  (func (export "main") (local i32)
    ;; all four open at once; what fd_open pushes is the descriptor
    i32.const 2 call $fd_open call $output  ;; 2
    i32.const 0 call $fd_open call $output  ;; 0
    i32.const 3 call $fd_open call $output  ;; 3
    i32.const 1 call $fd_open call $output  ;; 1
    ;; interleaved reads
    i32.const 2 call $fd_read call $output  ;; 200
    i32.const 0 call $fd_read call $output  ;; 1
    i32.const 2 call $fd_read call $output  ;; 201
    i32.const 1 call $fd_read call $output  ;; 65
    i32.const 3 call $fd_read call $output  ;; 255
    i32.const 3 call $fd_read call $output  ;; 0: file 3 has one byte
    i32.const 0 call $fd_read call $output  ;; 2
    ;; reopening 2 resets 2 only
    i32.const 2 call $fd_open call $output  ;; 2
    i32.const 2 call $fd_read call $output  ;; 200
    i32.const 0 call $fd_read call $output  ;; 3
    i32.const 1 call $fd_read call $output  ;; 66
    i32.const 0 call $fd_read call $output  ;; 0: the end of file 0
    i32.const 2 call $fd_read call $output  ;; 201
    ;; closing and opening 1 resets 1 only
    i32.const 1 call $fd_close
    i32.const 2 call $fd_read call $output  ;; 202
    i32.const 1 call $fd_open local.set 0
    i32.const 1 call $fd_read call $output  ;; 65
    i32.const 0 call $fd_read call $output  ;; 0: still the end
    i32.const 3 call $fd_read call $output  ;; 0: still the end
    i32.const 2 call $fd_read call $output  ;; 203
  )
)
