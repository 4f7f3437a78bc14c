;;! category = "memory"
;;! about = "the offset of a load is ignored, added to the value, or carried over to another instruction"
;;! outputs = [6, 6, 0, 0, 7, 6, 9, 6, 88, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    i32.const 60 i32.const 6 i32.store
    i32.const 50 i32.load offset=10 call $output    ;; 6
    i32.const 60 i32.load offset=0 call $output     ;; 6
    i32.const 50 i32.load call $output              ;; 0: cell 50 itself
    i32.const 60 i32.load offset=10 call $output    ;; 0: cell 70
    i32.const 70 i32.const 7 i32.store              ;; no offset left over from the load
    i32.const 60 i32.load offset=10 call $output    ;; 7
    i32.const 60 i32.load call $output              ;; 6
    ;; all of the address in the offset
    i32.const 255 i32.const 9 i32.store
    i32.const 0 i32.load offset=255 call $output    ;; 9
    ;; only the second of two loads has one: 6 + 54 = 60
    i32.const 60 i32.load i32.load offset=54
    call $output                                    ;; 6
    ;; the other way round: offset on the store only
    i32.const 1 i32.const 88 i32.store offset=100
    i32.const 101 i32.load call $output             ;; 88
    i32.const 1 i32.load call $output               ;; 0
  )
)
