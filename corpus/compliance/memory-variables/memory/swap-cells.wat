;;! category = "memory"
;;! about = "store mixes up its address and its value, or a load made before a store sees it"
;;! outputs = [100, 200, 0, 0, 200, 100, 200]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    i32.const 30 i32.const 200 i32.store
    i32.const 31 i32.const 100 i32.store
    ;; swap on the stack: 30 100 31 200; the first store writes cell 31, the second cell 30
    i32.const 30 i32.const 31 i32.load
    i32.const 31 i32.const 30 i32.load
    i32.store
    i32.store
    i32.const 30 i32.load call $output      ;; 100
    i32.const 31 i32.load call $output      ;; 200
    ;; the values never were addresses
    i32.const 100 i32.load call $output     ;; 0
    i32.const 200 i32.load call $output     ;; 0
    ;; swap back by sum and differences, in place:
    ;; 30: 100 + 200 is 44;  31: 44 - 200 is 100;  30: 44 - 100 is 200
    i32.const 30
    i32.const 30 i32.load i32.const 31 i32.load i32.add
    i32.store
    i32.const 31
    i32.const 30 i32.load i32.const 31 i32.load i32.sub
    i32.store
    i32.const 30
    i32.const 30 i32.load i32.const 31 i32.load i32.sub
    i32.store
    i32.const 30 i32.load call $output      ;; 200
    i32.const 31 i32.load call $output      ;; 100
    ;; a cell stored onto itself
    i32.const 30 i32.const 30 i32.load i32.store
    i32.const 30 i32.load call $output      ;; 200
  )
)
