;;! about = "the sign-extension instructions, on values whose upper bits say otherwise"
;;! results = [-128, 127, -32768, -128, -32768, -2147483648]
(module
  (func (export "main") (result i32 i32 i32 i64 i64 i64)
    i32.const 0x12345680  i32.extend8_s
    i32.const -129        i32.extend8_s
    i32.const 0x12348000  i32.extend16_s
    i64.const 0x123456789abcde80  i64.extend8_s
    i64.const 0x123456789abc8000  i64.extend16_s
    i64.const 0x1234567880000000  i64.extend32_s))
