;;! category = "address-limits"
;;! about = "cells next to each other near 510 are told apart less sharply than low ones"
;;! outputs = [0, 103, 101, 0, 102, 103, 101, 0, 0, 104, 101]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    i32.const 255 i32.const 101 i32.store offset=255    ;; cell 510
    i32.const 253 i32.const 103 i32.store offset=255    ;; cell 508
    i32.const 0 i32.const 255 i32.store
    i32.const 128 i32.const 104 i32.store
    ;; 509 lies between two written cells
    i32.const 254 i32.load offset=255 call $output      ;; 0
    i32.const 255 i32.load offset=253 call $output      ;; cell 508: 103
    i32.const 255 i32.load offset=255 call $output      ;; cell 510: 101
    i32.const 1 i32.load call $output                   ;; 0
    ;; now 509 too
    i32.const 255 i32.const 102 i32.store offset=254
    i32.const 254 i32.load offset=255 call $output      ;; 102
    i32.const 253 i32.load offset=255 call $output      ;; 103
    i32.const 255 i32.load offset=255 call $output      ;; 101
    i32.const 252 i32.load offset=255 call $output      ;; cell 507: 0
    ;; half-way, with cell 128 written and cell 128 + 255 not
    i32.const 128 i32.load offset=255 call $output      ;; 0
    i32.const 0 i32.load offset=128 call $output        ;; 104
    ;; a loaded 255 as the address: 255 + 255
    i32.const 0 i32.load i32.load offset=255
    call $output                                        ;; 101
  )
)
