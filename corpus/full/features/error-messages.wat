;;! about = "error messages are apart from the output"
;;! outputs = "A"
;;! errors = "Bc"
(module
  (import "host" "output" (func $output (param i32)))
  (import "host" "error" (func $error (param i32)))
  (table funcref (elem $error))
  (func (export "main")
    (call $error (i32.const 0x142))
    (call $output (i32.const 65))
    (call_indirect (param i32) (i32.const 99) (i32.const 0))))
