;;! about = "a remainder takes the sign of the dividend, a quotient is cut towards 0; the least number divided by -1 leaves 0"
;;! results = [-1, 1, -1, -2, -2, 2, 0, -1, 1, -1, 0]
(module
  (func (export "main") (result i32 i32 i32 i32 i32 i32 i32 i64 i64 i64 i64)
    i32.const -7  i32.const 3   i32.rem_s
    i32.const 7   i32.const -3  i32.rem_s
    i32.const -7  i32.const -3  i32.rem_s
    i32.const -7  i32.const 3   i32.div_s
    i32.const 7   i32.const -3  i32.div_s
    i32.const -7  i32.const -3  i32.div_s
    i32.const -2147483648  i32.const -1  i32.rem_s
    i64.const -70000000001  i64.const 70000000000   i64.rem_s
    i64.const 70000000001   i64.const -70000000000  i64.rem_s
    i64.const -70000000001  i64.const -70000000000  i64.rem_s
    i64.const -9223372036854775808  i64.const -1  i64.rem_s))
