;;! about = "a branch takes its operands along and drops those below: by br, br_if, br_table and return, out of nested blocks"
;;! results = [7, 8, 9, 3, 42]
(module
  (func $br (result i32)
    (block $out (result i32)
      i32.const 1  i32.const 2
      i32.const 7  br $out))

  (func $br_if (param i32) (result i32)
    (block $out (result i32)
      i32.const 1  i32.const 2
      i32.const 8  local.get 0  br_if $out    ;; taken: 1 and 2 are dropped
      drop  drop  drop  i32.const -8))

  (func $br_table (param i32) (result i32)
    (block $two (result i32)
      i32.const 100
      (block $one (result i32)
        i32.const 1000
        i32.const 9  local.get 0  br_table $one $two)
      i32.add))

  (func $return (result i32)
    i32.const 1  i32.const 2  (block  i32.const 4  i32.const 3  return)
    unreachable)

  (func $loop (result i32) (local $count i32)
    i32.const 42
    (loop $again
      i32.const 5
      local.get $count  i32.const 1  i32.add  local.tee $count
      i32.const 1000  i32.lt_u  br_if $again   ;; each turn drops the 5 above
      drop))

  (func (export "main") (result i32 i32 i32 i32 i32)
    call $br
    i32.const 1  call $br_if
    i32.const 1  call $br_table
    call $return
    call $loop))
