;;! category = "streams"
;;! about = "two files read in step into a third: the shorter one goes on giving 0, and a 0 written (255 xor 255) does not end the loop"
;;! outputs = [7]
;;! files = { 0 = [90, 15, 255, 170, 1], 1 = [60, 240, 255, 85, 129, 7, 200] }
;;! after = { 2 = [102, 255, 0, 255, 128, 7, 200] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local $a i32) (local $b i32) (local $both i32) (local $n i32)
    i32.const 0  call $fd_open  local.set $a
    i32.const 1  call $fd_open  local.set $a
    i32.const 2  call $fd_open  local.set $a
    i32.const 0  call $fd_read  local.set $a
    i32.const 1  call $fd_read  local.set $b
    loop $merge
      ;; a xor b = a + b - 2 (a and b)
      local.get $a  local.get $b  i32.add
      local.get $a  local.get $b  i32.and  local.tee $both
      i32.sub
      local.get $both
      i32.sub
      i32.const 2  call $fd_write
      local.get $n  i32.const 1  i32.add  local.set $n
      i32.const 0  call $fd_read  local.set $a
      i32.const 1  call $fd_read  local.set $b
      local.get $a  local.get $b  i32.or
      br_if $merge  ;; until both are 0; true here: 255, 255, 255, 129, 7, 200
    end
    local.get $n
    call $output
  )
)
