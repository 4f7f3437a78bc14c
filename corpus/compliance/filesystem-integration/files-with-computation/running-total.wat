;;! category = "files-with-computation"
;;! about = "reads and writes in turns on one descriptor lose the shared cursor, or the total is not kept mod 256"
;;! outputs = [10, 11, 20, 31, 250, 25, 50, 0]
;;! files = { 1 = [10, 9, 20, 9, 250, 9] }
;;! after = { 1 = [10, 11, 20, 31, 250, 25, 50] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local i32 i32)
    ;; the file holds number, slot, number, slot, ...; each slot is overwritten with the total so far.
    ;; The total starts at what fd_open pushes: 1
    i32.const 1 call $fd_open local.set 0
    i32.const 1 call $fd_read local.get 0 i32.add local.tee 0
    i32.const 1 call $fd_write              ;; 1 + 10 = 11
    i32.const 1 call $fd_read local.get 0 i32.add local.tee 0
    i32.const 1 call $fd_write              ;; 11 + 20 = 31
    i32.const 1 call $fd_read local.get 0 i32.add local.tee 0
    i32.const 1 call $fd_write              ;; 31 + 250 is 25
    ;; twice the total behind the last slot: longer by one
    local.get 0 local.get 0 i32.add
    i32.const 1 call $fd_write              ;; 50
    i32.const 1 call $fd_open local.set 1
    i32.const 1 call $fd_read call $output  ;; 10
    i32.const 1 call $fd_read call $output  ;; 11
    i32.const 1 call $fd_read call $output  ;; 20
    i32.const 1 call $fd_read call $output  ;; 31
    i32.const 1 call $fd_read call $output  ;; 250
    i32.const 1 call $fd_read call $output  ;; 25
    i32.const 1 call $fd_read call $output  ;; 50
    i32.const 1 call $fd_read call $output  ;; 0: the end
  )
)
