;;! category = "address-limits"
;;! about = "the last reachable cell, 255 + 255, wraps to cell 254 or is clamped to cell 255"
;;! outputs = [9, 4, 5, 0, 0, 5, 60, 4]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    i32.const 255 i32.const 9 i32.store offset=255  ;; cell 510
    i32.const 254 i32.const 4 i32.store             ;; where 510 mod 256 would be
    i32.const 255 i32.const 5 i32.store             ;; where a clamp would be
    i32.const 255 i32.load offset=255 call $output  ;; 9
    i32.const 254 i32.load call $output             ;; 4
    i32.const 255 i32.load call $output             ;; 5
    ;; its neighbour, cell 509, both ways
    i32.const 254 i32.load offset=255 call $output  ;; 0
    i32.const 255 i32.load offset=254 call $output  ;; 0
    i32.const 0 i32.load offset=255 call $output    ;; 5: cell 255
    ;; 0 over the value
    i32.const 255 i32.const 0 i32.store offset=255
    i32.const 255 i32.load offset=255
    i32.const 60 i32.add call $output               ;; 0 + 60
    i32.const 254 i32.load call $output             ;; 4
  )
)
