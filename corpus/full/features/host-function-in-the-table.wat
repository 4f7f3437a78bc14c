;;! about = "an imported function can be called through the table"
;;! outputs = "ok"
(module
  (import "host" "output" (func $output (param i32)))
  (table 1 funcref)
  (elem (i32.const 0) $output)
  (func (export "main")
    i32.const 111  i32.const 0  call_indirect (param i32)
    i32.const 107  call $output))
