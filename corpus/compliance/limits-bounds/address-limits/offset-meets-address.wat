;;! category = "address-limits"
;;! about = "the same cell by another split of address and offset is missed, or they are combined by other than a sum"
;;! outputs = [83, 83, 83, 83, 0, 0, 0, 0, 84, 84, 10]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    ;; 5 + 3 = 8 + 0 = 3 + 5 = 0 + 8 = 7 + 1
    i32.const 5 i32.const 83 i32.store offset=3
    i32.const 8 i32.load call $output               ;; 83
    i32.const 3 i32.load offset=5 call $output      ;; 83
    i32.const 0 i32.load offset=8 call $output      ;; 83
    i32.const 7 i32.load offset=1 call $output      ;; 83
    ;; neither the address nor the offset alone, nor 5 or 3, which is 7, nor the offset twice
    i32.const 5 i32.load call $output               ;; 0
    i32.const 3 i32.load call $output               ;; 0
    i32.const 7 i32.load call $output               ;; 0
    i32.const 11 i32.load call $output              ;; 0
    ;; overwritten under another split
    i32.const 8 i32.const 84 i32.store
    i32.const 5 i32.load offset=3 call $output      ;; 84
    ;; a store to the bare address leaves it alone
    i32.const 5 i32.const 10 i32.store
    i32.const 5 i32.load offset=3 call $output      ;; 84
    i32.const 5 i32.load call $output               ;; 10
  )
)
