;;! about = "memory.fill writes the low byte, in words and bytes, and nothing beside them"
;;! results = [0, 0, 11, 1111638594]
(module
  (memory 1)
  (func (export "main") (result i32 i32 i32 i32) (local $count i32) (local $at i32)
    (memory.fill (i32.const 5) (i32.const 0x142) (i32.const 11))
    (local.set $at (i32.const 5))
    (loop $next
      (local.set $count (i32.add (local.get $count) (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x42))))
      (br_if $next (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 32))))
    (i32.load8_u (i32.const 4))
    (i32.load8_u (i32.const 16))
    (local.get $count)
    (i32.load (i32.const 8))))
