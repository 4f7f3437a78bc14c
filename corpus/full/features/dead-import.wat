;;! about = "imports that nobody serves do not keep a module from running: an uncalled function, one in the table, a memory, a table, a global"
;;! results = [0, 0, 7]
(module
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (import "env" "memory" (memory 2 3))
  (import "env" "table" (table 3 funcref))
  (import "env" "base" (global $base i32))
  (global $own i32 (global.get $base))
  (elem (global.get $base) $abort $seven)
  (data (global.get $base) "\07")
  (func $seven (result i32) (i32.load8_u (i32.const 0)))
  (func (export "main") (result i32 i32 i32)
    (global.get $base)
    (global.get $own)
    (call_indirect (result i32) (i32.const 1))))
