;;! about = "prints 3! and 5!, and leaves 10!"
;;! outputs = "\u0006x"
;;! results = [3628800]
(module
  (import "host" "output" (func $output (param i32)))
  (func $factorial (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 1))
      (else (i32.mul (local.get $n) (call $factorial (i32.sub (local.get $n) (i32.const 1)))))))
  (func (export "main") (result i32)
    (call $output (call $factorial (i32.const 3)))
    (call $output (call $factorial (i32.const 5)))
    (call $factorial (i32.const 10))))
