;;! about = "memory.copy of overlapping bytes, both ways, in words and bytes"
;;! outputs = "abcabcdefghijklmnopq|abcghijklmnopqopqrstrst"
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (data (i32.const 100) "abcdefghijklmnopqrst")
  (data (i32.const 200) "abcdefghijklmnopqrst")
  (func $show (param $at i32) (param $end i32)
    (loop $next
      (call $output (i32.load8_u (local.get $at)))
      (br_if $next (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end)))))
  (func (export "main")
    (memory.copy (i32.const 103) (i32.const 100) (i32.const 17))
    (call $show (i32.const 100) (i32.const 120))
    (call $output (i32.const 0x7c))
    (memory.copy (i32.const 197) (i32.const 200) (i32.const 20))
    (memory.copy (i32.const 200) (i32.const 203) (i32.const 11))
    (call $show (i32.const 197) (i32.const 220))))
