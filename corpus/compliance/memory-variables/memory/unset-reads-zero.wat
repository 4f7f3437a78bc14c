;;! category = "memory"
;;! about = "an unwritten cell reads as a written neighbour or as the latest store instead of 0"
;;! outputs = [0, 0, 0, 0, 0, 0, 5, 0, 7, 8, 190]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    i32.const 20 i32.load call $output      ;; 0: nothing at all is stored yet
    i32.const 19 i32.const 190 i32.store
    i32.const 21 i32.const 210 i32.store
    i32.const 20 i32.load call $output      ;; 0, between two written cells
    i32.const 18 i32.load call $output      ;; 0
    i32.const 22 i32.load call $output      ;; 0
    i32.const 0 i32.load call $output       ;; 0
    i32.const 255 i32.load call $output     ;; 0
    ;; as an operand
    i32.const 5 i32.const 20 i32.load i32.sub
    call $output                            ;; 5 - 0 = 5
    ;; as an address: cell 20 holds 0, so this reads cell 0
    i32.const 20 i32.load i32.load
    call $output                            ;; 0
    i32.const 0 i32.const 7 i32.store
    i32.const 20 i32.load i32.load
    call $output                            ;; 7
    ;; as the address of a store
    i32.const 20 i32.load i32.const 8 i32.store
    i32.const 0 i32.load call $output       ;; 8
    i32.const 19 i32.load call $output      ;; 190
  )
)
