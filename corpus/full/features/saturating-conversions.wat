;;! about = "saturating conversions give the nearest limit, and 0 for a NaN"
;;! results = [2147483647, -2147483648, 0, -1, 0, 9223372036854775807, -9223372036854775808, 3, -3]
(module
  (global $zero f64 (f64.const 0))
  (func (export "main") (result i32 i32 i32 i32 i32 i64 i64 i64 i64)
    (i32.trunc_sat_f64_s (f64.const 3e9))
    (i32.trunc_sat_f32_s (f32.const -inf))
    (i32.trunc_sat_f64_s (f64.div (global.get $zero) (global.get $zero)))
    (i32.trunc_sat_f32_u (f32.const 5e9))
    (i32.trunc_sat_f64_u (f64.const -1))
    (i64.trunc_sat_f64_s (f64.const 1e19))
    (i64.trunc_sat_f32_s (f32.const -1e19))
    (i64.trunc_sat_f32_u (f32.const 3.9))
    (i64.trunc_sat_f64_s (f64.const -3.9))))
