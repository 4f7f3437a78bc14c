;;! about = "a store of which one byte is out of bounds writes none of its bytes"
;;! trap = "memory-out-of-bounds"
(module
  (memory 1)
  (func (export "main")
    i32.const 65529  i64.const -1  i64.store))
