;;! about = "prints 1! to 5!, and leaves 10!"
;;! outputs = "\u0001\u0002\u0006\u0018x"
;;! results = [3628800]
(module
  (import "host" "output" (func $output (param i32)))
  (func $factorial (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 1))
      (else (i32.mul (local.get $n) (call $factorial (i32.sub (local.get $n) (i32.const 1)))))))
  (func (export "main") (result i32) (local $n i32)
    (loop $next
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (call $output (call $factorial (local.get $n)))
      (br_if $next (i32.lt_s (local.get $n) (i32.const 5))))
    (call $factorial (i32.const 10))))
