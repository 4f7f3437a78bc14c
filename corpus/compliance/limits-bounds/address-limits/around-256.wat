;;! category = "address-limits"
;;! about = "an effective address of 256 or more wraps to the low cells, or the step from 255 to 256 is off"
;;! outputs = [1, 2, 3, 3, 4, 5, 0, 0, 0, 2]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    ;; cells 254 to 257, and 0, where 256 would wrap to; 1, where 257 would, stays unwritten
    i32.const 254 i32.const 1 i32.store
    i32.const 200 i32.const 2 i32.store offset=55
    i32.const 255 i32.const 3 i32.store offset=1
    i32.const 2 i32.const 4 i32.store offset=255
    i32.const 0 i32.const 5 i32.store
    ;; each by another split
    i32.const 127 i32.load offset=127 call $output  ;; cell 254: 1
    i32.const 0 i32.load offset=255 call $output    ;; cell 255: 2
    i32.const 128 i32.load offset=128 call $output  ;; cell 256: 3
    i32.const 1 i32.load offset=255 call $output    ;; cell 256: 3
    i32.const 255 i32.load offset=2 call $output    ;; cell 257: 4
    i32.const 0 i32.load call $output               ;; 5
    i32.const 1 i32.load call $output               ;; 0
    i32.const 3 i32.load offset=255 call $output    ;; cell 258: 0
    i32.const 253 i32.load call $output             ;; 0
    i32.const 255 i32.load call $output             ;; 2
  )
)
