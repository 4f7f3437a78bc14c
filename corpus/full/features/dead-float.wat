;;! about = "a function that uses floats does no harm while it is not called"
;;! results = [12]
(module
  (global $pi f64 (f64.const 3.14159))
  (func $area (param $r f64) (result f64)
    local.get $r  local.get $r  f64.mul  global.get $pi  f64.mul)
  (func (export "main") (result i32) (local $unused f32)
    local.get $unused  drop
    i32.const 12))
