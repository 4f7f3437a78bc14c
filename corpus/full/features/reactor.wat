;;! about = "a reactor's _initialize runs after the start function and before what is invoked"
;;! invoke = "answer"
;;! results = [42]
(module
  (global $ready (mut i32) (i32.const 0))
  (func $begin (global.set $ready (i32.const 6)))
  (start $begin)
  (func (export "_initialize") (global.set $ready (i32.mul (global.get $ready) (i32.const 7))))
  (func (export "answer") (result i32) (global.get $ready)))
