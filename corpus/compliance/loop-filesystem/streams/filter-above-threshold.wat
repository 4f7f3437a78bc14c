;;! category = "streams"
;;! about = "a continue in the middle must skip the write behind it; after the loop the source's cursor stands just behind the last byte read"
;;! outputs = [5, 9, 222]
;;! files = { 0 = [10, 200, 101, 100, 99, 0, 150, 128, 255, 222] }
;;! after = { 1 = [200, 101, 150, 128, 255] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local $c i32) (local $seen i32) (local $kept i32)
    ;; keeps the bytes above 100, up to and including the mark 255
    i32.const 0  call $fd_open  local.set $c
    i32.const 1  call $fd_open  local.set $c
    loop $next
      local.get $seen  i32.const 1  i32.add  local.set $seen
      i32.const 0  call $fd_read  local.tee $c
      i32.const 100  i32.le_s
      br_if $next                  ;; 10, 100, 99, 0 are dropped
      local.get $c
      i32.const 1  call $fd_write
      local.get $kept  i32.const 1  i32.add  local.set $kept
      local.get $c  i32.const 255  i32.ne
      br_if $next
    end
    local.get $kept  call $output  ;; 5
    local.get $seen  call $output  ;; 9
    i32.const 0  call $fd_read
    call $output                   ;; 222, the first byte behind the mark
  )
)
