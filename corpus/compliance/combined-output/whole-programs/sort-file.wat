;;! category = "whole-programs"
;;! about = "file to memory, insertion sort with a sentinel, memory to another file: a wrong shift, compare or address spoils the order or the count of shifts"
;;! outputs = [10, 28, 1, 255]
;;! files = { 0 = [200, 17, 99, 255, 1, 128, 99, 127, 64, 3] }
;;! after = { 1 = [1, 3, 17, 64, 99, 99, 127, 128, 200, 255] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (memory 1)
  (func (export "main") (local $c i32) (local $n i32) (local $i i32) (local $j i32) (local $key i32) (local $left i32) (local $more i32) (local $shifts i32)
    i32.const 0  call $fd_open  local.set $c
    i32.const 1  call $fd_open  local.set $c
    ;; the bytes go to cells 1 .. n; cell 0 stays 0 and is the sentinel
    loop $load
      local.get $n  i32.const 1  i32.add
      i32.const 0  call $fd_read  local.tee $c
      i32.store
      local.get $n  local.get $c  i32.const 0  i32.ne  i32.add  local.set $n
      local.get $c
      br_if $load
    end
    local.get $n
    call $output   ;; 10
    i32.const 1  local.set $i
    loop $insert   ;; i = 2 .. n
      local.get $i  i32.const 1  i32.add  local.tee $i
      local.set $j
      local.get $j  i32.load  local.set $key
      loop $shift
        local.get $j  i32.const 1  i32.sub  i32.load  local.set $left
        local.get $left  local.get $key  i32.gt_s  local.set $more
        local.get $j
        local.get $left  local.get $key  i32.sub  local.get $more  i32.mul  local.get $key  i32.add
        i32.store  ;; the left neighbour if it is greater, otherwise the key
        local.get $shifts  local.get $more  i32.add  local.set $shifts
        local.get $j  local.get $more  i32.sub  local.set $j
        local.get $more
        br_if $shift
      end
      local.get $i  local.get $n  i32.lt_s
      br_if $insert
    end
    ;; greater bytes before each: 0 + 1 + 1 + 0 + 4 + 2 + 3 + 3 + 6 + 8
    local.get $shifts
    call $output   ;; 28
    i32.const 0  local.set $i
    loop $save
      local.get $i  i32.const 1  i32.add  local.tee $i
      i32.load
      i32.const 1  call $fd_write
      local.get $i  local.get $n  i32.lt_s
      br_if $save
    end
    i32.const 1  i32.load
    call $output   ;; the least, 1
    local.get $n  i32.load
    call $output   ;; the greatest, 255
  )
)
