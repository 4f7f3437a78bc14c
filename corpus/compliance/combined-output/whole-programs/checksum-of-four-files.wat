;;! category = "whole-programs"
;;! about = "a two-byte Fletcher-style checksum through four files in turn, one of them empty, appended where each cursor stands"
;;! outputs = [254, 254, 248, 77, 246]
;;! files = { 0 = "check", 2 = [255, 1, 128, 128, 250], 3 = "sum" }
;;! after = { 1 = [246], 3 = [115, 117, 109, 77, 246] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local $c i32) (local $low i32) (local $high i32)
    ;; low: the sum of the bytes; high: the sum of all values low has had
    i32.const 0  call $fd_open  local.set $c
    i32.const 1  call $fd_open  local.set $c
    i32.const 2  call $fd_open  local.set $c
    i32.const 3  call $fd_open  local.set $c
    loop $file0                  ;; the 0 at the end changes neither sum
      local.get $low
      i32.const 0  call $fd_read  local.tee $c
      i32.add  local.set $low
      local.get $high
      local.get $low  local.get $c  i32.const 0  i32.ne  i32.mul
      i32.add  local.set $high
      local.get $c
      br_if $file0
    end
    local.get $low
    call $output                 ;; 510 mod 256 = 254
    loop $file1                  ;; empty: one iteration
      local.get $low
      i32.const 1  call $fd_read  local.tee $c
      i32.add  local.set $low
      local.get $high
      local.get $low  local.get $c  i32.const 0  i32.ne  i32.mul
      i32.add  local.set $high
      local.get $c
      br_if $file1
    end
    local.get $low
    call $output                 ;; 254
    loop $file2
      local.get $low
      i32.const 2  call $fd_read  local.tee $c
      i32.add  local.set $low
      local.get $high
      local.get $low  local.get $c  i32.const 0  i32.ne  i32.mul
      i32.add  local.set $high
      local.get $c
      br_if $file2
    end
    local.get $low
    call $output                 ;; 510 + 762 = 1272, mod 256 = 248
    loop $file3
      local.get $low
      i32.const 3  call $fd_read  local.tee $c
      i32.add  local.set $low
      local.get $high
      local.get $low  local.get $c  i32.const 0  i32.ne  i32.mul
      i32.add  local.set $high
      local.get $c
      br_if $file3
    end
    local.get $low
    call $output                 ;; 1272 + 341 = 1613, mod 256 = 77
    ;; the 13 bytes weigh 13, 12, ... 1 in high: 10742 = 41*256 + 246
    local.get $high
    call $output
    local.get $low
    i32.const 3  call $fd_write  ;; behind "sum"
    local.get $high
    i32.const 3  call $fd_write
    local.get $high
    i32.const 1  call $fd_write  ;; the first byte of the empty file
  )
)
