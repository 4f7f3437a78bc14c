;; A question to the system begins with the number of a function: `Function` in world/function.rs. Numbers
;; follow, the lowest byte first.
(func $send32 (param $value i32)
  (call $send (local.get $value))
  (call $send (i32.shr_u (local.get $value) (i32.const 8)))
  (call $send (i32.shr_u (local.get $value) (i32.const 16)))
  (call $send (i32.shr_u (local.get $value) (i32.const 24))))

;; Stores so many bytes of the answer.
(func $take (param $at i32) (param $length i32)
  (local.set $length (i32.add (local.get $at) (local.get $length)))
  (block $done
    (loop $byte
      (br_if $done (i32.eq (local.get $at) (local.get $length)))
      (i32.store8 (local.get $at) (call $receive))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $byte))))

;; Takes the error number of the answer, and if it is 0, so many bytes of the answer.
(func $answer (param $at i32) (param $length i32) (result i32) (local $errno i32)
  (if (i32.eqz (local.tee $errno (call $receive))) (then (call $take (local.get $at) (local.get $length))))
  (local.get $errno))

(func (export "clock_res_get") (param $clock i32) (param $resolution i32) (result i32)
  (if (call $outside (local.get $resolution) (i32.const 8)) (then (return (i32.const 61))))
  (call $send (i32.const 1))
  (call $send32 (local.get $clock))
  (call $answer (local.get $resolution) (i32.const 8)))

(func (export "clock_time_get") (param $clock i32) (param $precision i64) (param $time i32) (result i32)
  (if (call $outside (local.get $time) (i32.const 8)) (then (return (i32.const 61))))
  (call $send (i32.const 2))
  (call $send32 (local.get $clock))
  (call $answer (local.get $time) (i32.const 8)))

(func (export "clock_time_get in halves") (param $clock i32) (param $low i32) (param $high i32) (param $time i32) (result i32)
  (if (call $outside (local.get $time) (i32.const 8)) (then (return (i32.const 61))))
  (call $send (i32.const 2))
  (call $send32 (local.get $clock))
  (call $answer (local.get $time) (i32.const 8)))

(func (export "random_get") (param $buffer i32) (param $length i32) (result i32)
  (if (call $outside (local.get $buffer) (local.get $length)) (then (return (i32.const 61))))
  (call $send (i32.const 3))
  (call $send32 (local.get $length))
  (call $answer (local.get $buffer) (local.get $length)))

(func (export "sched_yield") (result i32) (i32.const 0))
