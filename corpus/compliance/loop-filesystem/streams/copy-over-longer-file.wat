;;! category = "streams"
;;! about = "copying until the 0 read at the end of the file; the longer target is overwritten in place, not cut, and keeps its own cursor"
;;! outputs = [6, 35]
;;! files = { 0 = "stream", 1 = "##########" }
;;! after = { 1 = [115, 116, 114, 101, 97, 109, 35, 35, 35, 35] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local $c i32) (local $n i32)
    i32.const 0  call $fd_open  local.set $c
    i32.const 1  call $fd_open  local.set $c
    i32.const 0  call $fd_read  local.set $c
    loop $copy
      local.get $c
      i32.const 1  call $fd_write
      local.get $n  i32.const 1  i32.add  local.set $n
      i32.const 0  call $fd_read  local.tee $c
      br_if $copy  ;; the byte just read is the condition
    end
    local.get $n
    call $output   ;; 6 bytes
    i32.const 1  call $fd_read
    call $output   ;; what follows the six bytes written: "#" = 35
  )
)
