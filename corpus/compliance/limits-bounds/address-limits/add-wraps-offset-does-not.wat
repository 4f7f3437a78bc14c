;;! category = "address-limits"
;;! about = "an address computed past 255 is not wrapped before use, or the sum with the offset is"
;;! outputs = [44, 60, 44, 60, 60, 44, 44, 60, 61, 44]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    i32.const 250 i32.const 10 i32.add              ;; 4
    i32.const 44 i32.store                          ;; cell 4
    i32.const 250 i32.const 60 i32.store offset=10  ;; cell 260
    i32.const 4 i32.load call $output               ;; 44
    i32.const 5 i32.load offset=255 call $output    ;; 60
    i32.const 250 i32.const 10 i32.add
    i32.load call $output                           ;; cell 4: 44
    i32.const 250 i32.load offset=10 call $output   ;; cell 260: 60
    ;; below 0: 255 + 5 = 260
    i32.const 0 i32.const 1 i32.sub
    i32.load offset=5 call $output                  ;; 60
    ;; a product of 256 is 0: 0 + 4
    i32.const 16 i32.const 16 i32.mul
    i32.load offset=4 call $output                  ;; 44
    i32.const 130 i32.const 130 i32.add
    i32.load call $output                           ;; cell 4: 44
    ;; both: 261 is 5, and 5 + 255 = 260
    i32.const 255 i32.const 6 i32.add
    i32.load offset=255 call $output                ;; 60
    ;; and in a store: -6 is 250, 250 + 10 = 260
    i32.const 0 i32.const 6 i32.sub
    i32.const 61 i32.store offset=10
    i32.const 5 i32.load offset=255 call $output    ;; 61
    i32.const 4 i32.load call $output               ;; 44
  )
)
