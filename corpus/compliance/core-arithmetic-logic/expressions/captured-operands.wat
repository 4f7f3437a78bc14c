;;! category = "expressions"
;;! about = "an operand already on the stack changes when its local or memory cell is overwritten before it is used"
;;! outputs = [246, 20, 164, 105, 90, 42]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $x i32)
    ;; old x minus the new x that replaces it
    i32.const 10 local.set $x
    local.get $x
    i32.const 20
    local.tee $x
    i32.sub
    call $output          ;; 10-20 -> 246
    local.get $x
    call $output          ;; 20
    ;; old x times incremented x
    local.get $x
    local.get $x
    i32.const 1
    i32.add
    local.tee $x
    i32.mul
    call $output          ;; 20*21 = 420 -> 164
    ;; a plain set under a pending operand: x is 21, then 5
    local.get $x
    i32.const 5
    local.set $x
    local.get $x
    i32.mul
    call $output          ;; 21*5 = 105
    ;; tee leaves the value in place as an operand: 9 + 9*9
    i32.const 9
    local.tee $x
    local.get $x
    local.get $x
    i32.mul
    i32.add
    call $output          ;; 90
    ;; a loaded value survives a store to the same cell
    i32.const 3
    i32.const 50
    i32.store
    i32.const 3
    i32.load              ;; 50 stays pending
    i32.const 3
    i32.const 8
    i32.store
    i32.const 3
    i32.load              ;; 8
    i32.sub
    call $output          ;; 42
  )
)
