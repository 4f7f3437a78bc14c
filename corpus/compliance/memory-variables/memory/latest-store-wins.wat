;;! category = "memory"
;;! about = "a load returns an earlier store to its cell instead of the latest, or skips a store of 0"
;;! outputs = [3, 40, 250, 4, 1, 2, 77, 78]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    i32.const 9 i32.const 100 i32.store
    i32.const 9 i32.const 3 i32.store
    i32.const 9 i32.load call $output       ;; 3: the latest, not the largest
    ;; 0 over a value
    i32.const 9 i32.const 0 i32.store
    i32.const 40 i32.const 9 i32.load i32.add
    call $output                            ;; 40 + 0
    ;; later stores elsewhere
    i32.const 9 i32.const 250 i32.store
    i32.const 8 i32.const 1 i32.store
    i32.const 10 i32.const 2 i32.store
    i32.const 9 i32.load call $output       ;; 250
    ;; read, change, write: 250 + 10 is 4
    i32.const 9
    i32.const 9 i32.load i32.const 10 i32.add
    i32.store
    i32.const 9 i32.load call $output       ;; 4
    i32.const 8 i32.load call $output       ;; 1
    i32.const 10 i32.load call $output      ;; 2
    ;; the same cell written as 4 + 5 and as 9: whichever is later
    i32.const 4 i32.const 77 i32.store offset=5
    i32.const 9 i32.load call $output       ;; 77
    i32.const 9 i32.const 78 i32.store
    i32.const 4 i32.load offset=5 call $output  ;; 78
  )
)
