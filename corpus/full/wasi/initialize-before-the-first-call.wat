;;! category = "wasi"
;;! about = "a reactor's _initialize runs before another export is called"
;;! invoke = "answer"
;;! results = [42]
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $ready (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $ready (i32.const 1)))
  (func (export "answer") (result i32) (select (i32.const 42) (i32.const -1) (global.get $ready))))
