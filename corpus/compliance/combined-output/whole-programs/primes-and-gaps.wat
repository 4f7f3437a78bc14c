;;! category = "whole-programs"
;;! about = "the sieve of Eratosthenes below 50: memory, a conditional continue, a file written and read back, then differences of neighbours"
;;! outputs = [15, 1, 2, 2, 4, 2, 4, 2, 4, 6, 2, 6, 4, 2, 4]
;;! after = { 3 = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (memory 1)
  (func (export "main") (local $n i32) (local $m i32) (local $count i32) (local $previous i32)
    i32.const 3  call $fd_open  local.set $n
    i32.const 1  local.set $n
    loop $next
      local.get $n  i32.const 1  i32.add  local.tee $n
      i32.load                              ;; cell n is 1 if n is composite
      br_if $next
      local.get $n
      i32.const 3  call $fd_write
      local.get $count  i32.const 1  i32.add  local.set $count
      local.get $n  local.set $m
      loop $mark                            ;; 2n, 3n, ... up to the first beyond 46
        local.get $m  local.get $n  i32.add  local.tee $m
        i32.const 1
        i32.store
        local.get $m  i32.const 47  i32.lt_s
        br_if $mark
      end
      local.get $n  i32.const 47  i32.lt_s  ;; 47 is the last prime below 50
      br_if $next
    end
    local.get $count
    call $output                            ;; 15
    i32.const 3  call $fd_open  local.set $previous
    i32.const 3  call $fd_read  local.set $previous
    i32.const 3  call $fd_read  local.set $n
    loop $gap
      local.get $n  local.get $previous  i32.sub
      call $output
      local.get $n  local.set $previous
      i32.const 3  call $fd_read  local.tee $n
      br_if $gap
    end
  )
)
