;;! category = "equality"
;;! about = "a chain of eq or ne is taken as comparing all operands with each other instead of comparing the 0 or 1 before it"
;;! outputs = [0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    i32.const 5 i32.const 5 i32.eq i32.const 5 i32.eq call $output   ;; (5=5)=5: 1=5: 0
    i32.const 5 i32.const 5 i32.const 5 i32.eq i32.eq call $output   ;; 5=(5=5): 5=1: 0
    i32.const 7 i32.const 7 i32.eq i32.const 1 i32.eq call $output   ;; 1=1: 1
    i32.const 0 i32.const 7 i32.const 8 i32.eq i32.eq call $output   ;; 0=0: 1
    i32.const 2 i32.const 1 i32.const 1 i32.eq i32.eq call $output   ;; 2=1: 0, both "true" but different
    i32.const 3 i32.const 4 i32.ne i32.const 1 i32.ne call $output   ;; 1<>1: 0
    i32.const 9 i32.const 8 i32.const 7 i32.ne i32.ne call $output   ;; 9<>1: 1
    ;; on 0 and 1, ne is a parity: four ones
    i32.const 1
    i32.const 1
    i32.const 1
    i32.const 1
    i32.ne                  ;; 0
    i32.ne                  ;; 1
    i32.ne call $output     ;; 0
    ;; and eq of four zeros flips 1, 0, 1
    i32.const 0
    i32.const 0
    i32.const 0
    i32.const 0
    i32.eq                  ;; 1
    i32.eq                  ;; 0
    i32.eq call $output     ;; 1
    ;; the right way to compare three: (a=b) and (b=c)
    i32.const 5 i32.const 5 i32.eq
    i32.const 5 i32.const 5 i32.eq
    i32.and call $output    ;; 1
    i32.const 5 i32.const 5 i32.eq
    i32.const 5 i32.const 6 i32.eq
    i32.and call $output    ;; 0
  )
)
