;;! about = "the start function runs before the function invoked, on the same memory and globals"
;;! results = [1207959552, 43]
;;! outputs = "S"
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (global $ready (mut i32) (i32.const 1))
  (data (i32.const 16) "\00\00\00H")

  (func $start
    i32.const 83  call $output
    global.get $ready  i32.const 42  i32.add  global.set $ready)
  (start $start)

  (func (export "main") (result i32 i32)
    i32.const 16  i32.load
    global.get $ready))
