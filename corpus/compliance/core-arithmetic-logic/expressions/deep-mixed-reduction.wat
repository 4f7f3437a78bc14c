;;! category = "expressions"
;;! about = "operands deep on the stack are lost or taken out of order while different operations reduce it"
;;! outputs = [76, 42, 171, 200, 160]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; ten operands, then eight different reductions from the top down
    i32.const 42
    i32.const 77
    i32.const 9
    i32.const 5
    i32.const 7
    i32.const 200
    i32.const 100
    i32.const 3
    i32.const 250
    i32.const 10
    i32.sub               ;; 250-10 = 240
    i32.mul               ;; 3*240 = 720 -> 208
    i32.and               ;; 100 and 208 = 64
    i32.add               ;; 200+64 = 264 -> 8
    i32.or                ;; 7 or 8 = 15
    i32.sub               ;; 5-15 -> 246
    i32.lt_s              ;; 9 < 246: 1
    i32.sub               ;; 77-1 = 76
    call $output
    call $output          ;; the bottom of the stack: 42
    ;; a balanced tree: ((200+100)*(3-5) or (250 and 15)*26) - ((7<9) + (9<7))
    i32.const 200 i32.const 100 i32.add     ;; 44
    i32.const 3 i32.const 5 i32.sub         ;; 254
    i32.mul                                 ;; 44*-2 = -88 -> 168
    i32.const 250 i32.const 15 i32.and      ;; 10
    i32.const 26 i32.mul                    ;; 260 -> 4
    i32.or                                  ;; 168 or 4 = 172
    i32.const 7 i32.const 9 i32.lt_s        ;; 1
    i32.const 9 i32.const 7 i32.lt_s        ;; 0
    i32.add                                 ;; 1
    i32.sub                                 ;; 171
    call $output
    ;; an output in the middle takes the top only; the pending operand survives
    i32.const 100
    i32.const 200
    call $output          ;; 200
    i32.const 60
    i32.add
    call $output          ;; 160
  )
)
