;;! category = "streams"
;;! about = "a full file of 32 bytes read to its end and, reopened, overwritten from its start: the 32nd write is allowed, the file does not grow"
;;! outputs = [32, 0]
;;! files = { 0 = "abcdefghijklmnopqrstuvwxyz012345" }
;;! after = { 0 = [53, 52, 51, 50, 49, 48, 122, 121, 120, 119, 118, 117, 116, 115, 114, 113, 112, 111, 110, 109, 108, 107, 106, 105, 104, 103, 102, 101, 100, 99, 98, 97] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (memory 1)
  (func (export "main") (local $c i32) (local $n i32)
    i32.const 0  call $fd_open  local.set $c
    loop $load                                ;; also stores the 0 of the end, in cell 32
      local.get $n
      i32.const 0  call $fd_read  local.tee $c
      i32.store
      local.get $n  local.get $c  i32.const 0  i32.ne  i32.add  local.set $n
      local.get $c
      br_if $load
    end
    local.get $n
    call $output                              ;; 32
    i32.const 0  call $fd_open  local.set $c  ;; back to the start
    loop $write
      local.get $n  i32.const 1  i32.sub  local.tee $n
      i32.load
      i32.const 0  call $fd_write
      local.get $n
      br_if $write
    end
    i32.const 0  call $fd_read
    call $output                              ;; the cursor is at the end: 0
  )
)
