;;! about = "and, or and xor of operands that no compiler can know: the input's bytes, spread over all bits"
;;! input = [202, 254, 186, 190]
;;! results = [-889275714, 19088743, -874643490, -872415233, 131074, -889275714]
(module
  (import "host" "input" (func $input (result i32)))

  (func $read-word (result i32)
    call $input  i32.const 24  i32.shl
    call $input  i32.const 16  i32.shl  i32.or
    call $input  i32.const 8   i32.shl  i32.or
    call $input  i32.or)

  (func (export "main") (result i32 i32 i32 i32 i32 i32) (local $a i32) (local $b i32)
    call $read-word  local.tee $a                                ;; 0xcafebabe
    i32.const 0x01234567  local.tee $b
    local.get $a  local.get $b  i32.xor  i32.const 7  i32.xor
    local.get $a  local.get $b  i32.or
    ;; One bit of each half.
    local.get $a  i32.const 0x00020002  i32.and
    local.get $a  i32.const -1  i32.and))
