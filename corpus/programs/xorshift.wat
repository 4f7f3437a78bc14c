;; The generator xorshift64* of Vigna ("An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016), from
;; state 1: its first number, and all n folded into one by rotation and exclusive or, both in hexadecimal.
(module
  (import "host" "output" (func $output (param i32)))

  (global $state (mut i64) (i64.const 1))

  (func $next (result i64)
    (local $x i64)
    (local.set $x (i64.xor (global.get $state) (i64.shr_u (global.get $state) (i64.const 12))))
    (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 25))))
    (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 27))))
    (global.set $state (local.get $x))
    (i64.mul (local.get $x) (i64.const 0x2545f4914f6cdd1d)))

  (func $print (param $value i64)
    (local $count i32) (local $digit i32)
    (loop $next
      (local.set $value (i64.rotl (local.get $value) (i64.const 4)))
      (local.set $digit (i32.and (i32.wrap_i64 (local.get $value)) (i32.const 15)))
      (call $output
        (i32.add (local.get $digit) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
      (br_if $next (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const 16))))
    (call $output (i32.const 10)))

  (func $run (export "run") (param $n i32)
    (local $folded i64)
    (global.set $state (i64.const 1))
    (call $print (call $next))
    (global.set $state (i64.const 1))
    (block $done
      (loop $number
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $folded (i64.xor (i64.rotl (local.get $folded) (i64.const 7)) (call $next)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $number)))
    (call $print (local.get $folded)))

  (func (export "main") (call $run (i32.const 1000)))
  (func (export "long") (call $run (i32.const 200000))))
