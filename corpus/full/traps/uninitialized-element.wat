;;! about = "a call through a place of the table that nothing was put in"
;;! trap = "uninitialized-element"
(module
  (table 3 funcref)
  (elem (i32.const 0) $f)
  (func $f)
  (func (export "main")
    i32.const 0  call_indirect
    i32.const 2  call_indirect))
