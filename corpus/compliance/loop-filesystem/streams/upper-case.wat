;;! category = "streams"
;;! about = "a range test by ge_s, le_s and and: a and z belong to it; their neighbours, and 225 and 250 (a and z plus 128), do not"
;;! outputs = [3]
;;! files = { 0 = [97, 122, 32, 65, 90, 96, 123, 64, 91, 57, 109, 126, 225, 250] }
;;! after = { 2 = [65, 90, 32, 65, 90, 96, 123, 64, 91, 57, 77, 126, 225, 250] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local $c i32) (local $lower i32) (local $changed i32)
    i32.const 0  call $fd_open  local.set $c
    i32.const 2  call $fd_open  local.set $c
    i32.const 0  call $fd_read  local.set $c
    loop $char
      local.get $c
      local.get $c  i32.const 97  i32.ge_s
      local.get $c  i32.const 122  i32.le_s
      i32.and  local.tee $lower
      i32.const 32  i32.mul  i32.sub  ;; minus 32 if lower case
      i32.const 2  call $fd_write
      local.get $changed  local.get $lower  i32.add  local.set $changed
      i32.const 0  call $fd_read  local.tee $c
      br_if $char
    end
    local.get $changed
    call $output
  )
)
