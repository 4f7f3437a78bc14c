;;! about = "sums, products, quotients and roots are rounded to the nearest float, ties to even, down to the smallest"
;;! results = [0.30000000000000004, 9007199254740992.0, 5e-324, 0.0, 1.4142135623730951, 0.100000024, 16777216.0, 0.33333334, inf]
(module
  (global $tenth (mut f64) (f64.const 0.1))
  (global $one (mut f32) (f32.const 1))
  (func (export "main") (result f64 f64 f64 f64 f64 f32 f32 f32 f32)
    (f64.add (global.get $tenth) (f64.const 0.2))
    (f64.add (f64.const 9007199254740992) (f64.const 1))
    (f64.mul (f64.const 5e-324) (f64.const 0.75))
    (f64.mul (f64.const 5e-324) (f64.const 0.5))
    (f64.sqrt (f64.const 2))
    (f32.sub (f32.const 1.1) (global.get $one))
    (f32.add (f32.const 16777216) (global.get $one))
    (f32.div (global.get $one) (f32.const 3))
    (f32.mul (f32.const 2e38) (f32.const 2))))
