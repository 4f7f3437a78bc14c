;;! about = "a shift or rotation takes its amount modulo the width: 32 is 0, 33 is 1, -1 is 31 (63)"
;;! results = [1, 2, -2147483648, 1, 1, -1, 1, 2, -9223372036854775808, 1]
(module
  (func (export "main") (result i32 i32 i32 i32 i32 i32 i64 i64 i64 i64)
    i32.const 1  i32.const 32  i32.shl
    i32.const 1  i32.const 33  i32.shl
    i32.const 1  i32.const -1  i32.shl
    i32.const -2147483648  i32.const 63  i32.shr_u
    i32.const 1  i32.const 1024  i32.rotl
    i32.const -2147483648  i32.const 0x7fffffff  i32.shr_s
    i64.const 1  i64.const 64  i64.shl
    i64.const 1  i64.const 65  i64.shl
    ;; Only the low six bits count: the high word does not matter.
    i64.const 1  i64.const 0x12345678ffffffff  i64.shl
    i64.const 1  i64.const 0x100000000  i64.shl))
