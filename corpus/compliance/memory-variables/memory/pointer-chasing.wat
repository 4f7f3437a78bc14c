;;! category = "memory"
;;! about = "a loaded value is not the address of the next load or store"
;;! outputs = [200, 3, 77, 10, 200, 55, 66, 0, 5]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    ;; a ring: 10 -> 200 -> 3 -> 77 -> 10
    i32.const 10 i32.const 200 i32.store
    i32.const 200 i32.const 3 i32.store
    i32.const 3 i32.const 77 i32.store
    i32.const 77 i32.const 10 i32.store
    i32.const 10 i32.load call $output      ;; 200
    i32.const 10 i32.load i32.load
    call $output                            ;; 3
    i32.const 10 i32.load i32.load i32.load
    call $output                            ;; 77
    i32.const 10 i32.load i32.load i32.load i32.load
    call $output                            ;; 10
    i32.const 10 i32.load i32.load i32.load i32.load i32.load
    call $output                            ;; 200
    ;; a field beside the pointer: three steps lead to 77, cell 77 + 1 holds 55
    i32.const 78 i32.const 55 i32.store
    i32.const 10 i32.load i32.load i32.load i32.load offset=1
    call $output                            ;; 55
    ;; a store through the pointer: cell 3 = 66, which breaks the ring
    i32.const 10 i32.load i32.load i32.const 66 i32.store
    i32.const 200 i32.load i32.load
    call $output                            ;; 66
    i32.const 10 i32.load i32.load i32.load i32.load
    call $output                            ;; cell 66: 0
    ;; a cell that points at itself
    i32.const 5 i32.const 5 i32.store
    i32.const 5 i32.load i32.load i32.load
    call $output                            ;; 5
  )
)
