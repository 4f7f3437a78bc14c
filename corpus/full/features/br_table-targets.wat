;;! about = "br_table by index, and to its default for every greater index, unsigned"
;;! outputs = "0123333"
(module
  (import "host" "output" (func $output (param i32)))
  (func $digit (param $i i32) (result i32)
    (block $d (block $c (block $b (block $a
      local.get $i  br_table $a $b $c $d)
      i32.const 48  return)
      i32.const 49  return)
      i32.const 50  return)
    i32.const 51)
  (func (export "main")
    i32.const 0  call $digit  call $output
    i32.const 1  call $digit  call $output
    i32.const 2  call $digit  call $output
    i32.const 3  call $digit  call $output
    i32.const 4  call $digit  call $output
    i32.const -1  call $digit  call $output
    i32.const -2147483648  call $digit  call $output))
