;;! category = "value-limits"
;;! about = "0 or 255 does not survive some place a value can be, or an operation that should leave it alone"
;;! outputs = [255, 0, 255, 255, 0, 255, 255, 0, 255, 255, 255, 255, 255, 0, 0, 0, 1, 0, 1]
;;! after = { 0 = [255, 0] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (memory 1)
  (func (export "main") (local i32)
    ;; a local, by set and tee
    i32.const 255 local.set 0 local.get 0 call $output      ;; 255
    i32.const 0 local.set 0 local.get 0 call $output        ;; 0
    i32.const 255 local.tee 0 call $output                  ;; 255
    ;; a cell, and both as its address
    i32.const 0 i32.const 255 i32.store
    i32.const 0 i32.load call $output                       ;; 255
    i32.const 0 i32.const 0 i32.store
    i32.const 0 i32.load call $output                       ;; 0
    i32.const 255 i32.const 255 i32.store
    i32.const 255 i32.load call $output                     ;; 255
    ;; a file
    i32.const 0 call $fd_open local.set 0
    i32.const 255 i32.const 0 call $fd_write
    i32.const 0 i32.const 0 call $fd_write
    i32.const 0 call $fd_open local.set 0
    i32.const 0 call $fd_read call $output                  ;; 255
    i32.const 0 call $fd_read call $output                  ;; 0
    ;; operations that leave 255 as it is
    i32.const 255 i32.const 0 i32.add call $output          ;; 255
    i32.const 255 i32.const 0 i32.sub call $output          ;; 255
    i32.const 255 i32.const 255 i32.and call $output        ;; 255
    i32.const 255 i32.const 0 i32.or call $output           ;; 255
    i32.const 255 i32.const 1 i32.mul call $output          ;; 255
    ;; operations that make it 0, and 0 - 255, which is 1
    i32.const 255 i32.const 0 i32.mul call $output          ;; 0
    i32.const 255 i32.const 0 i32.and call $output          ;; 0
    i32.const 255 i32.const 255 i32.sub call $output        ;; 0
    i32.const 0 i32.const 255 i32.sub call $output          ;; 1
    ;; 255 is the largest value, not -1
    i32.const 255 i32.const 0 i32.lt_s call $output         ;; 0
    i32.const 255 i32.const 0 i32.gt_s call $output         ;; 1
  )
)
