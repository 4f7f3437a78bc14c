;;! category = "files-with-computation"
;;! about = "bytes read from two files mix up on their way through arithmetic and comparison into two others"
;;! outputs = [5, 7, 100, 200, 9, 9, 0, 255]
;;! files = { 0 = [5, 200, 9, 0], 1 = [7, 100, 9, 255] }
;;! after = { 2 = [5, 100, 9, 0], 3 = [7, 200, 9, 255] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local i32 i32 i32 i32)
    ;; for each pair a, b out of files 0 and 1: with less = (a < b),
    ;; min = less * a + (1 - less) * b goes to file 2 and max = a + b - min to file 3
    i32.const 0 call $fd_open local.set 0
    i32.const 1 call $fd_open local.set 0
    i32.const 2 call $fd_open local.set 0
    i32.const 3 call $fd_open local.set 0
    ;; 5, 7: less
    i32.const 0 call $fd_read local.set 0
    i32.const 1 call $fd_read local.set 1
    local.get 0 local.get 1 i32.lt_s local.tee 2
    local.get 0 i32.mul
    i32.const 1 local.get 2 i32.sub local.get 1 i32.mul
    i32.add local.tee 3
    i32.const 2 call $fd_write
    local.get 0 local.get 1 i32.add local.get 3 i32.sub
    i32.const 3 call $fd_write
    ;; 200, 100: the sum wraps to 44, and 44 - 100 is 200 again
    i32.const 0 call $fd_read local.set 0
    i32.const 1 call $fd_read local.set 1
    local.get 0 local.get 1 i32.lt_s local.tee 2
    local.get 0 i32.mul
    i32.const 1 local.get 2 i32.sub local.get 1 i32.mul
    i32.add local.tee 3
    i32.const 2 call $fd_write
    local.get 0 local.get 1 i32.add local.get 3 i32.sub
    i32.const 3 call $fd_write
    ;; 9, 9: equal is not less
    i32.const 0 call $fd_read local.set 0
    i32.const 1 call $fd_read local.set 1
    local.get 0 local.get 1 i32.lt_s local.tee 2
    local.get 0 i32.mul
    i32.const 1 local.get 2 i32.sub local.get 1 i32.mul
    i32.add local.tee 3
    i32.const 2 call $fd_write
    local.get 0 local.get 1 i32.add local.get 3 i32.sub
    i32.const 3 call $fd_write
    ;; 0, 255: the widest pair
    i32.const 0 call $fd_read local.set 0
    i32.const 1 call $fd_read local.set 1
    local.get 0 local.get 1 i32.lt_s local.tee 2
    local.get 0 i32.mul
    i32.const 1 local.get 2 i32.sub local.get 1 i32.mul
    i32.add local.tee 3
    i32.const 2 call $fd_write
    local.get 0 local.get 1 i32.add local.get 3 i32.sub
    i32.const 3 call $fd_write
    ;; read the results back
    i32.const 2 call $fd_open local.set 0
    i32.const 3 call $fd_open local.set 0
    i32.const 2 call $fd_read call $output  ;; 5
    i32.const 3 call $fd_read call $output  ;; 7
    i32.const 2 call $fd_read call $output  ;; 100
    i32.const 3 call $fd_read call $output  ;; 200
    i32.const 2 call $fd_read call $output  ;; 9
    i32.const 3 call $fd_read call $output  ;; 9
    i32.const 2 call $fd_read call $output  ;; 0
    i32.const 3 call $fd_read call $output  ;; 255
  )
)
