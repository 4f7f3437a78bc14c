;;! about = "a saturating conversion that is never reached does not keep a module from running"
;;! results = [42]
(module
  (func $dead (drop (i32.trunc_sat_f64_s (f64.const 2))))
  (func (export "main") (result i32) (i32.const 42)))
