;;! about = "memory.init of a part of a passive segment; one that is dropped has only its empty part"
;;! outputs = "lo, wor"
;;! results = [0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (data $active (i32.const 0) "active")
  (data $greeting "hello, world")
  (func (export "main") (result i32) (local $at i32)
    (memory.init $greeting (i32.const 20) (i32.const 3) (i32.const 7))
    (data.drop $greeting)
    (data.drop $active)
    (memory.init $greeting (i32.const 20) (i32.const 0) (i32.const 0))
    (memory.init $active (i32.const 20) (i32.const 0) (i32.const 0))
    (local.set $at (i32.const 20))
    (loop $next
      (call $output (i32.load8_u (local.get $at)))
      (br_if $next (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 27))))
    (i32.load8_u (i32.const 27))))
