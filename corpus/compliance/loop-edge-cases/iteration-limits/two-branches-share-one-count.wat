;;! category = "iteration-limits"
;;! about = "the limit counts iterations, not how often one br_if is taken: 128 + 128 branches lead to the 257th start, which traps"
;;! outputs = [9]
;;! trap = "loop-limit"
;;! after = { 0 = [255] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (func (export "main") (local $i i32) (local $fd i32)
    i32.const 9  call $output
    loop $forever
      i32.const 0  call $fd_open  local.set $fd  ;; back to the file's first byte
      local.get $i
      i32.const 0  call $fd_write                ;; iteration k leaves k - 1 there: 255 after the 256th
      local.get $i  i32.const 1  i32.add  local.tee $i
      i32.const 1  i32.and
      br_if $forever                             ;; taken in every other iteration
      i32.const 255
      br_if $forever                             ;; taken in the others
    end
    i32.const 77  call $output                   ;; never reached
  )
)
