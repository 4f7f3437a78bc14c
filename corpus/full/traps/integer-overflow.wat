;;! about = "the least i32 divided by -1 has no quotient"
;;! trap = "integer-overflow"
(module
  (func $negate-by-division (param i32) (result i32)
    local.get 0  i32.const -1  i32.div_s)
  (func (export "main") (result i32)
    i32.const -2147483647  call $negate-by-division  drop
    i32.const -2147483648  call $negate-by-division))
