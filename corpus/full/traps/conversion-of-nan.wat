;;! about = "a NaN has no integer"
;;! trap = "invalid-conversion"
(module
  (global $zero (mut f32) (f32.const 0))
  (func (export "main") (result i32)
    (i32.trunc_f32_s (f32.div (global.get $zero) (global.get $zero)))))
