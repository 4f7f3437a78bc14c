;;! category = "whole-programs"
;;! about = "an interpreter of postfix arithmetic over a file: decoding by comparisons, an operand stack in memory, printing by conditional continue"
;;! outputs = [14, 217, 88, 0]
;;! files = { 0 = "34+2*=99*9*=82345*+-*.7=" }
;;! after = { 1 = [14, 217, 88] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (memory 1)
  (func (export "main") (local $c i32) (local $digit i32) (local $op i32) (local $sp i32) (local $x i32) (local $y i32)
    ;; digits push; + - * combine the two top items; = pops and prints; . does so and stops
    ;; item k of the stack is in cell 100 + k
    i32.const 0  call $fd_open  local.set $c
    i32.const 1  call $fd_open  local.set $c
    loop $next
      i32.const 0  call $fd_read  local.set $c
      local.get $c  i32.const 48  i32.ge_s
      local.get $c  i32.const 57  i32.le_s
      i32.and  local.set $digit
      local.get $c  i32.const 43  i32.eq
      local.get $c  i32.const 45  i32.eq  i32.or
      local.get $c  i32.const 42  i32.eq  i32.or  local.set $op
      local.get $sp  i32.load offset=100  local.set $y  ;; top item
      local.get $sp  i32.load offset=99  local.set $x   ;; the one below
      ;; the new top: a sum of five terms, of which only one is not multiplied by 0
      local.get $c  i32.const 48  i32.sub  local.get $digit  i32.mul
      local.get $x  local.get $y  i32.add  local.get $c  i32.const 43  i32.eq  i32.mul  i32.add
      local.get $x  local.get $y  i32.sub  local.get $c  i32.const 45  i32.eq  i32.mul  i32.add
      local.get $x  local.get $y  i32.mul  local.get $c  i32.const 42  i32.eq  i32.mul  i32.add
      local.get $y  local.get $digit  local.get $op  i32.or  i32.const 0  i32.eq  i32.mul  i32.add
      local.set $x
      local.get $sp  local.get $digit  i32.add  local.get $op  i32.sub  local.tee $sp
      local.get $x
      i32.store offset=100
      local.get $c  i32.const 61  i32.ne
      local.get $c  i32.const 46  i32.ne
      i32.and
      br_if $next                                       ;; neither = nor .
      local.get $x
      call $output                                      ;; (3+4)*2 = 14; 9*9*9 = 729 = 217; 8*(2-(3+4*5)) = -168 = 88
      local.get $x
      i32.const 1  call $fd_write
      local.get $sp  i32.const 1  i32.sub  local.set $sp
      local.get $c  i32.const 46  i32.ne
      br_if $next
    end
    local.get $sp
    call $output                                        ;; the stack is empty again
  )
)
