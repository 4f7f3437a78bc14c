;;! about = "a NaN is not equal to itself and not less than anything; zeros of both signs are equal, but min and max tell them apart"
;;! results = [1, 0, 0, 1, -0.0, 0.0, nan, -1.5, 2.5]
(module
  (func $nan (result f64) (f64.div (f64.const 0) (f64.const 0)))
  (func (export "main") (result i32 i32 i32 i32 f64 f64 f64 f32 f32)
    (f64.ne (call $nan) (call $nan))
    (f64.eq (call $nan) (call $nan))
    (f64.le (call $nan) (f64.const inf))
    (f64.eq (f64.const -0) (f64.const 0))
    (f64.min (f64.const 0) (f64.const -0))
    (f64.max (f64.const -0) (f64.const 0))
    (f64.min (call $nan) (f64.const 1))
    (f32.copysign (f32.const 1.5) (f32.const -0))
    (f32.abs (f32.neg (f32.const 2.5)))))
