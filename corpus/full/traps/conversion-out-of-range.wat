;;! about = "the greatest float below 2^31 has an i32, 2^31 itself does not"
;;! trap = "integer-overflow"
(module
  (global $least (mut f64) (f64.const 2147483648))
  (func (export "main") (result i32)
    (drop (i32.trunc_f64_s (f64.const 2147483647.9999995)))
    (i32.trunc_f64_s (global.get $least))))
