;; Fibonacci numbers twice: number n by plain recursion in i32, and number 90 by addition in i64.
;; The 15th is 610, the 27th 196,418, the 90th 2,880,067,194,370,816,120.
(module
  (import "host" "output" (func $output (param i32)))

  (func $fibonacci (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else
        (i32.add
          (call $fibonacci (i32.sub (local.get $n) (i32.const 1)))
          (call $fibonacci (i32.sub (local.get $n) (i32.const 2)))))))

  (func $by_addition (param $n i32) (result i64)
    (local $now i64) (local $next i64) (local $sum i64)
    (local.set $next (i64.const 1))
    (block $done
      (loop $step
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i64.add (local.get $now) (local.get $next)))
        (local.set $now (local.get $next))
        (local.set $next (local.get $sum))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $step)))
    (local.get $now))

  ;; Decimal digits, the highest first: the call comes before the output.
  (func $print (param $value i64)
    (if (i64.ge_u (local.get $value) (i64.const 10))
      (then (call $print (i64.div_u (local.get $value) (i64.const 10)))))
    (call $output (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $value) (i64.const 10))))))

  (func $run (export "run") (param $n i32)
    (call $print (i64.extend_i32_u (call $fibonacci (local.get $n))))
    (call $output (i32.const 10))
    (call $print (call $by_addition (i32.const 90)))
    (call $output (i32.const 10)))

  (func (export "main") (call $run (i32.const 15)))
  (func (export "long") (call $run (i32.const 27))))
