;;! category = "addition"
;;! about = "the grouping of a chain changes its sum, an addition disturbs values deeper on the stack, or a sum used as an address is not wrapped"
;;! outputs = [126, 126, 7, 2, 1, 77, 77, 0, 99, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    ;; 250+240+230+220+210 = 1150 = 4*256 + 126, summed from the right ...
    i32.const 250
    i32.const 240
    i32.const 230
    i32.const 220
    i32.const 210
    i32.add               ;; 430 -> 174
    i32.add               ;; 404 -> 148
    i32.add               ;; 388 -> 132
    i32.add               ;; 382 -> 126
    call $output
    ;; ... and from the left
    i32.const 250
    i32.const 240
    i32.add               ;; 490 -> 234
    i32.const 230
    i32.add               ;; 464 -> 208
    i32.const 220
    i32.add               ;; 428 -> 172
    i32.const 210
    i32.add               ;; 382 -> 126
    call $output
    ;; only the two top values are taken
    i32.const 1
    i32.const 2
    i32.const 3
    i32.const 4
    i32.add
    call $output          ;; 7
    call $output          ;; 2
    call $output          ;; 1
    ;; zero is the identity on either side
    i32.const 0 i32.const 77 i32.add call $output   ;; 77
    i32.const 77 i32.const 0 i32.add call $output   ;; 77
    i32.const 0 i32.const 0 i32.add call $output    ;; 0
    ;; a sum wraps before it is an address (200+60 = 4) ...
    i32.const 200
    i32.const 60
    i32.add
    i32.const 99
    i32.store
    i32.const 4
    i32.load
    call $output          ;; 99
    ;; ... but an address plus its offset does not: this is cell 260, never written
    i32.const 200
    i32.load offset=60
    call $output          ;; 0
  )
)
