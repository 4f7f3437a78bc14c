;;! about = "a call through a place that the table does not have"
;;! trap = "table-out-of-bounds"
(module
  (table 2 funcref)
  (elem (i32.const 0) $f $f)
  (func $f)
  (func (export "main")
    i32.const 1  call_indirect
    i32.const 2  call_indirect))
