;;! category = "stack-depth"
;;! about = "store or fd_write leaves the depth off by one or takes its two operands from the wrong place"
;;! outputs = [13, 2, 9, 77, 91, 64, 128, 3, 240, 17, 100, 60, 222, 33, 0, 0, 0]
;;! after = { 1 = [130, 45, 6, 200] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (memory 1)
  (func (export "main") (local i32)
    i32.const 1 call $fd_open local.set 0
    i32.const 17 i32.const 240 i32.const 3 i32.const 128 i32.const 64 i32.const 255 i32.const 0 i32.const 91
    i32.const 200 i32.const 6 i32.const 150 i32.const 33 i32.const 1 i32.const 222 i32.const 77 i32.const 45
    i32.const 9 i32.const 180 i32.const 60 i32.const 2 i32.const 130 i32.const 13 i32.const 251 i32.const 100
    ;; from the top down
    i32.store                               ;; cell 251 = 100
    call $output                            ;; 13
    i32.const 1 call $fd_write              ;; byte 130
    call $output                            ;; 2
    i32.store                               ;; cell 180 = 60
    call $output                            ;; 9
    i32.const 1 call $fd_write              ;; byte 45
    call $output                            ;; 77
    ;; several in a row
    i32.store                               ;; cell 1 = 222
    i32.store                               ;; cell 150 = 33
    i32.const 1 call $fd_write              ;; byte 6
    i32.const 1 call $fd_write              ;; byte 200
    call $output                            ;; 91
    i32.store                               ;; cell 255 = 0
    call $output call $output call $output call $output call $output   ;; 64 128 3 240 17
    ;; what was stored
    i32.const 251 i32.load call $output     ;; 100
    i32.const 180 i32.load call $output     ;; 60
    i32.const 1 i32.load call $output       ;; 222
    i32.const 150 i32.load call $output     ;; 33
    i32.const 255 i32.load call $output     ;; 0
    ;; the written bytes were no addresses
    i32.const 130 i32.load call $output     ;; 0
    i32.const 6 i32.load call $output       ;; 0
  )
)
