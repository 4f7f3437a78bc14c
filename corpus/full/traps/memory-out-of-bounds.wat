;;! about = "the last byte of memory can be read; four bytes there cannot, and address plus offset does not wrap"
;;! outputs = [90]
;;! trap = "memory-out-of-bounds"
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (data (i32.const 65535) "Z")
  (func (export "main") (result i32)
    i32.const 65535  i32.load8_u  call $output
    i32.const -1  i32.load8_u offset=65536))
