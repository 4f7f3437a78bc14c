;;! category = "locals"
;;! about = "local.tee pops its operand, leaves something else on the stack, or stores a later result"
;;! outputs = [25, 20, 9, 81, 42, 1, 53, 3]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local i32 i32 i32)
    ;; the teed value is still an operand; the local holds it from before the addition
    i32.const 20 local.tee 0
    i32.const 5 i32.add
    call $output                            ;; 25
    local.get 0 call $output                ;; 20
    ;; two in a row write both locals and leave one value
    i32.const 9 local.tee 1 local.tee 2
    call $output                            ;; 9
    local.get 1 local.get 2 i32.mul
    call $output                            ;; 81
    ;; both operands of one instruction teed
    i32.const 50 local.tee 0
    i32.const 8 local.tee 1
    i32.sub call $output                    ;; 42
    local.get 1 local.get 0 i32.lt_s
    call $output                            ;; 8 < 50: 1
    ;; the old value, already on the stack, is not changed by a tee of its local
    local.get 0
    i32.const 3 local.tee 0
    i32.add call $output                    ;; 50 + 3 = 53
    local.get 0 call $output                ;; 3
  )
)
