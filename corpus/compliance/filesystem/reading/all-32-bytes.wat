;;! category = "reading"
;;! about = "the last bytes of a full file cannot be read, or the 33rd read is not the quiet 0 of any end"
;;! outputs = [3, 250, 14, 239, 25, 228, 36, 217, 47, 206, 58, 195, 69, 184, 80, 173, 91, 162, 102, 151, 113, 140, 124, 129, 135, 118, 146, 107, 157, 96, 168, 85, 0, 0, 3, 250]
;;! files = { 3 = [3, 250, 14, 239, 25, 228, 36, 217, 47, 206, 58, 195, 69, 184, 80, 173, 91, 162, 102, 151, 113, 140, 124, 129, 135, 118, 146, 107, 157, 96, 168, 85] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (func (export "main") (local i32)
    i32.const 3 call $fd_open local.set 0
    i32.const 3 call $fd_read call $output  ;; byte 0: 3
    i32.const 3 call $fd_read call $output  ;; byte 1: 250
    i32.const 3 call $fd_read call $output  ;; byte 2: 14
    i32.const 3 call $fd_read call $output  ;; byte 3: 239
    i32.const 3 call $fd_read call $output  ;; byte 4: 25
    i32.const 3 call $fd_read call $output  ;; byte 5: 228
    i32.const 3 call $fd_read call $output  ;; byte 6: 36
    i32.const 3 call $fd_read call $output  ;; byte 7: 217
    i32.const 3 call $fd_read call $output  ;; byte 8: 47
    i32.const 3 call $fd_read call $output  ;; byte 9: 206
    i32.const 3 call $fd_read call $output  ;; byte 10: 58
    i32.const 3 call $fd_read call $output  ;; byte 11: 195
    i32.const 3 call $fd_read call $output  ;; byte 12: 69
    i32.const 3 call $fd_read call $output  ;; byte 13: 184
    i32.const 3 call $fd_read call $output  ;; byte 14: 80
    i32.const 3 call $fd_read call $output  ;; byte 15: 173
    i32.const 3 call $fd_read call $output  ;; byte 16: 91
    i32.const 3 call $fd_read call $output  ;; byte 17: 162
    i32.const 3 call $fd_read call $output  ;; byte 18: 102
    i32.const 3 call $fd_read call $output  ;; byte 19: 151
    i32.const 3 call $fd_read call $output  ;; byte 20: 113
    i32.const 3 call $fd_read call $output  ;; byte 21: 140
    i32.const 3 call $fd_read call $output  ;; byte 22: 124
    i32.const 3 call $fd_read call $output  ;; byte 23: 129
    i32.const 3 call $fd_read call $output  ;; byte 24: 135
    i32.const 3 call $fd_read call $output  ;; byte 25: 118
    i32.const 3 call $fd_read call $output  ;; byte 26: 146
    i32.const 3 call $fd_read call $output  ;; byte 27: 107
    i32.const 3 call $fd_read call $output  ;; byte 28: 157
    i32.const 3 call $fd_read call $output  ;; byte 29: 96
    i32.const 3 call $fd_read call $output  ;; byte 30: 168
    i32.const 3 call $fd_read call $output  ;; byte 31: 85
    ;; the 33rd and 34th read: 0, and no trap
    i32.const 3 call $fd_read call $output  ;; 0
    i32.const 3 call $fd_read call $output  ;; 0
    ;; back to the beginning
    i32.const 3 call $fd_open local.set 0
    i32.const 3 call $fd_read call $output  ;; 3
    i32.const 3 call $fd_read call $output  ;; 250
  )
)
