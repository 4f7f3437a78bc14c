;;! about = "a function in the table of another type than asked for; an equal type under another index is the same"
;;! outputs = [7]
;;! trap = "indirect-call-type"
(module
  (import "host" "output" (func $output (param i32)))
  (type $unary (func (param i32)))
  (type $same (func (param i32)))
  (type $wide (func (param i64)))
  (table 1 funcref)
  (elem (i32.const 0) $f)
  (func $f (type $unary) local.get 0  call $output)
  (func (export "main")
    i32.const 7  i32.const 0  call_indirect (type $same)
    i64.const 7  i32.const 0  call_indirect (type $wide)))
