;;! category = "writing"
;;! about = "the limit of 32 is off by one, or goes by the length of the file instead of the cursor"
;;! outputs = [66, 0]
;;! trap = "file-full"
;;! files = { 2 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345" }
;;! after = { 0 = [101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132], 2 = "aBCDEFGHIJKLMNOPQRSTUVWXYZ012345" }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local i32)
    ;; file 2 is full already, yet overwriting its first byte is fine
    i32.const 2 call $fd_open local.set 0
    i32.const 97 i32.const 2 call $fd_write
    i32.const 2 call $fd_read call $output  ;; 66
    ;; 32 bytes, 101 to 132, into the empty file 0
    i32.const 0 call $fd_open local.set 0
    i32.const 101 i32.const 0 call $fd_write
    i32.const 102 i32.const 0 call $fd_write
    i32.const 103 i32.const 0 call $fd_write
    i32.const 104 i32.const 0 call $fd_write
    i32.const 105 i32.const 0 call $fd_write
    i32.const 106 i32.const 0 call $fd_write
    i32.const 107 i32.const 0 call $fd_write
    i32.const 108 i32.const 0 call $fd_write
    i32.const 109 i32.const 0 call $fd_write
    i32.const 110 i32.const 0 call $fd_write
    i32.const 111 i32.const 0 call $fd_write
    i32.const 112 i32.const 0 call $fd_write
    i32.const 113 i32.const 0 call $fd_write
    i32.const 114 i32.const 0 call $fd_write
    i32.const 115 i32.const 0 call $fd_write
    i32.const 116 i32.const 0 call $fd_write
    i32.const 117 i32.const 0 call $fd_write
    i32.const 118 i32.const 0 call $fd_write
    i32.const 119 i32.const 0 call $fd_write
    i32.const 120 i32.const 0 call $fd_write
    i32.const 121 i32.const 0 call $fd_write
    i32.const 122 i32.const 0 call $fd_write
    i32.const 123 i32.const 0 call $fd_write
    i32.const 124 i32.const 0 call $fd_write
    i32.const 125 i32.const 0 call $fd_write
    i32.const 126 i32.const 0 call $fd_write
    i32.const 127 i32.const 0 call $fd_write
    i32.const 128 i32.const 0 call $fd_write
    i32.const 129 i32.const 0 call $fd_write
    i32.const 130 i32.const 0 call $fd_write
    i32.const 131 i32.const 0 call $fd_write
    i32.const 132 i32.const 0 call $fd_write
    i32.const 0 call $fd_read call $output  ;; 0: a read at cursor 32 does not trap
    i32.const 133 i32.const 0 call $fd_write    ;; traps
    i32.const 1 call $output                ;; never reached
  )
)
