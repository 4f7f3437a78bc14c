;;! about = "rounding to integers in four directions, and between the two widths"
;;! results = [2.0, 4.0, -3.0, -2.0, -2.0, -0.0, 16777216.0, 0.10000000149011612, 2147483648.0]
(module
  (func (export "main") (result f32 f32 f64 f64 f64 f64 f32 f64 f32)
    (f32.nearest (f32.const 2.5))
    (f32.nearest (f32.const 3.5))
    (f64.floor (f64.const -2.1))
    (f64.ceil (f64.const -2.9))
    (f64.trunc (f64.const -2.9))
    (f64.ceil (f64.const -0.1))
    (f32.demote_f64 (f64.const 16777217))
    (f64.promote_f32 (f32.const 0.1))
    (f32.convert_i32_s (i32.const 2147483600))))
