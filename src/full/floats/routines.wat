;; The float instructions of WebAssembly as routines in its integer instructions. A routine is exported under
;; the name of its instruction. An f32 is an i32 of the same bits, an f64 an i64. The results are those of the
;; deterministic profile: rounded to nearest, ties to even, and every NaN that an instruction makes is the
;; positive canonical one.

;; A routine begins with the short way for what is common, mostly normal numbers. What is short are values: a
;; value costs the machine as many tokens as it has bytes. The rest ends in $f32.round or $f64.round, which
;; round a significand of 64 bits.
(module
  (import "trap" "integer-overflow" (func $overflow))
  (import "trap" "invalid-conversion" (func $invalid))

  ;; Comparisons, min and max. Positive numbers are in the order of signed integers, and a positive NaN is
  ;; more than infinity. Negative numbers are in the opposite order of unsigned integers, and a negative NaN
  ;; is more than −infinity there. So each operand needs the test against one infinity only, and mostly just
  ;; one of the operands needs it.

  ;; Equal bits are equal unless they are a NaN. Different bits are equal if they are the two zeros: the only
  ;; ones with 31 trailing zero bits or more, and together they have 63.
  (func (export "f32.eq") (param $a i32) (param $b i32) (result i32)
    (if (i32.eq (local.get $a) (local.get $b))
      (then
        (return
          (i32.and
            (i32.le_s (local.get $a) (i32.const 0x7f800000))
            (i32.le_u (local.get $a) (i32.const 0xff800000))))))
    (i32.eq (i32.add (i32.ctz (local.get $a)) (i32.ctz (local.get $b))) (i32.const 63)))

  (func (export "f32.ne") (param $a i32) (param $b i32) (result i32)
    (if (i32.eq (local.get $a) (local.get $b))
      (then
        (return
          (i32.or
            (i32.gt_s (local.get $a) (i32.const 0x7f800000))
            (i32.gt_u (local.get $a) (i32.const 0xff800000))))))
    (i32.ne (i32.add (i32.ctz (local.get $a)) (i32.ctz (local.get $b))) (i32.const 63)))

  (func (export "f32.lt") (param $a i32) (param $b i32) (result i32)
    (if (i32.ge_s (local.get $a) (i32.const 0))
      (then
        (return
          (i32.and
            (i32.lt_s (local.get $a) (local.get $b))
            (i32.le_s (local.get $b) (i32.const 0x7f800000))))))
    (if (i32.lt_s (local.get $b) (i32.const 0))
      (then
        (return
          (i32.and
            (i32.gt_u (local.get $a) (local.get $b))
            (i32.le_u (local.get $a) (i32.const 0xff800000))))))
    ;; A negative number is less than a positive one, unless they are the two zeros.

    (i32.and
      (i32.and
        (i32.le_s (local.get $b) (i32.const 0x7f800000))
        (i32.le_u (local.get $a) (i32.const 0xff800000)))
      (i32.or (i32.ne (local.get $a) (i32.const 0x80000000)) (i32.ne (local.get $b) (i32.const 0)))))

  (func (export "f32.gt") (param $a i32) (param $b i32) (result i32)
    (if (i32.ge_s (local.get $b) (i32.const 0))
      (then
        (return
          (i32.and
            (i32.lt_s (local.get $b) (local.get $a))
            (i32.le_s (local.get $a) (i32.const 0x7f800000))))))
    (if (i32.lt_s (local.get $a) (i32.const 0))
      (then
        (return
          (i32.and
            (i32.gt_u (local.get $b) (local.get $a))
            (i32.le_u (local.get $b) (i32.const 0xff800000))))))

    (i32.and
      (i32.and
        (i32.le_s (local.get $a) (i32.const 0x7f800000))
        (i32.le_u (local.get $b) (i32.const 0xff800000)))
      (i32.or (i32.ne (local.get $b) (i32.const 0x80000000)) (i32.ne (local.get $a) (i32.const 0)))))

  (func (export "f32.le") (param $a i32) (param $b i32) (result i32)
    (if (i32.ge_s (local.get $a) (i32.const 0))
      (then
        (if (i32.le_s (local.get $a) (local.get $b))
          (then (return (i32.le_s (local.get $b) (i32.const 0x7f800000)))))
        ;; A positive number is more than a negative one, unless they are the two zeros.

        (return (i32.and (i32.eqz (local.get $a)) (i32.eq (local.get $b) (i32.const 0x80000000))))))
    (if (i32.lt_s (local.get $b) (i32.const 0))
      (then
        (return
          (i32.and
            (i32.ge_u (local.get $a) (local.get $b))
            (i32.le_u (local.get $a) (i32.const 0xff800000))))))
    (i32.and
      (i32.le_s (local.get $b) (i32.const 0x7f800000))
      (i32.le_u (local.get $a) (i32.const 0xff800000))))

  (func (export "f32.ge") (param $a i32) (param $b i32) (result i32)
    (if (i32.ge_s (local.get $b) (i32.const 0))
      (then
        (if (i32.le_s (local.get $b) (local.get $a))
          (then (return (i32.le_s (local.get $a) (i32.const 0x7f800000)))))

        (return (i32.and (i32.eqz (local.get $b)) (i32.eq (local.get $a) (i32.const 0x80000000))))))
    (if (i32.lt_s (local.get $a) (i32.const 0))
      (then
        (return
          (i32.and
            (i32.ge_u (local.get $b) (local.get $a))
            (i32.le_u (local.get $b) (i32.const 0xff800000))))))
    (i32.and
      (i32.le_s (local.get $a) (i32.const 0x7f800000))
      (i32.le_u (local.get $b) (i32.const 0xff800000))))

  (func (export "f32.min") (param $a i32) (param $b i32) (result i32)
    (if (i32.ge_s (local.get $a) (i32.const 0))
      (then
        (if (i32.le_s (local.get $a) (local.get $b))
          (then (if (i32.le_s (local.get $b) (i32.const 0x7f800000)) (then (return (local.get $a)))))
          (else
            (if
              (i32.and
                (i32.le_s (local.get $a) (i32.const 0x7f800000))
                (i32.le_u (local.get $b) (i32.const 0xff800000)))
              (then (return (local.get $b)))))))
      (else
        (if (i32.le_u (local.get $a) (local.get $b))
          (then (if (i32.le_u (local.get $b) (i32.const 0xff800000)) (then (return (local.get $b)))))
          (else
            (if
              (i32.and
                (i32.le_u (local.get $a) (i32.const 0xff800000))
                (i32.le_s (local.get $b) (i32.const 0x7f800000)))
              (then (return (local.get $a))))))))
    (i32.const 0x7fc00000))

  (func (export "f32.max") (param $a i32) (param $b i32) (result i32)
    (if (i32.ge_s (local.get $a) (i32.const 0))
      (then
        (if (i32.le_s (local.get $a) (local.get $b))
          (then (if (i32.le_s (local.get $b) (i32.const 0x7f800000)) (then (return (local.get $b)))))
          (else
            (if
              (i32.and
                (i32.le_s (local.get $a) (i32.const 0x7f800000))
                (i32.le_u (local.get $b) (i32.const 0xff800000)))
              (then (return (local.get $a)))))))
      (else
        (if (i32.le_u (local.get $a) (local.get $b))
          (then (if (i32.le_u (local.get $b) (i32.const 0xff800000)) (then (return (local.get $a)))))
          (else
            (if
              (i32.and
                (i32.le_u (local.get $a) (i32.const 0xff800000))
                (i32.le_s (local.get $b) (i32.const 0x7f800000)))
              (then (return (local.get $b))))))))
    (i32.const 0x7fc00000))

  (func (export "f32.copysign") (param $a i32) (param $b i32) (result i32)
    (if (i32.eq (i32.lt_s (local.get $a) (i32.const 0)) (i32.lt_s (local.get $b) (i32.const 0)))
      (then (return (local.get $a))))
    (i32.xor (local.get $a) (i32.const 0x80000000)))

  (func (export "f64.eq") (param $a i64) (param $b i64) (result i32)
    (if (i64.eq (local.get $a) (local.get $b))
      (then
        (return
          (i32.and
            (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
            (i64.le_u (local.get $a) (i64.const 0xfff0000000000000))))))
    (i64.eq (i64.add (i64.ctz (local.get $a)) (i64.ctz (local.get $b))) (i64.const 127)))

  (func (export "f64.ne") (param $a i64) (param $b i64) (result i32)
    (if (i64.eq (local.get $a) (local.get $b))
      (then
        (return
          (i32.or
            (i64.gt_s (local.get $a) (i64.const 0x7ff0000000000000))
            (i64.gt_u (local.get $a) (i64.const 0xfff0000000000000))))))
    (i64.ne (i64.add (i64.ctz (local.get $a)) (i64.ctz (local.get $b))) (i64.const 127)))

  (func (export "f64.lt") (param $a i64) (param $b i64) (result i32)
    (if (i64.ge_s (local.get $a) (i64.const 0))
      (then
        (return
          (i32.and
            (i64.lt_s (local.get $a) (local.get $b))
            (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000))))))
    (if (i64.lt_s (local.get $b) (i64.const 0))
      (then
        (return
          (i32.and
            (i64.gt_u (local.get $a) (local.get $b))
            (i64.le_u (local.get $a) (i64.const 0xfff0000000000000))))))

    (i32.and
      (i32.and
        (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000))
        (i64.le_u (local.get $a) (i64.const 0xfff0000000000000)))
      (i32.or (i64.ne (local.get $a) (i64.const 0x8000000000000000)) (i64.ne (local.get $b) (i64.const 0)))))

  (func (export "f64.gt") (param $a i64) (param $b i64) (result i32)
    (if (i64.ge_s (local.get $b) (i64.const 0))
      (then
        (return
          (i32.and
            (i64.lt_s (local.get $b) (local.get $a))
            (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))))))
    (if (i64.lt_s (local.get $a) (i64.const 0))
      (then
        (return
          (i32.and
            (i64.gt_u (local.get $b) (local.get $a))
            (i64.le_u (local.get $b) (i64.const 0xfff0000000000000))))))

    (i32.and
      (i32.and
        (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
        (i64.le_u (local.get $b) (i64.const 0xfff0000000000000)))
      (i32.or (i64.ne (local.get $b) (i64.const 0x8000000000000000)) (i64.ne (local.get $a) (i64.const 0)))))

  (func (export "f64.le") (param $a i64) (param $b i64) (result i32)
    (if (i64.ge_s (local.get $a) (i64.const 0))
      (then
        (if (i64.le_s (local.get $a) (local.get $b))
          (then (return (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000)))))

        (return (i32.and (i64.eqz (local.get $a)) (i64.eq (local.get $b) (i64.const 0x8000000000000000))))))
    (if (i64.lt_s (local.get $b) (i64.const 0))
      (then
        (return
          (i32.and
            (i64.ge_u (local.get $a) (local.get $b))
            (i64.le_u (local.get $a) (i64.const 0xfff0000000000000))))))
    (i32.and
      (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000))
      (i64.le_u (local.get $a) (i64.const 0xfff0000000000000))))

  (func (export "f64.ge") (param $a i64) (param $b i64) (result i32)
    (if (i64.ge_s (local.get $b) (i64.const 0))
      (then
        (if (i64.le_s (local.get $b) (local.get $a))
          (then (return (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000)))))

        (return (i32.and (i64.eqz (local.get $b)) (i64.eq (local.get $a) (i64.const 0x8000000000000000))))))
    (if (i64.lt_s (local.get $a) (i64.const 0))
      (then
        (return
          (i32.and
            (i64.ge_u (local.get $b) (local.get $a))
            (i64.le_u (local.get $b) (i64.const 0xfff0000000000000))))))
    (i32.and
      (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
      (i64.le_u (local.get $b) (i64.const 0xfff0000000000000))))

  (func (export "f64.min") (param $a i64) (param $b i64) (result i64)
    (if (i64.ge_s (local.get $a) (i64.const 0))
      (then
        (if (i64.le_s (local.get $a) (local.get $b))
          (then (if (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000)) (then (return (local.get $a)))))
          (else
            (if
              (i32.and
                (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
                (i64.le_u (local.get $b) (i64.const 0xfff0000000000000)))
              (then (return (local.get $b)))))))
      (else
        (if (i64.le_u (local.get $a) (local.get $b))
          (then (if (i64.le_u (local.get $b) (i64.const 0xfff0000000000000)) (then (return (local.get $b)))))
          (else
            (if
              (i32.and
                (i64.le_u (local.get $a) (i64.const 0xfff0000000000000))
                (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000)))
              (then (return (local.get $a))))))))
    (i64.const 0x7ff8000000000000))

  (func (export "f64.max") (param $a i64) (param $b i64) (result i64)
    (if (i64.ge_s (local.get $a) (i64.const 0))
      (then
        (if (i64.le_s (local.get $a) (local.get $b))
          (then (if (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000)) (then (return (local.get $b)))))
          (else
            (if
              (i32.and
                (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
                (i64.le_u (local.get $b) (i64.const 0xfff0000000000000)))
              (then (return (local.get $a)))))))
      (else
        (if (i64.le_u (local.get $a) (local.get $b))
          (then (if (i64.le_u (local.get $b) (i64.const 0xfff0000000000000)) (then (return (local.get $a)))))
          (else
            (if
              (i32.and
                (i64.le_u (local.get $a) (i64.const 0xfff0000000000000))
                (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000)))
              (then (return (local.get $b))))))))
    (i64.const 0x7ff8000000000000))

  (func (export "f64.copysign") (param $a i64) (param $b i64) (result i64)
    (if (i32.eq (i64.lt_s (local.get $a) (i64.const 0)) (i64.lt_s (local.get $b) (i64.const 0)))
      (then (return (local.get $a))))
    (i64.xor (local.get $a) (i64.const 0x8000000000000000)))

  ;; Rounding to an integer. The lowest so many bits of a number of magnitude 1 or more are its fraction: the
  ;; shift in $n. A 1 added above them goes on into the exponent where it must.

  (func $f32.integral (param $a i32) (param $below_one i32) (result i32)
    ;; A number below 1 is rounded to what is given here. Any other has no fraction, or is a NaN.
    (if (i32.lt_u (i32.and (local.get $a) (i32.const 0x7fffffff)) (i32.const 0x3f800000))
      (then (return (local.get $below_one))))
    (if
      (i32.and
        (i32.le_s (local.get $a) (i32.const 0x7f800000))
        (i32.le_u (local.get $a) (i32.const 0xff800000)))
      (then (return (local.get $a))))
    (i32.const 0x7fc00000))

  (func (export "f32.trunc") (param $a i32) (result i32) (local $n i32)
    (local.set $n
      (i32.sub (i32.const 150) (i32.and (i32.shr_u (local.get $a) (i32.const 23)) (i32.const 255))))
    (if (i32.le_u (local.get $n) (i32.const 23))
      (then (return (i32.shl (i32.shr_u (local.get $a) (local.get $n)) (local.get $n)))))
    (call $f32.integral (local.get $a) (i32.and (local.get $a) (i32.const 0x80000000))))

  (func (export "f32.floor") (param $a i32) (result i32) (local $n i32)
    (local.set $n
      (i32.sub (i32.const 150) (i32.and (i32.shr_u (local.get $a) (i32.const 23)) (i32.const 255))))
    (if (i32.le_u (local.get $n) (i32.const 23))
      (then
        (if (i32.ge_s (local.get $a) (i32.const 0))
          (then (return (i32.shl (i32.shr_u (local.get $a) (local.get $n)) (local.get $n)))))
        ;; A negative number with a fraction has the next larger magnitude.

        (return
          (i32.shl
            (i32.add
              (i32.shr_u (local.get $a) (local.get $n))
              (i32.lt_u (i32.ctz (local.get $a)) (local.get $n)))
            (local.get $n)))))
    (if (i32.gt_u (local.get $a) (i32.const 0x80000000))
      (then (return (call $f32.integral (local.get $a) (i32.const 0xbf800000)))))
    (call $f32.integral (local.get $a) (i32.and (local.get $a) (i32.const 0x80000000))))

  (func (export "f32.ceil") (param $a i32) (result i32) (local $n i32)
    (local.set $n
      (i32.sub (i32.const 150) (i32.and (i32.shr_u (local.get $a) (i32.const 23)) (i32.const 255))))
    (if (i32.le_u (local.get $n) (i32.const 23))
      (then
        (if (i32.lt_s (local.get $a) (i32.const 0))
          (then (return (i32.shl (i32.shr_u (local.get $a) (local.get $n)) (local.get $n)))))
        (return
          (i32.shl
            (i32.add
              (i32.shr_u (local.get $a) (local.get $n))
              (i32.lt_u (i32.ctz (local.get $a)) (local.get $n)))
            (local.get $n)))))
    (if (i32.gt_s (local.get $a) (i32.const 0))
      (then (return (call $f32.integral (local.get $a) (i32.const 0x3f800000)))))
    (call $f32.integral (local.get $a) (i32.and (local.get $a) (i32.const 0x80000000))))

  (func (export "f32.nearest") (param $a i32) (result i32) (local $n i32) (local $halves i32)
    (local.set $n
      (i32.sub (i32.const 150) (i32.and (i32.shr_u (local.get $a) (i32.const 23)) (i32.const 255))))
    (if (i32.lt_u (i32.sub (local.get $n) (i32.const 1)) (i32.const 23))
      (then
        (local.set $halves (i32.shr_u (local.get $a) (i32.sub (local.get $n) (i32.const 1))))
        (if (i32.eqz (i32.and (local.get $halves) (i32.const 1)))
          (then (return (i32.shl (i32.shr_u (local.get $halves) (i32.const 1)) (local.get $n)))))
        ;; At a tie, up from an odd integer only, else always up. That 1 is odd shows in the lowest bit of its
        ;; exponent.
        (if (i32.lt_u (i32.add (i32.ctz (local.get $a)) (i32.const 1)) (local.get $n))
          (then
            (return
              (i32.shl
                (i32.shr_u (i32.add (local.get $halves) (i32.const 1)) (i32.const 1))
                (local.get $n)))))
        (return
          (i32.shl
            (i32.shr_u
              (i32.add
                (local.get $halves)
                (i32.and (i32.shr_u (local.get $halves) (i32.const 1)) (i32.const 1)))
              (i32.const 1))
            (local.get $n)))))
    (if (i32.gt_u (i32.and (local.get $a) (i32.const 0x7fffffff)) (i32.const 0x3f000000))
      (then
        (return
          (call $f32.integral
            (local.get $a)
            (i32.or (i32.and (local.get $a) (i32.const 0x80000000)) (i32.const 0x3f800000))))))
    (call $f32.integral (local.get $a) (i32.and (local.get $a) (i32.const 0x80000000))))

  (func $f64.integral (param $a i64) (param $below_one i64) (result i64)
    ;; As $f32.integral.
    (if (i64.lt_u (i64.and (local.get $a) (i64.const 0x7fffffffffffffff)) (i64.const 0x3ff0000000000000))
      (then (return (local.get $below_one))))
    (if
      (i32.and
        (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
        (i64.le_u (local.get $a) (i64.const 0xfff0000000000000)))
      (then (return (local.get $a))))
    (i64.const 0x7ff8000000000000))

  (func (export "f64.trunc") (param $a i64) (result i64) (local $n i64)
    (local.set $n
      (i64.sub (i64.const 1075) (i64.and (i64.shr_u (local.get $a) (i64.const 52)) (i64.const 2047))))
    (if (i64.le_u (local.get $n) (i64.const 52))
      (then (return (i64.shl (i64.shr_u (local.get $a) (local.get $n)) (local.get $n)))))
    (call $f64.integral (local.get $a) (i64.and (local.get $a) (i64.const 0x8000000000000000))))

  (func (export "f64.floor") (param $a i64) (result i64) (local $n i64)
    (local.set $n
      (i64.sub (i64.const 1075) (i64.and (i64.shr_u (local.get $a) (i64.const 52)) (i64.const 2047))))
    (if (i64.le_u (local.get $n) (i64.const 52))
      (then
        (if (i64.ge_s (local.get $a) (i64.const 0))
          (then (return (i64.shl (i64.shr_u (local.get $a) (local.get $n)) (local.get $n)))))

        (return
          (i64.shl
            (i64.add
              (i64.shr_u (local.get $a) (local.get $n))
              (i64.extend_i32_u (i64.lt_u (i64.ctz (local.get $a)) (local.get $n))))
            (local.get $n)))))
    (if (i64.gt_u (local.get $a) (i64.const 0x8000000000000000))
      (then (return (call $f64.integral (local.get $a) (i64.const 0xbff0000000000000)))))
    (call $f64.integral (local.get $a) (i64.and (local.get $a) (i64.const 0x8000000000000000))))

  (func (export "f64.ceil") (param $a i64) (result i64) (local $n i64)
    (local.set $n
      (i64.sub (i64.const 1075) (i64.and (i64.shr_u (local.get $a) (i64.const 52)) (i64.const 2047))))
    (if (i64.le_u (local.get $n) (i64.const 52))
      (then
        (if (i64.lt_s (local.get $a) (i64.const 0))
          (then (return (i64.shl (i64.shr_u (local.get $a) (local.get $n)) (local.get $n)))))
        (return
          (i64.shl
            (i64.add
              (i64.shr_u (local.get $a) (local.get $n))
              (i64.extend_i32_u (i64.lt_u (i64.ctz (local.get $a)) (local.get $n))))
            (local.get $n)))))
    (if (i64.gt_s (local.get $a) (i64.const 0))
      (then (return (call $f64.integral (local.get $a) (i64.const 0x3ff0000000000000)))))
    (call $f64.integral (local.get $a) (i64.and (local.get $a) (i64.const 0x8000000000000000))))

  (func (export "f64.nearest") (param $a i64) (result i64) (local $n i64) (local $halves i64)
    (local.set $n
      (i64.sub (i64.const 1075) (i64.and (i64.shr_u (local.get $a) (i64.const 52)) (i64.const 2047))))
    (if (i64.lt_u (i64.sub (local.get $n) (i64.const 1)) (i64.const 52))
      (then
        (local.set $halves (i64.shr_u (local.get $a) (i64.sub (local.get $n) (i64.const 1))))
        (if (i64.eqz (i64.and (local.get $halves) (i64.const 1)))
          (then (return (i64.shl (i64.shr_u (local.get $halves) (i64.const 1)) (local.get $n)))))
        ;; At a tie, up from an odd integer only.
        (if (i64.lt_u (i64.add (i64.ctz (local.get $a)) (i64.const 1)) (local.get $n))
          (then
            (return
              (i64.shl
                (i64.shr_u (i64.add (local.get $halves) (i64.const 1)) (i64.const 1))
                (local.get $n)))))
        (return
          (i64.shl
            (i64.shr_u
              (i64.add
                (local.get $halves)
                (i64.and (i64.shr_u (local.get $halves) (i64.const 1)) (i64.const 1)))
              (i64.const 1))
            (local.get $n)))))
    (if (i64.gt_u (i64.and (local.get $a) (i64.const 0x7fffffffffffffff)) (i64.const 0x3fe0000000000000))
      (then
        (return
          (call $f64.integral
            (local.get $a)
            (i64.or
              (i64.and (local.get $a) (i64.const 0x8000000000000000))
              (i64.const 0x3ff0000000000000))))))
    (call $f64.integral (local.get $a) (i64.and (local.get $a) (i64.const 0x8000000000000000))))

  ;; The general way, for all that the short ways below do not take: exact significands in 64 bits, rounded
  ;; here.

  ;; The number nearest to a significand other than 0, with a sign bit. The exponent is that of a significand
  ;; with bit 63. A significand that is not exact has its last bit set, and more bits than a result by two at
  ;; least.

  (func $f32.round (param $sign i32) (param $exponent i32) (param $significand i64) (result i32)
      (local $n i64)
    (local.set $n (i64.clz (local.get $significand)))
    (local.set $significand (i64.shl (local.get $significand) (local.get $n)))
    (local.set $exponent (i32.sub (local.get $exponent) (i32.wrap_i64 (local.get $n))))
    (if (i32.ge_s (local.get $exponent) (i32.const 255))
      (then (return (i32.or (local.get $sign) (i32.const 0x7f800000)))))
    (if (i32.le_s (local.get $exponent) (i32.const 0))
      (then
        ;; A subnormal number. Below half of the least one, all are rounded to 0 alike.
        (if (i32.lt_s (local.get $exponent) (i32.const -62)) (then (local.set $exponent (i32.const -62))))
        (local.set $n (i64.extend_i32_u (i32.sub (i32.const 1) (local.get $exponent))))
        (local.set $significand
          (i64.or
            (i64.shr_u (local.get $significand) (local.get $n))
            (i64.extend_i32_u
              (i64.ne
                (i64.shl (local.get $significand) (i64.sub (i64.const 64) (local.get $n)))
                (i64.const 0)))))
        (local.set $exponent (i32.const 1))))
    (local.set $n (i64.shr_u (local.get $significand) (i64.const 40)))
    ;; The highest bit of the significand counts as 1 of the exponent. What is cut off is compared with a
    ;; half, or with a little less if the result would be odd.
    (i32.add
      (i32.add (local.get $sign) (i32.shl (i32.sub (local.get $exponent) (i32.const 1)) (i32.const 23)))
      (i32.wrap_i64
        (i64.add
          (local.get $n)
          (i64.extend_i32_u
            (i64.gt_u
              (i64.add
                (i64.shl (local.get $significand) (i64.const 24))
                (i64.and (local.get $n) (i64.const 1)))
              (i64.const 0x8000000000000000)))))))

  ;; The significand of a finite number.
  (func $f32.significand (param $a i32) (result i64) (local $significand i32)
    (local.set $significand (i32.and (local.get $a) (i32.const 0x007fffff)))
    (if (i32.and (local.get $a) (i32.const 0x7f800000))
      (then (local.set $significand (i32.or (local.get $significand) (i32.const 0x00800000)))))
    (i64.extend_i32_u (local.get $significand)))

  ;; The exponent field of a finite number, with 1 for a subnormal number.
  (func $f32.exponent (param $a i32) (result i32) (local $exponent i32)
    (local.set $exponent (i32.and (i32.shr_u (local.get $a) (i32.const 23)) (i32.const 255)))
    (i32.add (local.get $exponent) (i32.eqz (local.get $exponent))))

  ;; Addition. Below, $top is the sign and the exponent of the operand of the larger magnitude, $n what the
  ;; exponents differ by. The smaller significand, shifted, is added to the larger number's bits or subtracted
  ;; from them as it is. As long as the exponent stays the same, what is left is to round. The short way takes
  ;; a larger exponent from 26 to 253: then the sum is a normal number, and a smaller operand without a
  ;; leading 1 is too small to matter.

  (func $f32.add (export "f32.add") (param $a i32) (param $b i32) (result i32)
      (local $top i32) (local $n i32) (local $small i32) (local $sum i32) (local $x i64) (local $y i64)
      (local $exponent i32)
    (block $rest
      (block $differ
        (if (i32.lt_u (local.get $a) (local.get $b))
          (then
            (br_if $differ (i32.ge_s (local.get $a) (local.get $b)))
            (local.set $n
              (i32.sub
                (local.tee $top (i32.shr_u (local.get $b) (i32.const 23)))
                (i32.shr_u (local.get $a) (i32.const 23))))
            (br_if $rest
              (i32.gt_u (i32.sub (i32.and (local.get $top) (i32.const 255)) (i32.const 26)) (i32.const 227)))
            (local.set $small (i32.and (local.get $a) (i32.const 0x007fffff)))
            (local.set $a (local.get $b)))
          (else
            (br_if $differ (i32.lt_s (local.get $a) (local.get $b)))
            (local.set $n
              (i32.sub
                (local.tee $top (i32.shr_u (local.get $a) (i32.const 23)))
                (i32.shr_u (local.get $b) (i32.const 23))))
            (br_if $rest
              (i32.gt_u (i32.sub (i32.and (local.get $top) (i32.const 255)) (i32.const 26)) (i32.const 227)))
            (local.set $small (i32.and (local.get $b) (i32.const 0x007fffff)))))
        (if (i32.gt_u (local.get $n) (i32.const 25)) (then (return (local.get $a))))
        (if (i32.eqz (local.get $n))
          (then
            ;; Of equal exponents, the mean of the fractions. Half a bit is a tie.
            (local.set $small (i32.sub (local.get $small) (i32.and (local.get $a) (i32.const 0x007fffff))))
            (local.set $a
              (i32.add
                (i32.add (local.get $a) (i32.const 0x00800000))
                (i32.shr_s (local.get $small) (i32.const 1))))
            (return
              (i32.add (local.get $a) (i32.and (local.get $a) (i32.and (local.get $small) (i32.const 1)))))))
        (local.set $small (i32.or (local.get $small) (i32.const 0x00800000)))
        (local.set $a (i32.add (local.get $a) (i32.shr_u (local.get $small) (local.get $n))))
        (if (i32.eq (i32.shr_u (local.get $a) (i32.const 23)) (local.get $top))
          (then
            ;; From here on $n is the place of the bit of a half. At a tie, all below it is 0.
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (if (i32.eqz (i32.and (local.get $small) (i32.shl (i32.const 1) (local.get $n))))
              (then (return (local.get $a))))
            (if (i32.eq (i32.ctz (local.get $small)) (local.get $n))
              (then (return (i32.add (local.get $a) (i32.and (local.get $a) (i32.const 1))))))
            (return (i32.add (local.get $a) (i32.const 1)))))
        ;; The carry has gone into the exponent, and the fraction is to be halved. An odd fraction is rounded
        ;; up by this, which is wrong at a tie if the result is odd.
        (local.set $sum
          (i32.sub (local.get $a) (i32.shr_u (i32.and (local.get $a) (i32.const 0x007fffff)) (i32.const 1))))
        (if (i32.and (local.get $a) (i32.ge_u (i32.ctz (local.get $small)) (local.get $n)))
          (then (return (i32.and (local.get $sum) (i32.const -2)))))
        (return (local.get $sum)))
      ;; The operands have different signs.
      (local.set $n
        (i32.sub
          (i32.and (local.tee $top (i32.shr_u (local.get $a) (i32.const 23))) (i32.const 255))
          (i32.and (local.tee $sum (i32.shr_u (local.get $b) (i32.const 23))) (i32.const 255))))
      (if (i32.lt_s (local.get $n) (i32.const 0))
        (then
          (local.set $top (local.get $sum))
          (br_if $rest
            (i32.gt_u (i32.sub (i32.and (local.get $top) (i32.const 255)) (i32.const 26)) (i32.const 227)))
          (local.set $n (i32.sub (i32.const 0) (local.get $n)))
          (local.set $small (i32.and (local.get $a) (i32.const 0x007fffff)))
          (local.set $a (local.get $b)))
        (else
          (br_if $rest
            (i32.gt_u (i32.sub (i32.and (local.get $top) (i32.const 255)) (i32.const 26)) (i32.const 227)))
          (local.set $small (i32.and (local.get $b) (i32.const 0x007fffff)))))
      (if (i32.gt_u (local.get $n) (i32.const 25)) (then (return (local.get $a))))
      (block $exact
        (if (i32.eqz (local.get $n))
          (then
            (local.set $sum (i32.sub (i32.and (local.get $a) (i32.const 0x007fffff)) (local.get $small)))
            (br $exact)))
        ;; The complement of the significand is −1 minus it, so that the sum is too small by 1 or, where bits
        ;; are lost, by less.
        (local.set $small (i32.xor (local.get $small) (i32.const 0xff7fffff)))
        (local.set $sum (i32.add (local.get $a) (i32.shr_s (local.get $small) (local.get $n))))
        (if (i32.ne (i32.shr_u (local.get $sum) (i32.const 23)) (local.get $top))
          (then
            ;; The exponent becomes less by 1: all once more with the double of the larger significand.
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (if (i32.eqz (local.get $n))
              (then
                (local.set $sum
                  (i32.add
                    (i32.shl
                      (i32.or (i32.and (local.get $a) (i32.const 0x007fffff)) (i32.const 0x00800000))
                      (i32.const 1))
                    (i32.add (local.get $small) (i32.const 1))))
                (if (i32.eq (local.get $sum) (i32.const 0x01000000))
                  (then (return (i32.shl (local.get $top) (i32.const 23)))))
                (local.set $top (i32.sub (local.get $top) (i32.const 1)))
                (br $exact)))
            (local.set $sum
              (i32.add
                (i32.add (local.get $a) (i32.and (local.get $a) (i32.const 0x007fffff)))
                (i32.shr_s (local.get $small) (local.get $n))))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (if (i32.and (local.get $small) (i32.shl (i32.const 1) (local.get $n)))
          (then (return (i32.add (local.get $sum) (i32.const 1)))))
        (if (i32.eq (i32.ctz (i32.add (local.get $small) (i32.const 1))) (local.get $n))
          (then (return (i32.add (local.get $sum) (i32.and (local.get $sum) (i32.const 1))))))
        (return (local.get $sum)))
      ;; A difference without rounding, which may have lost any number of leading bits.
      (if (i32.eqz (local.get $sum)) (then (return (i32.const 0))))
      (if (i32.lt_s (local.get $sum) (i32.const 0))
        (then
          (local.set $sum (i32.sub (i32.const 0) (local.get $sum)))
          (local.set $top (i32.xor (local.get $top) (i32.const 256)))))
      (local.set $n (i32.sub (i32.clz (local.get $sum)) (i32.const 8)))
      (return
        (i32.add
          (i32.shl (i32.sub (i32.sub (local.get $top) (local.get $n)) (i32.const 1)) (i32.const 23))
          (i32.shl (local.get $sum) (local.get $n)))))
    (if (i32.lt_u (i32.shl (local.get $a) (i32.const 1)) (i32.shl (local.get $b) (i32.const 1)))
      (then
        (local.set $sum (local.get $a))
        (local.set $a (local.get $b))
        (local.set $b (local.get $sum))))
    (if (i32.ge_u (i32.and (local.get $a) (i32.const 0x7fffffff)) (i32.const 0x7f800000))
      (then
        ;; The sum with a NaN, or infinity minus infinity. Otherwise the infinity stays.
        (if
          (i32.or
            (i32.ne (i32.and (local.get $a) (i32.const 0x7fffffff)) (i32.const 0x7f800000))
            (i32.eq (i32.xor (local.get $a) (local.get $b)) (i32.const 0x80000000)))
          (then (return (i32.const 0x7fc00000))))
        (return (local.get $a))))
    (local.set $exponent (call $f32.exponent (local.get $a)))
    (local.set $x (i64.shl (call $f32.significand (local.get $a)) (i64.const 10)))
    (local.set $y (i64.shl (call $f32.significand (local.get $b)) (i64.const 10)))
    (local.set $n (i32.sub (local.get $exponent) (call $f32.exponent (local.get $b))))
    (if (local.get $n)
      (then
        ;; Ten bits more than those of the significands, and the last one for all that is lost.
        (if (i32.gt_u (local.get $n) (i32.const 63)) (then (local.set $n (i32.const 63))))
        (local.set $y
          (i64.or
            (i64.shr_u (local.get $y) (i64.extend_i32_u (local.get $n)))
            (i64.extend_i32_u (i64.lt_u (i64.ctz (local.get $y)) (i64.extend_i32_u (local.get $n))))))))
    (if (i32.lt_s (i32.xor (local.get $a) (local.get $b)) (i32.const 0))
      (then (local.set $y (i64.sub (i64.const 0) (local.get $y)))))
    (local.set $x (i64.add (local.get $x) (local.get $y)))
    ;; Equal zeros keep their sign, any other sum of 0 is positive.
    (if (i64.eqz (local.get $x))
      (then (return (i32.and (i32.and (local.get $a) (local.get $b)) (i32.const 0x80000000)))))
    (call $f32.round
      (i32.and (local.get $a) (i32.const 0x80000000))
      (i32.add (local.get $exponent) (i32.const 30))
      (local.get $x)))

  (func (export "f32.sub") (param $a i32) (param $b i32) (result i32)
    (call $f32.add (local.get $a) (i32.xor (local.get $b) (i32.const 0x80000000))))

  ;; The number nearest to a significand other than 0, with a sign bit. The exponent is that of a significand
  ;; with bit 63.

  (func $f64.round (param $sign i64) (param $exponent i32) (param $significand i64) (result i64)
      (local $n i64)
    (local.set $n (i64.clz (local.get $significand)))
    (local.set $significand (i64.shl (local.get $significand) (local.get $n)))
    (local.set $exponent (i32.sub (local.get $exponent) (i32.wrap_i64 (local.get $n))))
    (if (i32.ge_s (local.get $exponent) (i32.const 2047))
      (then (return (i64.or (local.get $sign) (i64.const 0x7ff0000000000000)))))
    (if (i32.le_s (local.get $exponent) (i32.const 0))
      (then
        ;; A subnormal number.
        (if (i32.lt_s (local.get $exponent) (i32.const -62)) (then (local.set $exponent (i32.const -62))))
        (local.set $n (i64.extend_i32_u (i32.sub (i32.const 1) (local.get $exponent))))
        (local.set $significand
          (i64.or
            (i64.shr_u (local.get $significand) (local.get $n))
            (i64.extend_i32_u
              (i64.ne
                (i64.shl (local.get $significand) (i64.sub (i64.const 64) (local.get $n)))
                (i64.const 0)))))
        (local.set $exponent (i32.const 1))))
    (local.set $n (i64.shr_u (local.get $significand) (i64.const 11)))
    ;; As in $f32.round.
    (i64.add
      (i64.add
        (local.get $sign)
        (i64.shl (i64.extend_i32_u (i32.sub (local.get $exponent) (i32.const 1))) (i64.const 52)))
      (i64.add
        (local.get $n)
        (i64.extend_i32_u
          (i64.gt_u
            (i64.add (i64.shl (local.get $significand) (i64.const 53)) (i64.and (local.get $n) (i64.const 1)))
            (i64.const 0x8000000000000000))))))

  ;; The significand of a finite number.
  (func $f64.significand (param $a i64) (result i64) (local $significand i64)
    (local.set $significand (i64.and (local.get $a) (i64.const 0x000fffffffffffff)))
    (if (i64.ne (i64.and (local.get $a) (i64.const 0x7ff0000000000000)) (i64.const 0))
      (then (local.set $significand (i64.or (local.get $significand) (i64.const 0x0010000000000000)))))
    (local.get $significand))

  ;; The exponent field of a finite number, with 1 for a subnormal number.
  (func $f64.exponent (param $a i64) (result i32) (local $exponent i32)
    (local.set $exponent (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 52))) (i32.const 2047)))
    (i32.add (local.get $exponent) (i32.eqz (local.get $exponent))))

  (func $f64.add (export "f64.add") (param $a i64) (param $b i64) (result i64)
      (local $top i64) (local $n i64) (local $small i64) (local $sum i64) (local $x i64) (local $y i64)
      (local $exponent i32)
    (block $rest
      (block $differ
        (if (i64.lt_u (local.get $a) (local.get $b))
          (then
            (br_if $differ (i64.ge_s (local.get $a) (local.get $b)))
            (local.set $n
              (i64.sub
                (local.tee $top (i64.shr_u (local.get $b) (i64.const 52)))
                (i64.shr_u (local.get $a) (i64.const 52))))
            (br_if $rest
              (i64.gt_u
                (i64.sub (i64.and (local.get $top) (i64.const 2047)) (i64.const 55))
                (i64.const 1990)))
            (local.set $small (i64.and (local.get $a) (i64.const 0x000fffffffffffff)))
            (local.set $a (local.get $b)))
          (else
            (br_if $differ (i64.lt_s (local.get $a) (local.get $b)))
            (local.set $n
              (i64.sub
                (local.tee $top (i64.shr_u (local.get $a) (i64.const 52)))
                (i64.shr_u (local.get $b) (i64.const 52))))
            (br_if $rest
              (i64.gt_u
                (i64.sub (i64.and (local.get $top) (i64.const 2047)) (i64.const 55))
                (i64.const 1990)))
            (local.set $small (i64.and (local.get $b) (i64.const 0x000fffffffffffff)))))
        (if (i64.gt_u (local.get $n) (i64.const 54)) (then (return (local.get $a))))
        (if (i64.eqz (local.get $n))
          (then
            ;; The mean of the fractions.
            (local.set $small
              (i64.sub (local.get $small) (i64.and (local.get $a) (i64.const 0x000fffffffffffff))))
            (local.set $a
              (i64.add
                (i64.add (local.get $a) (i64.const 0x0010000000000000))
                (i64.shr_s (local.get $small) (i64.const 1))))
            (return
              (i64.add (local.get $a) (i64.and (local.get $a) (i64.and (local.get $small) (i64.const 1)))))))
        (local.set $small (i64.or (local.get $small) (i64.const 0x0010000000000000)))
        (local.set $a (i64.add (local.get $a) (i64.shr_u (local.get $small) (local.get $n))))
        (if (i64.eq (i64.shr_u (local.get $a) (i64.const 52)) (local.get $top))
          (then
            ;; As in f32.add.
            (local.set $n (i64.sub (local.get $n) (i64.const 1)))
            (if (i64.eqz (i64.and (local.get $small) (i64.shl (i64.const 1) (local.get $n))))
              (then (return (local.get $a))))
            (if (i64.eq (i64.ctz (local.get $small)) (local.get $n))
              (then (return (i64.add (local.get $a) (i64.and (local.get $a) (i64.const 1))))))
            (return (i64.add (local.get $a) (i64.const 1)))))
        ;; The fraction is to be halved.
        (local.set $sum
          (i64.sub
            (local.get $a)
            (i64.shr_u (i64.and (local.get $a) (i64.const 0x000fffffffffffff)) (i64.const 1))))
        (if (i32.and (i32.wrap_i64 (local.get $a)) (i64.ge_u (i64.ctz (local.get $small)) (local.get $n)))
          (then (return (i64.and (local.get $sum) (i64.const -2)))))
        (return (local.get $sum)))
      ;; The operands have different signs.
      (local.set $n
        (i64.sub
          (i64.and (local.tee $top (i64.shr_u (local.get $a) (i64.const 52))) (i64.const 2047))
          (i64.and (local.tee $sum (i64.shr_u (local.get $b) (i64.const 52))) (i64.const 2047))))
      (if (i64.lt_s (local.get $n) (i64.const 0))
        (then
          (local.set $top (local.get $sum))
          (br_if $rest
            (i64.gt_u (i64.sub (i64.and (local.get $top) (i64.const 2047)) (i64.const 55)) (i64.const 1990)))
          (local.set $n (i64.sub (i64.const 0) (local.get $n)))
          (local.set $small (i64.and (local.get $a) (i64.const 0x000fffffffffffff)))
          (local.set $a (local.get $b)))
        (else
          (br_if $rest
            (i64.gt_u (i64.sub (i64.and (local.get $top) (i64.const 2047)) (i64.const 55)) (i64.const 1990)))
          (local.set $small (i64.and (local.get $b) (i64.const 0x000fffffffffffff)))))
      (if (i64.gt_u (local.get $n) (i64.const 54)) (then (return (local.get $a))))
      (block $exact
        (if (i64.eqz (local.get $n))
          (then
            (local.set $sum
              (i64.sub (i64.and (local.get $a) (i64.const 0x000fffffffffffff)) (local.get $small)))
            (br $exact)))
        ;; As in f32.add.
        (local.set $small (i64.xor (local.get $small) (i64.const 0xffefffffffffffff)))
        (local.set $sum (i64.add (local.get $a) (i64.shr_s (local.get $small) (local.get $n))))
        (if (i64.ne (i64.shr_u (local.get $sum) (i64.const 52)) (local.get $top))
          (then
            ;; Once more with the double of the larger significand.
            (local.set $n (i64.sub (local.get $n) (i64.const 1)))
            (if (i64.eqz (local.get $n))
              (then
                (local.set $sum
                  (i64.add
                    (i64.shl
                      (i64.or
                        (i64.and (local.get $a) (i64.const 0x000fffffffffffff))
                        (i64.const 0x0010000000000000))
                      (i64.const 1))
                    (i64.add (local.get $small) (i64.const 1))))
                (if (i64.eq (local.get $sum) (i64.const 0x0020000000000000))
                  (then (return (i64.shl (local.get $top) (i64.const 52)))))
                (local.set $top (i64.sub (local.get $top) (i64.const 1)))
                (br $exact)))
            (local.set $sum
              (i64.add
                (i64.add (local.get $a) (i64.and (local.get $a) (i64.const 0x000fffffffffffff)))
                (i64.shr_s (local.get $small) (local.get $n))))))
        (local.set $n (i64.sub (local.get $n) (i64.const 1)))
        (if (i64.ne (i64.and (local.get $small) (i64.shl (i64.const 1) (local.get $n))) (i64.const 0))
          (then (return (i64.add (local.get $sum) (i64.const 1)))))
        (if (i64.eq (i64.ctz (i64.add (local.get $small) (i64.const 1))) (local.get $n))
          (then (return (i64.add (local.get $sum) (i64.and (local.get $sum) (i64.const 1))))))
        (return (local.get $sum)))
      ;; A difference without rounding.
      (if (i64.eqz (local.get $sum)) (then (return (i64.const 0))))
      (if (i64.lt_s (local.get $sum) (i64.const 0))
        (then
          (local.set $sum (i64.sub (i64.const 0) (local.get $sum)))
          (local.set $top (i64.xor (local.get $top) (i64.const 2048)))))
      (local.set $n (i64.sub (i64.clz (local.get $sum)) (i64.const 11)))
      (return
        (i64.add
          (i64.shl (i64.sub (i64.sub (local.get $top) (local.get $n)) (i64.const 1)) (i64.const 52))
          (i64.shl (local.get $sum) (local.get $n)))))
    (if (i64.lt_u (i64.shl (local.get $a) (i64.const 1)) (i64.shl (local.get $b) (i64.const 1)))
      (then
        (local.set $sum (local.get $a))
        (local.set $a (local.get $b))
        (local.set $b (local.get $sum))))
    (if (i64.ge_u (i64.and (local.get $a) (i64.const 0x7fffffffffffffff)) (i64.const 0x7ff0000000000000))
      (then
        ;; As in f32.add.
        (if
          (i32.or
            (i64.ne (i64.and (local.get $a) (i64.const 0x7fffffffffffffff)) (i64.const 0x7ff0000000000000))
            (i64.eq (i64.xor (local.get $a) (local.get $b)) (i64.const 0x8000000000000000)))
          (then (return (i64.const 0x7ff8000000000000))))
        (return (local.get $a))))
    (local.set $exponent (call $f64.exponent (local.get $a)))
    (local.set $x (i64.shl (call $f64.significand (local.get $a)) (i64.const 10)))
    (local.set $y (i64.shl (call $f64.significand (local.get $b)) (i64.const 10)))
    (local.set $n (i64.extend_i32_u (i32.sub (local.get $exponent) (call $f64.exponent (local.get $b)))))
    (if (i64.ne (local.get $n) (i64.const 0))
      (then
        ;; As in f32.add.
        (if (i64.gt_u (local.get $n) (i64.const 63)) (then (local.set $n (i64.const 63))))
        (local.set $y
          (i64.or
            (i64.shr_u (local.get $y) (local.get $n))
            (i64.extend_i32_u (i64.lt_u (i64.ctz (local.get $y)) (local.get $n)))))))
    (if (i64.lt_s (i64.xor (local.get $a) (local.get $b)) (i64.const 0))
      (then (local.set $y (i64.sub (i64.const 0) (local.get $y)))))
    (local.set $x (i64.add (local.get $x) (local.get $y)))
    ;; Equal zeros keep their sign, any other sum of 0 is positive.
    (if (i64.eqz (local.get $x))
      (then (return (i64.and (i64.and (local.get $a) (local.get $b)) (i64.const 0x8000000000000000)))))
    (call $f64.round
      (i64.and (local.get $a) (i64.const 0x8000000000000000))
      (i32.add (local.get $exponent) (i32.const 1))
      (local.get $x)))

  (func (export "f64.sub") (param $a i64) (param $b i64) (result i64)
    (call $f64.add (local.get $a) (i64.xor (local.get $b) (i64.const 0x8000000000000000))))

  ;; Multiplication and division. $x and $y are the signs and exponents of the operands, $p and $q the
  ;; exponents less 1. The sign of the result comes about as the lowest bit of the sum or difference of the
  ;; signs: the exponents in between are tested before, so that they do not carry into it.

  ;; A product that is not normal, or a factor of which is not.
  (func $f32.mul.rest (param $a i32) (param $b i32) (result i32)
      (local $sign i32) (local $x i64) (local $y i64) (local $e i32) (local $d i32) (local $n i64)
    (local.set $sign (i32.and (i32.xor (local.get $a) (local.get $b)) (i32.const 0x80000000)))
    (local.set $a (i32.and (local.get $a) (i32.const 0x7fffffff)))
    (local.set $b (i32.and (local.get $b) (i32.const 0x7fffffff)))
    (if
      (i32.or
        (i32.gt_u (local.get $a) (i32.const 0x7f800000))
        (i32.gt_u (local.get $b) (i32.const 0x7f800000)))
      (then (return (i32.const 0x7fc00000))))
    (if (i32.or (i32.eqz (local.get $a)) (i32.eqz (local.get $b)))
      (then
        (if
          (i32.or
            (i32.eq (local.get $a) (i32.const 0x7f800000))
            (i32.eq (local.get $b) (i32.const 0x7f800000)))
          (then (return (i32.const 0x7fc00000))))
        (return (local.get $sign))))
    (if (i32.or (i32.eq (local.get $a) (i32.const 0x7f800000)) (i32.eq (local.get $b) (i32.const 0x7f800000)))
      (then (return (i32.or (local.get $sign) (i32.const 0x7f800000)))))

    (local.set $x (call $f32.significand (local.get $a)))
    (local.set $y (call $f32.significand (local.get $b)))
    (local.set $e (call $f32.exponent (local.get $a)))
    (local.set $d (call $f32.exponent (local.get $b)))
    (call $f32.round
      (local.get $sign)
      (i32.sub (i32.add (local.get $e) (local.get $d)) (i32.const 110))
      (i64.mul (local.get $x) (local.get $y))))

  ;; A quotient that is not normal, or of operands that are not.
  (func $f32.div.rest (param $a i32) (param $b i32) (result i32)
      (local $sign i32) (local $x i64) (local $y i64) (local $e i32) (local $d i32) (local $n i64)
      (local $quotient i64)
    (local.set $sign (i32.and (i32.xor (local.get $a) (local.get $b)) (i32.const 0x80000000)))
    (local.set $a (i32.and (local.get $a) (i32.const 0x7fffffff)))
    (local.set $b (i32.and (local.get $b) (i32.const 0x7fffffff)))
    (if
      (i32.or
        (i32.gt_u (local.get $a) (i32.const 0x7f800000))
        (i32.gt_u (local.get $b) (i32.const 0x7f800000)))
      (then (return (i32.const 0x7fc00000))))
    (if (i32.eq (local.get $a) (local.get $b))
      (then
        (if (i32.or (i32.eqz (local.get $a)) (i32.eq (local.get $a) (i32.const 0x7f800000)))
          (then (return (i32.const 0x7fc00000))))))
    (if (i32.or (i32.eqz (local.get $a)) (i32.eq (local.get $b) (i32.const 0x7f800000)))
      (then (return (local.get $sign))))
    (if (i32.or (i32.eqz (local.get $b)) (i32.eq (local.get $a) (i32.const 0x7f800000)))
      (then (return (i32.or (local.get $sign) (i32.const 0x7f800000)))))

    (local.set $x (call $f32.significand (local.get $a)))
    (local.set $y (call $f32.significand (local.get $b)))
    (local.set $e (call $f32.exponent (local.get $a)))
    (local.set $d (call $f32.exponent (local.get $b)))

    (local.set $n (i64.clz (local.get $x)))
    (local.set $x (i64.shl (local.get $x) (local.get $n)))
    (local.set $e (i32.sub (local.get $e) (i32.wrap_i64 (local.get $n))))
    (local.set $quotient (i64.div_u (local.get $x) (local.get $y)))
    (call $f32.round
      (local.get $sign)
      (i32.add (i32.sub (local.get $e) (local.get $d)) (i32.const 190))
      (i64.or
        (local.get $quotient)
        (i64.extend_i32_u (i64.ne (i64.mul (local.get $quotient) (local.get $y)) (local.get $x))))))

  (func (export "f32.mul") (param $a i32) (param $b i32) (result i32)
      (local $x i32) (local $y i32) (local $p i32) (local $q i32) (local $product i64)
    (block $rest

      (local.set $x (i32.shr_u (local.get $a) (i32.const 23)))
      (local.set $y (i32.shr_u (local.get $b) (i32.const 23)))
      (local.set $p (i32.sub (i32.and (local.get $x) (i32.const 255)) (i32.const 1)))
      (br_if $rest (i32.ge_u (local.get $p) (i32.const 254)))
      (local.set $q (i32.sub (i32.and (local.get $y) (i32.const 255)) (i32.const 1)))
      (br_if $rest (i32.ge_u (local.get $q) (i32.const 254)))
      ;; The exponent of a product below 2 must be from 1 to 253.
      (br_if $rest
        (i32.ge_u (i32.sub (i32.add (local.get $p) (local.get $q)) (i32.const 126)) (i32.const 253)))
      (local.set $product
        (i64.mul
          (i64.extend_i32_u (i32.or (i32.and (local.get $a) (i32.const 0x007fffff)) (i32.const 0x00800000)))
          (i64.extend_i32_u (i32.or (i32.and (local.get $b) (i32.const 0x007fffff)) (i32.const 0x00800000)))))
      ;; The product has 47 or 48 bits. Here it gets 48.
      (if (i64.lt_u (local.get $product) (i64.const 0x0000800000000000))
        (then (local.set $product (i64.shl (local.get $product) (i64.const 1))))
        (else
          (local.set $x (i32.add (local.get $x) (i32.const 1)))))
      (local.set $a
        (i32.add
          (i32.shl (i32.sub (i32.add (local.get $x) (local.get $y)) (i32.const 128)) (i32.const 23))
          (i32.wrap_i64 (i64.shr_u (local.get $product) (i64.const 24)))))
      (if (i64.eqz (i64.and (local.get $product) (i64.const 0x0000000000800000)))
        (then (return (local.get $a))))
      (if (i64.eq (i64.ctz (local.get $product)) (i64.const 23))
        (then (return (i32.add (local.get $a) (i32.and (local.get $a) (i32.const 1))))))
      (return (i32.add (local.get $a) (i32.const 1))))
    (call $f32.mul.rest (local.get $a) (local.get $b)))

  (func (export "f32.div") (param $a i32) (param $b i32) (result i32)
      (local $x i32) (local $y i32) (local $p i32) (local $q i32) (local $fewer i32)
    (block $rest

      (local.set $x (i32.shr_u (local.get $a) (i32.const 23)))
      (local.set $y (i32.shr_u (local.get $b) (i32.const 23)))
      (local.set $p (i32.sub (i32.and (local.get $x) (i32.const 255)) (i32.const 1)))
      (br_if $rest (i32.ge_u (local.get $p) (i32.const 254)))
      (local.set $q (i32.sub (i32.and (local.get $y) (i32.const 255)) (i32.const 1)))
      (br_if $rest (i32.ge_u (local.get $q) (i32.const 254)))
      ;; The exponent of a quotient from 1 on must be from 2 to 254.
      (br_if $rest
        (i32.ge_u (i32.add (i32.sub (local.get $p) (local.get $q)) (i32.const 125)) (i32.const 253)))
      ;; A quotient of such significands is never a tie: it would have more bits than the dividend. So it is
      ;; enough to know one bit more than the result has.
      (local.set $p (i32.and (local.get $a) (i32.const 0x007fffff)))
      (local.set $q (i32.and (local.get $b) (i32.const 0x007fffff)))
      (local.set $fewer (i32.lt_u (local.get $p) (local.get $q)))
      (return
        (i32.add
          (i32.shl
            (i32.sub (i32.add (i32.sub (local.get $x) (local.get $y)) (i32.const 126)) (local.get $fewer))
            (i32.const 23))
          (i32.shr_u
            (i32.add
              (i32.wrap_i64
                (i64.div_u
                  (i64.shl
                    (i64.extend_i32_u (i32.or (local.get $p) (i32.const 0x00800000)))
                    (i64.extend_i32_u (i32.add (local.get $fewer) (i32.const 24))))
                  (i64.extend_i32_u (i32.or (local.get $q) (i32.const 0x00800000)))))
              (i32.const 1))
            (i32.const 1)))))
    (call $f32.div.rest (local.get $a) (local.get $b)))

  ;; A product that is not normal, or a factor of which is not.
  (func $f64.mul.rest (param $a i64) (param $b i64) (result i64)
      (local $sign i64) (local $x i64) (local $y i64) (local $e i32) (local $d i32) (local $n i64)
      (local $low i64) (local $middle i64)
    (local.set $sign (i64.and (i64.xor (local.get $a) (local.get $b)) (i64.const 0x8000000000000000)))
    (local.set $a (i64.and (local.get $a) (i64.const 0x7fffffffffffffff)))
    (local.set $b (i64.and (local.get $b) (i64.const 0x7fffffffffffffff)))
    (if
      (i32.or
        (i64.gt_u (local.get $a) (i64.const 0x7ff0000000000000))
        (i64.gt_u (local.get $b) (i64.const 0x7ff0000000000000)))
      (then (return (i64.const 0x7ff8000000000000))))
    (if (i32.or (i64.eqz (local.get $a)) (i64.eqz (local.get $b)))
      (then
        (if
          (i32.or
            (i64.eq (local.get $a) (i64.const 0x7ff0000000000000))
            (i64.eq (local.get $b) (i64.const 0x7ff0000000000000)))
          (then (return (i64.const 0x7ff8000000000000))))
        (return (local.get $sign))))
    (if
      (i32.or
        (i64.eq (local.get $a) (i64.const 0x7ff0000000000000))
        (i64.eq (local.get $b) (i64.const 0x7ff0000000000000)))
      (then (return (i64.or (local.get $sign) (i64.const 0x7ff0000000000000)))))

    (local.set $x (call $f64.significand (local.get $a)))
    (local.set $y (call $f64.significand (local.get $b)))
    (local.set $e (call $f64.exponent (local.get $a)))
    (local.set $d (call $f64.exponent (local.get $b)))

    (local.set $n (i64.clz (local.get $x)))
    (local.set $x (i64.shl (local.get $x) (local.get $n)))
    (local.set $e (i32.sub (local.get $e) (i32.wrap_i64 (local.get $n))))

    (local.set $n (i64.clz (local.get $y)))
    (local.set $y (i64.shl (local.get $y) (local.get $n)))
    (local.set $d (i32.sub (local.get $d) (i32.wrap_i64 (local.get $n))))
    ;; The upper 64 bits of the product, from products of 32 by 32 bits.
    (local.set $low
      (i64.mul
        (i64.and (local.get $x) (i64.const 0xffffffff))
        (i64.and (local.get $y) (i64.const 0xffffffff))))
    (local.set $middle
      (i64.add
        (i64.mul (i64.shr_u (local.get $x) (i64.const 32)) (i64.and (local.get $y) (i64.const 0xffffffff)))
        (i64.shr_u (local.get $low) (i64.const 32))))
    (local.set $n
      (i64.add
        (i64.mul (i64.and (local.get $x) (i64.const 0xffffffff)) (i64.shr_u (local.get $y) (i64.const 32)))
        (i64.and (local.get $middle) (i64.const 0xffffffff))))
    (call $f64.round
      (local.get $sign)
      (i32.sub (i32.add (local.get $e) (local.get $d)) (i32.const 1000))
      (i64.or
        (i64.add
          (i64.mul (i64.shr_u (local.get $x) (i64.const 32)) (i64.shr_u (local.get $y) (i64.const 32)))
          (i64.add (i64.shr_u (local.get $middle) (i64.const 32)) (i64.shr_u (local.get $n) (i64.const 32))))
        (i64.extend_i32_u (i64.ne (i64.mul (local.get $x) (local.get $y)) (i64.const 0))))))

  ;; A quotient that is not normal, or of operands that are not.
  (func $f64.div.rest (param $a i64) (param $b i64) (result i64)
      (local $sign i64) (local $x i64) (local $y i64) (local $e i32) (local $d i32) (local $n i64)
      (local $quotient i64)
    (local.set $sign (i64.and (i64.xor (local.get $a) (local.get $b)) (i64.const 0x8000000000000000)))
    (local.set $a (i64.and (local.get $a) (i64.const 0x7fffffffffffffff)))
    (local.set $b (i64.and (local.get $b) (i64.const 0x7fffffffffffffff)))
    (if
      (i32.or
        (i64.gt_u (local.get $a) (i64.const 0x7ff0000000000000))
        (i64.gt_u (local.get $b) (i64.const 0x7ff0000000000000)))
      (then (return (i64.const 0x7ff8000000000000))))
    (if (i64.eq (local.get $a) (local.get $b))
      (then
        (if (i32.or (i64.eqz (local.get $a)) (i64.eq (local.get $a) (i64.const 0x7ff0000000000000)))
          (then (return (i64.const 0x7ff8000000000000))))))
    (if (i32.or (i64.eqz (local.get $a)) (i64.eq (local.get $b) (i64.const 0x7ff0000000000000)))
      (then (return (local.get $sign))))
    (if (i32.or (i64.eqz (local.get $b)) (i64.eq (local.get $a) (i64.const 0x7ff0000000000000)))
      (then (return (i64.or (local.get $sign) (i64.const 0x7ff0000000000000)))))

    (local.set $x (call $f64.significand (local.get $a)))
    (local.set $y (call $f64.significand (local.get $b)))
    (local.set $e (call $f64.exponent (local.get $a)))
    (local.set $d (call $f64.exponent (local.get $b)))

    (local.set $n (i64.clz (local.get $x)))
    (local.set $x (i64.shl (local.get $x) (local.get $n)))
    (local.set $e (i32.sub (local.get $e) (i32.wrap_i64 (local.get $n))))

    (local.set $n (i64.clz (local.get $y)))
    (local.set $y (i64.shl (local.get $y) (local.get $n)))
    (local.set $d (i32.sub (local.get $d) (i32.wrap_i64 (local.get $n))))
    (local.set $x (i64.shr_u (local.get $x) (i64.const 11)))
    (local.set $y (i64.shr_u (local.get $y) (i64.const 11)))
    (local.set $quotient (call $quotient (local.get $x) (local.get $y)))
    (local.set $x
      (i64.sub (i64.shl (local.get $x) (i64.const 61)) (i64.mul (local.get $quotient) (local.get $y))))
    (block $done
      (loop $more
        (br_if $done (i64.lt_u (local.get $x) (local.get $y)))
        (local.set $x (i64.sub (local.get $x) (local.get $y)))
        (local.set $quotient (i64.add (local.get $quotient) (i64.const 1)))
        (br $more)))
    (call $f64.round
      (local.get $sign)
      (i32.add (i32.sub (local.get $e) (local.get $d)) (i32.const 1025))
      (i64.or (local.get $quotient) (i64.extend_i32_u (i64.ne (local.get $x) (i64.const 0))))))

  ;; 2^61 times the quotient of two significands of 53 bits, or less than that by below 3. Two digits, each
  ;; from a division by the divisor's upper 32 bits, rounded up.
  (func $quotient (param $x i64) (param $y i64) (result i64) (local $digit i64) (local $upper i64)
    (local.set $upper (i64.add (i64.shr_u (local.get $y) (i64.const 21)) (i64.const 1)))
    (local.set $digit (i64.div_u (i64.shl (local.get $x) (i64.const 11)) (local.get $upper)))
    (i64.add
      (i64.shl (local.get $digit) (i64.const 29))
      (i64.div_u
        (i64.shl
          (i64.sub (i64.shl (local.get $x) (i64.const 32)) (i64.mul (local.get $digit) (local.get $y)))
          (i64.const 8))
        (local.get $upper))))

  (func (export "f64.mul") (param $a i64) (param $b i64) (result i64)
      (local $x i64) (local $y i64) (local $p i64) (local $q i64) (local $product i64) (local $n i64)
      (local $half i64)
    (block $rest

      (local.set $x (i64.shr_u (local.get $a) (i64.const 52)))
      (local.set $y (i64.shr_u (local.get $b) (i64.const 52)))
      (local.set $p (i64.sub (i64.and (local.get $x) (i64.const 2047)) (i64.const 1)))
      (br_if $rest (i64.ge_u (local.get $p) (i64.const 2046)))
      (local.set $q (i64.sub (i64.and (local.get $y) (i64.const 2047)) (i64.const 1)))
      (br_if $rest (i64.ge_u (local.get $q) (i64.const 2046)))
      ;; The exponent of a product below 2 must be from 1 to 2045.
      (br_if $rest
        (i64.ge_u (i64.sub (i64.add (local.get $p) (local.get $q)) (i64.const 1022)) (i64.const 2045)))
      ;; The significands in an upper part of 32 bits and a lower one of 21 bits. The product without its
      ;; lowest 42 bits is the product of the upper parts plus the upper bits of the others, and perhaps 1
      ;; more.
      (local.set $p
        (i64.or
          (i64.and (i64.shr_u (local.get $a) (i64.const 21)) (i64.const 0x7fffffff))
          (i64.const 0x80000000)))
      (local.set $q
        (i64.or
          (i64.and (i64.shr_u (local.get $b) (i64.const 21)) (i64.const 0x7fffffff))
          (i64.const 0x80000000)))
      (local.set $product
        (i64.add
          (i64.mul (local.get $p) (local.get $q))
          (i64.shr_u
            (i64.add
              (i64.mul (local.get $p) (i64.and (local.get $b) (i64.const 0x1fffff)))
              (i64.mul (local.get $q) (i64.and (local.get $a) (i64.const 0x1fffff))))
            (i64.const 21))))
      ;; So many bits are cut off of 63 or 64, the highest of them is $half.
      (local.set $n (i64.sub (i64.const 11) (i64.clz (local.get $product))))
      (local.set $p
        (i64.add
          (i64.shl
            (i64.add (i64.add (local.get $x) (local.get $y)) (i64.sub (local.get $n) (i64.const 1034)))
            (i64.const 52))
          (i64.shr_u (local.get $product) (local.get $n))))
      (local.set $half (i64.shl (i64.const 1) (i64.sub (local.get $n) (i64.const 1))))
      (if (i64.eqz (i64.and (local.get $product) (local.get $half)))
        (then
          ;; 1 more changes the rounding where all bits below are 1.
          (br_if $rest
            (i64.eq (i64.or (local.get $product) (i64.sub (i64.const 0) (local.get $half))) (i64.const -1)))
          (return (local.get $p))))
      ;; It can be a tie only if the whole product has no bit below. The trailing zeros are those of the
      ;; factors; a factor without a fraction, where they would reach into the exponent, does not get here. If
      ;; $product is too small by 1, its lowest bit is 1, and it is not a tie.
      (if
        (i64.ge_u
          (i64.add (i64.ctz (local.get $a)) (i64.ctz (local.get $b)))
          (i64.add (local.get $n) (i64.const 41)))
        (then
          (return
            (i64.add
              (local.get $p)
              (i64.or (i64.and (local.get $p) (i64.const 1)) (i64.and (local.get $product) (i64.const 1)))))))
      (return (i64.add (local.get $p) (i64.const 1))))
    (call $f64.mul.rest (local.get $a) (local.get $b)))

  (func (export "f64.div") (param $a i64) (param $b i64) (result i64)
      (local $x i64) (local $y i64) (local $p i64) (local $q i64) (local $quotient i64) (local $n i64)
      (local $half i64)
    (block $rest

      (local.set $x (i64.shr_u (local.get $a) (i64.const 52)))
      (local.set $y (i64.shr_u (local.get $b) (i64.const 52)))
      (local.set $p (i64.sub (i64.and (local.get $x) (i64.const 2047)) (i64.const 1)))
      (br_if $rest (i64.ge_u (local.get $p) (i64.const 2046)))
      (local.set $q (i64.sub (i64.and (local.get $y) (i64.const 2047)) (i64.const 1)))
      (br_if $rest (i64.ge_u (local.get $q) (i64.const 2046)))
      ;; The exponent of a quotient from 1 on must be from 2 to 2046.
      (br_if $rest
        (i64.ge_u (i64.add (i64.sub (local.get $p) (local.get $q)) (i64.const 1021)) (i64.const 2045)))
      ;; A quotient of such significands is never a tie. 2^61 times the quotient, or less by below 3, from two
      ;; digits as in $quotient.
      (local.set $q
        (i64.or (i64.and (local.get $b) (i64.const 0x000fffffffffffff)) (i64.const 0x0010000000000000)))
      (local.set $n (i64.add (i64.shr_u (local.get $q) (i64.const 21)) (i64.const 1)))
      (local.set $p
        (i64.div_u
          (i64.or (i64.shl (local.get $a) (i64.const 11)) (i64.const 0x8000000000000000))
          (local.get $n)))
      (local.set $quotient
        (i64.add
          (i64.div_u
            (i64.shl
              (i64.sub (i64.shl (local.get $a) (i64.const 32)) (i64.mul (local.get $p) (local.get $q)))
              (i64.const 8))
            (local.get $n))
          (i64.shl (local.get $p) (i64.const 29))))
      ;; So many bits are cut off of 61 or 62, the highest of them is $half.
      (local.set $n (i64.sub (i64.const 11) (i64.clz (local.get $quotient))))
      (local.set $half (i64.shl (i64.const 1) (i64.sub (local.get $n) (i64.const 1))))
      (local.set $p
        (i64.add
          (i64.shl
            (i64.add (i64.sub (local.get $x) (local.get $y)) (i64.add (local.get $n) (i64.const 1013)))
            (i64.const 52))
          (i64.shr_u (local.get $quotient) (local.get $n))))
      (if (i64.ne (i64.and (local.get $quotient) (local.get $half)) (i64.const 0))
        (then (return (i64.add (local.get $p) (i64.const 1)))))
      ;; Minus what is missing to a half: where that is less than 3, the quotient times the divisor decides.
      (local.set $n (i64.or (local.get $quotient) (i64.sub (i64.const 0) (local.get $half))))
      (if (i64.lt_s (local.get $n) (i64.const -3)) (then (return (local.get $p))))
      (return
        (i64.add
          (local.get $p)
          (i64.extend_i32_u
            (i64.ge_s
              (i64.sub
                (i64.shl (local.get $a) (i64.const 61))
                (i64.mul (i64.sub (local.get $quotient) (local.get $n)) (local.get $q)))
              (i64.const 0))))))
    (call $f64.div.rest (local.get $a) (local.get $b)))

  ;; Square roots, by Newton's method. From a number of 31 or 32 bits with an even exponent, a straight line
  ;; gives a root of 16 bits that is wrong by a twentieth at most. After two steps it is right or too large by
  ;; 1, and after a third one the same holds for 32 bits. A root is never a tie: its square would have more
  ;; bits than the number.

  (func (export "f32.sqrt") (param $a i32) (result i32)
      (local $e i32) (local $x i32) (local $root i32) (local $y i64)
    (local.set $e (i32.shr_u (local.get $a) (i32.const 23)))
    (if (i32.ge_u (i32.sub (local.get $e) (i32.const 1)) (i32.const 254))
      (then
        (if (i32.eqz (i32.shl (local.get $a) (i32.const 1))) (then (return (local.get $a))))
        (if (i32.ge_u (local.get $a) (i32.const 0x7f800000))
          (then
            (if (i32.eq (local.get $a) (i32.const 0x7f800000)) (then (return (local.get $a))))
            (return (i32.const 0x7fc00000))))
        ;; A subnormal number gets its leading 1, and an exponent below 1.
        (local.set $e (i32.sub (i32.const 9) (i32.clz (local.get $a))))
        (local.set $a (i32.shl (local.get $a) (i32.sub (i32.const 1) (local.get $e))))))
    (local.set $x
      (i32.shl
        (i32.or (i32.and (local.get $a) (i32.const 0x007fffff)) (i32.const 0x00800000))
        (i32.sub (i32.const 8) (i32.and (local.get $e) (i32.const 1)))))
    (local.set $root (i32.add (i32.div_u (local.get $x) (i32.const 98304)) (i32.const 23210)))
    (local.set $root
      (i32.shr_u (i32.add (local.get $root) (i32.div_u (local.get $x) (local.get $root))) (i32.const 1)))
    (local.set $root
      (i32.shr_u (i32.add (local.get $root) (i32.div_u (local.get $x) (local.get $root))) (i32.const 1)))
    (local.set $y
      (i64.shr_u
        (i64.add
          (i64.shl (i64.extend_i32_u (local.get $root)) (i64.const 16))
          (i64.div_u
            (i64.shl (i64.extend_i32_u (local.get $x)) (i64.const 16))
            (i64.extend_i32_u (local.get $root))))
        (i64.const 1)))
    ;; If it is too large by 1, that matters only where it is a half.
    (if (i64.eq (i64.and (local.get $y) (i64.const 255)) (i64.const 128))
      (then
        (if
          (i64.gt_u
            (i64.mul (local.get $y) (local.get $y))
            (i64.shl (i64.extend_i32_u (local.get $x)) (i64.const 32)))
          (then (local.set $y (i64.sub (local.get $y) (i64.const 1)))))))
    (i32.add
      (i32.shl (i32.shr_u (i32.add (local.get $e) (i32.const 125)) (i32.const 1)) (i32.const 23))
      (i32.wrap_i64 (i64.shr_u (i64.add (local.get $y) (i64.const 128)) (i64.const 8)))))

  (func (export "f64.sqrt") (param $a i64) (result i64)
      (local $e i64) (local $x i64) (local $upper i32) (local $root i32) (local $y i64)
    (local.set $e (i64.shr_u (local.get $a) (i64.const 52)))
    (if (i64.ge_u (i64.sub (local.get $e) (i64.const 1)) (i64.const 2046))
      (then
        (if (i64.eqz (i64.shl (local.get $a) (i64.const 1))) (then (return (local.get $a))))
        (if (i64.ge_u (local.get $a) (i64.const 0x7ff0000000000000))
          (then
            (if (i64.eq (local.get $a) (i64.const 0x7ff0000000000000)) (then (return (local.get $a))))
            (return (i64.const 0x7ff8000000000000))))
        ;; A subnormal number gets its leading 1, and an exponent below 1.
        (local.set $e (i64.sub (i64.const 12) (i64.clz (local.get $a))))
        (local.set $a (i64.shl (local.get $a) (i64.sub (i64.const 1) (local.get $e))))))
    (local.set $x
      (i64.shl
        (i64.or (i64.and (local.get $a) (i64.const 0x000fffffffffffff)) (i64.const 0x0010000000000000))
        (i64.sub (i64.const 11) (i64.and (local.get $e) (i64.const 1)))))
    (local.set $upper (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 32))))
    (local.set $root (i32.add (i32.div_u (local.get $upper) (i32.const 98304)) (i32.const 23210)))
    (local.set $root
      (i32.shr_u (i32.add (local.get $root) (i32.div_u (local.get $upper) (local.get $root))) (i32.const 1)))
    (local.set $root
      (i32.shr_u (i32.add (local.get $root) (i32.div_u (local.get $upper) (local.get $root))) (i32.const 1)))
    (local.set $y
      (i64.shr_u
        (i64.add
          (i64.shl (i64.extend_i32_u (local.get $root)) (i64.const 16))
          (i64.div_u (i64.shr_u (local.get $x) (i64.const 16)) (i64.extend_i32_u (local.get $root))))
        (i64.const 1)))
    ;; A last step for 62 bits. It begins with a root that is too large by more than 0 and at most 2, so that
    ;; what is to be subtracted is positive. The result is too large by less than 2.
    (local.set $y (i64.add (local.get $y) (i64.const 1)))
    (local.set $y
      (i64.sub
        (i64.shl (local.get $y) (i64.const 30))
        (i64.div_u
          (i64.shl (i64.sub (i64.mul (local.get $y) (local.get $y)) (local.get $x)) (i64.const 29))
          (local.get $y))))
    ;; That matters only where it is a half or 1 more. Then a half is compared with the root, squared.
    (if (i64.lt_u (i64.sub (i64.and (local.get $y) (i64.const 511)) (i64.const 256)) (i64.const 2))
      (then
        (if
          (i64.gt_s
            (i64.sub
              (i64.mul (i64.shr_u (local.get $y) (i64.const 8)) (i64.shr_u (local.get $y) (i64.const 8)))
              (i64.shl (local.get $x) (i64.const 44)))
            (i64.const 0))
          (then (local.set $y (i64.sub (local.get $y) (i64.const 2)))))))
    (i64.add
      (i64.shl (i64.shr_u (i64.add (local.get $e) (i64.const 1021)) (i64.const 1)) (i64.const 52))
      (i64.shr_u (i64.add (local.get $y) (i64.const 256)) (i64.const 9))))

  ;; Truncation to integers. $top is the sign and the exponent, $n the exponent of 2. The bits of the number
  ;; from that of 1 on are the integer with $top in place of its leading 1. This takes what has few bits and
  ;; is not below 1.

  ;; The integer part of a number below 2^63, or of a positive one below 2^64.
  (func $f32.integer (param $a i32) (result i64) (local $n i32) (local $integer i64)
    (local.set $n (i32.and (i32.shr_u (local.get $a) (i32.const 23)) (i32.const 255)))
    (if (i32.lt_u (local.get $n) (i32.const 127)) (then (return (i64.const 0))))
    (local.set $integer
      (i64.shr_u
        (i64.or (i64.shl (i64.extend_i32_u (local.get $a)) (i64.const 40)) (i64.const 0x8000000000000000))
        (i64.extend_i32_u (i32.sub (i32.const 190) (local.get $n)))))
    (if (i32.lt_s (local.get $a) (i32.const 0)) (then (return (i64.sub (i64.const 0) (local.get $integer)))))
    (local.get $integer))

  ;; The trap of a number that is out of range.
  (func $f32.trap (param $a i32)
    (if
      (i32.and
        (i32.le_s (local.get $a) (i32.const 0x7f800000))
        (i32.le_u (local.get $a) (i32.const 0xff800000)))
      (then
        (call $overflow)
        (unreachable)))
    (call $invalid)
    (unreachable))

  ;; What is out of range becomes the least or the largest integer, and a NaN 0.
  (func $f32.saturated (param $a i32) (param $least i64) (param $largest i64) (result i64)
    (if
      (i32.or
        (i32.gt_s (local.get $a) (i32.const 0x7f800000))
        (i32.gt_u (local.get $a) (i32.const 0xff800000)))
      (then (return (i64.const 0))))
    (if (i32.lt_s (local.get $a) (i32.const 0)) (then (return (local.get $least))))
    (local.get $largest))

  (func (export "i32.trunc_f32_s") (param $a i32) (result i32) (local $top i32) (local $n i32)
    (local.set $top (i32.shr_u (local.get $a) (i32.const 23)))
    (local.set $n (i32.sub (i32.and (local.get $top) (i32.const 255)) (i32.const 127)))
    (if (i32.lt_u (local.get $n) (i32.const 24))
      (then
        (local.set $n
          (i32.sub
            (i32.shr_u (local.get $a) (i32.sub (i32.const 23) (local.get $n)))
            (i32.shl (i32.sub (local.get $top) (i32.const 1)) (local.get $n))))
        (if (i32.lt_s (local.get $a) (i32.const 0))
          (then (local.set $n (i32.sub (i32.const 0) (local.get $n)))))
        (return (local.get $n))))
    (if
      (i32.and
        (i32.lt_s (local.get $a) (i32.const 0x4f000000))
        (i32.le_u (local.get $a) (i32.const 0xcf000000)))
      (then (return (i32.wrap_i64 (call $f32.integer (local.get $a))))))
    (call $f32.trap (local.get $a))
    (unreachable))

  (func (export "i32.trunc_f32_u") (param $a i32) (result i32) (local $top i32) (local $n i32)
    (local.set $top (i32.shr_u (local.get $a) (i32.const 23)))
    (local.set $n (i32.sub (local.get $top) (i32.const 127)))
    (if (i32.lt_u (local.get $n) (i32.const 24))
      (then
        (return
          (i32.sub
            (i32.shr_u (local.get $a) (i32.sub (i32.const 23) (local.get $n)))
            (i32.shl (i32.sub (local.get $top) (i32.const 1)) (local.get $n))))))
    (if
      (i32.and
        (i32.lt_s (local.get $a) (i32.const 0x4f800000))
        (i32.lt_u (local.get $a) (i32.const 0xbf800000)))
      (then (return (i32.wrap_i64 (call $f32.integer (local.get $a))))))
    (call $f32.trap (local.get $a))
    (unreachable))

  (func (export "i64.trunc_f32_s") (param $a i32) (result i64) (local $top i32) (local $n i32)
    (local.set $top (i32.shr_u (local.get $a) (i32.const 23)))
    (local.set $n (i32.sub (i32.and (local.get $top) (i32.const 255)) (i32.const 127)))
    (if (i32.lt_u (local.get $n) (i32.const 24))
      (then
        (local.set $n
          (i32.sub
            (i32.shr_u (local.get $a) (i32.sub (i32.const 23) (local.get $n)))
            (i32.shl (i32.sub (local.get $top) (i32.const 1)) (local.get $n))))
        (if (i32.lt_s (local.get $a) (i32.const 0))
          (then (local.set $n (i32.sub (i32.const 0) (local.get $n)))))
        (return (i64.extend_i32_s (local.get $n)))))
    (if
      (i32.and
        (i32.lt_s (local.get $a) (i32.const 0x5f000000))
        (i32.le_u (local.get $a) (i32.const 0xdf000000)))
      (then (return (call $f32.integer (local.get $a)))))
    (call $f32.trap (local.get $a))
    (unreachable))

  (func (export "i64.trunc_f32_u") (param $a i32) (result i64) (local $top i32) (local $n i32)
    (local.set $top (i32.shr_u (local.get $a) (i32.const 23)))
    (local.set $n (i32.sub (local.get $top) (i32.const 127)))
    (if (i32.lt_u (local.get $n) (i32.const 24))
      (then
        (return
          (i64.extend_i32_u
            (i32.sub
              (i32.shr_u (local.get $a) (i32.sub (i32.const 23) (local.get $n)))
              (i32.shl (i32.sub (local.get $top) (i32.const 1)) (local.get $n)))))))
    (if
      (i32.and
        (i32.lt_s (local.get $a) (i32.const 0x5f800000))
        (i32.lt_u (local.get $a) (i32.const 0xbf800000)))
      (then (return (call $f32.integer (local.get $a)))))
    (call $f32.trap (local.get $a))
    (unreachable))

  (func (export "i32.trunc_sat_f32_s") (param $a i32) (result i32) (local $top i32) (local $n i32)
    (local.set $top (i32.shr_u (local.get $a) (i32.const 23)))
    (local.set $n (i32.sub (i32.and (local.get $top) (i32.const 255)) (i32.const 127)))
    (if (i32.lt_u (local.get $n) (i32.const 24))
      (then
        (local.set $n
          (i32.sub
            (i32.shr_u (local.get $a) (i32.sub (i32.const 23) (local.get $n)))
            (i32.shl (i32.sub (local.get $top) (i32.const 1)) (local.get $n))))
        (if (i32.lt_s (local.get $a) (i32.const 0))
          (then (local.set $n (i32.sub (i32.const 0) (local.get $n)))))
        (return (local.get $n))))
    (if
      (i32.and
        (i32.lt_s (local.get $a) (i32.const 0x4f000000))
        (i32.le_u (local.get $a) (i32.const 0xcf000000)))
      (then (return (i32.wrap_i64 (call $f32.integer (local.get $a))))))
    (i32.wrap_i64 (call $f32.saturated (local.get $a) (i64.const -0x80000000) (i64.const 0x7fffffff))))

  (func (export "i32.trunc_sat_f32_u") (param $a i32) (result i32) (local $top i32) (local $n i32)
    (local.set $top (i32.shr_u (local.get $a) (i32.const 23)))
    (local.set $n (i32.sub (local.get $top) (i32.const 127)))
    (if (i32.lt_u (local.get $n) (i32.const 24))
      (then
        (return
          (i32.sub
            (i32.shr_u (local.get $a) (i32.sub (i32.const 23) (local.get $n)))
            (i32.shl (i32.sub (local.get $top) (i32.const 1)) (local.get $n))))))
    (if
      (i32.and
        (i32.lt_s (local.get $a) (i32.const 0x4f800000))
        (i32.lt_u (local.get $a) (i32.const 0xbf800000)))
      (then (return (i32.wrap_i64 (call $f32.integer (local.get $a))))))
    (i32.wrap_i64 (call $f32.saturated (local.get $a) (i64.const 0) (i64.const -1))))

  (func (export "i64.trunc_sat_f32_s") (param $a i32) (result i64) (local $top i32) (local $n i32)
    (local.set $top (i32.shr_u (local.get $a) (i32.const 23)))
    (local.set $n (i32.sub (i32.and (local.get $top) (i32.const 255)) (i32.const 127)))
    (if (i32.lt_u (local.get $n) (i32.const 24))
      (then
        (local.set $n
          (i32.sub
            (i32.shr_u (local.get $a) (i32.sub (i32.const 23) (local.get $n)))
            (i32.shl (i32.sub (local.get $top) (i32.const 1)) (local.get $n))))
        (if (i32.lt_s (local.get $a) (i32.const 0))
          (then (local.set $n (i32.sub (i32.const 0) (local.get $n)))))
        (return (i64.extend_i32_s (local.get $n)))))
    (if
      (i32.and
        (i32.lt_s (local.get $a) (i32.const 0x5f000000))
        (i32.le_u (local.get $a) (i32.const 0xdf000000)))
      (then (return (call $f32.integer (local.get $a)))))
    (call $f32.saturated (local.get $a) (i64.const 0x8000000000000000) (i64.const 0x7fffffffffffffff)))

  (func (export "i64.trunc_sat_f32_u") (param $a i32) (result i64) (local $top i32) (local $n i32)
    (local.set $top (i32.shr_u (local.get $a) (i32.const 23)))
    (local.set $n (i32.sub (local.get $top) (i32.const 127)))
    (if (i32.lt_u (local.get $n) (i32.const 24))
      (then
        (return
          (i64.extend_i32_u
            (i32.sub
              (i32.shr_u (local.get $a) (i32.sub (i32.const 23) (local.get $n)))
              (i32.shl (i32.sub (local.get $top) (i32.const 1)) (local.get $n)))))))
    (if
      (i32.and
        (i32.lt_s (local.get $a) (i32.const 0x5f800000))
        (i32.lt_u (local.get $a) (i32.const 0xbf800000)))
      (then (return (call $f32.integer (local.get $a)))))
    (call $f32.saturated (local.get $a) (i64.const 0) (i64.const -1)))

  ;; Conversion of integers. The highest bit counts as 1 of the exponent. An integer of more bits than a
  ;; significand is rounded.

  (func (export "f32.convert_i32_s") (param $a i32) (result i32) (local $n i32)
    (if (i32.eqz (local.get $a)) (then (return (i32.const 0))))
    (if (i32.lt_s (local.get $a) (i32.const 0))
      (then
        (local.set $a (i32.sub (i32.const 0) (local.get $a)))
        (local.set $n (i32.clz (local.get $a)))
        (if (i32.ge_u (local.get $n) (i32.const 8))
          (then
            (return
              (i32.add
                (i32.shl (i32.sub (i32.const 413) (local.get $n)) (i32.const 23))
                (i32.shl (local.get $a) (i32.sub (local.get $n) (i32.const 8)))))))
        (return (call $f32.round (i32.const 0x80000000) (i32.const 190) (i64.extend_i32_u (local.get $a))))))

    (local.set $n (i32.clz (local.get $a)))
    (if (i32.ge_u (local.get $n) (i32.const 8))
      (then
        (return
          (i32.add
            (i32.shl (i32.sub (i32.const 157) (local.get $n)) (i32.const 23))
            (i32.shl (local.get $a) (i32.sub (local.get $n) (i32.const 8)))))))
    (call $f32.round (i32.const 0) (i32.const 190) (i64.extend_i32_u (local.get $a))))

  (func (export "f32.convert_i32_u") (param $a i32) (result i32) (local $n i32)
    (if (i32.eqz (local.get $a)) (then (return (i32.const 0))))

    (local.set $n (i32.clz (local.get $a)))
    (if (i32.ge_u (local.get $n) (i32.const 8))
      (then
        (return
          (i32.add
            (i32.shl (i32.sub (i32.const 157) (local.get $n)) (i32.const 23))
            (i32.shl (local.get $a) (i32.sub (local.get $n) (i32.const 8)))))))
    (call $f32.round (i32.const 0) (i32.const 190) (i64.extend_i32_u (local.get $a))))

  (func (export "f32.convert_i64_s") (param $a i64) (result i32) (local $n i64)
    (if (i64.eqz (local.get $a)) (then (return (i32.const 0))))
    (if (i64.lt_s (local.get $a) (i64.const 0))
      (then
        (local.set $a (i64.sub (i64.const 0) (local.get $a)))
        (local.set $n (i64.clz (local.get $a)))
        (if (i64.ge_u (local.get $n) (i64.const 40))
          (then
            (return
              (i32.add
                (i32.shl (i32.wrap_i64 (i64.sub (i64.const 445) (local.get $n))) (i32.const 23))
                (i32.wrap_i64 (i64.shl (local.get $a) (i64.sub (local.get $n) (i64.const 40))))))))
        (return (call $f32.round (i32.const 0x80000000) (i32.const 190) (local.get $a)))))

    (local.set $n (i64.clz (local.get $a)))
    (if (i64.ge_u (local.get $n) (i64.const 40))
      (then
        (return
          (i32.add
            (i32.shl (i32.wrap_i64 (i64.sub (i64.const 189) (local.get $n))) (i32.const 23))
            (i32.wrap_i64 (i64.shl (local.get $a) (i64.sub (local.get $n) (i64.const 40))))))))
    (call $f32.round (i32.const 0) (i32.const 190) (local.get $a)))

  (func (export "f32.convert_i64_u") (param $a i64) (result i32) (local $n i64)
    (if (i64.eqz (local.get $a)) (then (return (i32.const 0))))

    (local.set $n (i64.clz (local.get $a)))
    (if (i64.ge_u (local.get $n) (i64.const 40))
      (then
        (return
          (i32.add
            (i32.shl (i32.wrap_i64 (i64.sub (i64.const 189) (local.get $n))) (i32.const 23))
            (i32.wrap_i64 (i64.shl (local.get $a) (i64.sub (local.get $n) (i64.const 40))))))))
    (call $f32.round (i32.const 0) (i32.const 190) (local.get $a)))

  ;; The integer part of a number below 2^63, or of a positive one below 2^64.
  (func $f64.integer (param $a i64) (result i64) (local $n i64) (local $integer i64)
    (local.set $n (i64.and (i64.shr_u (local.get $a) (i64.const 52)) (i64.const 2047)))
    (if (i64.lt_u (local.get $n) (i64.const 1023)) (then (return (i64.const 0))))
    (local.set $integer
      (i64.shr_u
        (i64.or (i64.shl (local.get $a) (i64.const 11)) (i64.const 0x8000000000000000))
        (i64.sub (i64.const 1086) (local.get $n))))
    (if (i64.lt_s (local.get $a) (i64.const 0)) (then (return (i64.sub (i64.const 0) (local.get $integer)))))
    (local.get $integer))

  ;; The trap of a number that is out of range.
  (func $f64.trap (param $a i64)
    (if
      (i32.and
        (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
        (i64.le_u (local.get $a) (i64.const 0xfff0000000000000)))
      (then
        (call $overflow)
        (unreachable)))
    (call $invalid)
    (unreachable))

  ;; What is out of range becomes the least or the largest integer, and a NaN 0.
  (func $f64.saturated (param $a i64) (param $least i64) (param $largest i64) (result i64)
    (if
      (i32.or
        (i64.gt_s (local.get $a) (i64.const 0x7ff0000000000000))
        (i64.gt_u (local.get $a) (i64.const 0xfff0000000000000)))
      (then (return (i64.const 0))))
    (if (i64.lt_s (local.get $a) (i64.const 0)) (then (return (local.get $least))))
    (local.get $largest))

  (func (export "i32.trunc_f64_s") (param $a i64) (result i32) (local $top i64) (local $n i64)
    (local.set $top (i64.shr_u (local.get $a) (i64.const 52)))
    (local.set $n (i64.sub (i64.and (local.get $top) (i64.const 2047)) (i64.const 1023)))
    (if (i64.lt_u (local.get $n) (i64.const 31))
      (then
        (local.set $n
          (i64.sub
            (i64.shr_u (local.get $a) (i64.sub (i64.const 52) (local.get $n)))
            (i64.shl (i64.sub (local.get $top) (i64.const 1)) (local.get $n))))
        (if (i64.lt_s (local.get $a) (i64.const 0))
          (then (local.set $n (i64.sub (i64.const 0) (local.get $n)))))
        (return (i32.wrap_i64 (local.get $n)))))
    (if
      (i32.and
        (i64.lt_s (local.get $a) (i64.const 0x41e0000000000000))
        (i64.lt_u (local.get $a) (i64.const 0xc1e0000000200000)))
      (then (return (i32.wrap_i64 (call $f64.integer (local.get $a))))))
    (call $f64.trap (local.get $a))
    (unreachable))

  (func (export "i32.trunc_f64_u") (param $a i64) (result i32) (local $top i64) (local $n i64)
    (local.set $top (i64.shr_u (local.get $a) (i64.const 52)))
    (local.set $n (i64.sub (local.get $top) (i64.const 1023)))
    (if (i64.lt_u (local.get $n) (i64.const 32))
      (then
        (return
          (i32.wrap_i64
            (i64.sub
              (i64.shr_u (local.get $a) (i64.sub (i64.const 52) (local.get $n)))
              (i64.shl (i64.sub (local.get $top) (i64.const 1)) (local.get $n)))))))
    (if
      (i32.and
        (i64.lt_s (local.get $a) (i64.const 0x41f0000000000000))
        (i64.lt_u (local.get $a) (i64.const 0xbff0000000000000)))
      (then (return (i32.wrap_i64 (call $f64.integer (local.get $a))))))
    (call $f64.trap (local.get $a))
    (unreachable))

  (func (export "i64.trunc_f64_s") (param $a i64) (result i64) (local $top i64) (local $n i64)
    (local.set $top (i64.shr_u (local.get $a) (i64.const 52)))
    (local.set $n (i64.sub (i64.and (local.get $top) (i64.const 2047)) (i64.const 1023)))
    (if (i64.lt_u (local.get $n) (i64.const 53))
      (then
        (local.set $n
          (i64.sub
            (i64.shr_u (local.get $a) (i64.sub (i64.const 52) (local.get $n)))
            (i64.shl (i64.sub (local.get $top) (i64.const 1)) (local.get $n))))
        (if (i64.lt_s (local.get $a) (i64.const 0))
          (then (local.set $n (i64.sub (i64.const 0) (local.get $n)))))
        (return (local.get $n))))
    (if
      (i32.and
        (i64.lt_s (local.get $a) (i64.const 0x43e0000000000000))
        (i64.le_u (local.get $a) (i64.const 0xc3e0000000000000)))
      (then (return (call $f64.integer (local.get $a)))))
    (call $f64.trap (local.get $a))
    (unreachable))

  (func (export "i64.trunc_f64_u") (param $a i64) (result i64) (local $top i64) (local $n i64)
    (local.set $top (i64.shr_u (local.get $a) (i64.const 52)))
    (local.set $n (i64.sub (local.get $top) (i64.const 1023)))
    (if (i64.lt_u (local.get $n) (i64.const 53))
      (then
        (return
          (i64.sub
            (i64.shr_u (local.get $a) (i64.sub (i64.const 52) (local.get $n)))
            (i64.shl (i64.sub (local.get $top) (i64.const 1)) (local.get $n))))))
    (if
      (i32.and
        (i64.lt_s (local.get $a) (i64.const 0x43f0000000000000))
        (i64.lt_u (local.get $a) (i64.const 0xbff0000000000000)))
      (then (return (call $f64.integer (local.get $a)))))
    (call $f64.trap (local.get $a))
    (unreachable))

  (func (export "i32.trunc_sat_f64_s") (param $a i64) (result i32) (local $top i64) (local $n i64)
    (local.set $top (i64.shr_u (local.get $a) (i64.const 52)))
    (local.set $n (i64.sub (i64.and (local.get $top) (i64.const 2047)) (i64.const 1023)))
    (if (i64.lt_u (local.get $n) (i64.const 31))
      (then
        (local.set $n
          (i64.sub
            (i64.shr_u (local.get $a) (i64.sub (i64.const 52) (local.get $n)))
            (i64.shl (i64.sub (local.get $top) (i64.const 1)) (local.get $n))))
        (if (i64.lt_s (local.get $a) (i64.const 0))
          (then (local.set $n (i64.sub (i64.const 0) (local.get $n)))))
        (return (i32.wrap_i64 (local.get $n)))))
    (if
      (i32.and
        (i64.lt_s (local.get $a) (i64.const 0x41e0000000000000))
        (i64.lt_u (local.get $a) (i64.const 0xc1e0000000200000)))
      (then (return (i32.wrap_i64 (call $f64.integer (local.get $a))))))
    (i32.wrap_i64 (call $f64.saturated (local.get $a) (i64.const -0x80000000) (i64.const 0x7fffffff))))

  (func (export "i32.trunc_sat_f64_u") (param $a i64) (result i32) (local $top i64) (local $n i64)
    (local.set $top (i64.shr_u (local.get $a) (i64.const 52)))
    (local.set $n (i64.sub (local.get $top) (i64.const 1023)))
    (if (i64.lt_u (local.get $n) (i64.const 32))
      (then
        (return
          (i32.wrap_i64
            (i64.sub
              (i64.shr_u (local.get $a) (i64.sub (i64.const 52) (local.get $n)))
              (i64.shl (i64.sub (local.get $top) (i64.const 1)) (local.get $n)))))))
    (if
      (i32.and
        (i64.lt_s (local.get $a) (i64.const 0x41f0000000000000))
        (i64.lt_u (local.get $a) (i64.const 0xbff0000000000000)))
      (then (return (i32.wrap_i64 (call $f64.integer (local.get $a))))))
    (i32.wrap_i64 (call $f64.saturated (local.get $a) (i64.const 0) (i64.const -1))))

  (func (export "i64.trunc_sat_f64_s") (param $a i64) (result i64) (local $top i64) (local $n i64)
    (local.set $top (i64.shr_u (local.get $a) (i64.const 52)))
    (local.set $n (i64.sub (i64.and (local.get $top) (i64.const 2047)) (i64.const 1023)))
    (if (i64.lt_u (local.get $n) (i64.const 53))
      (then
        (local.set $n
          (i64.sub
            (i64.shr_u (local.get $a) (i64.sub (i64.const 52) (local.get $n)))
            (i64.shl (i64.sub (local.get $top) (i64.const 1)) (local.get $n))))
        (if (i64.lt_s (local.get $a) (i64.const 0))
          (then (local.set $n (i64.sub (i64.const 0) (local.get $n)))))
        (return (local.get $n))))
    (if
      (i32.and
        (i64.lt_s (local.get $a) (i64.const 0x43e0000000000000))
        (i64.le_u (local.get $a) (i64.const 0xc3e0000000000000)))
      (then (return (call $f64.integer (local.get $a)))))
    (call $f64.saturated (local.get $a) (i64.const 0x8000000000000000) (i64.const 0x7fffffffffffffff)))

  (func (export "i64.trunc_sat_f64_u") (param $a i64) (result i64) (local $top i64) (local $n i64)
    (local.set $top (i64.shr_u (local.get $a) (i64.const 52)))
    (local.set $n (i64.sub (local.get $top) (i64.const 1023)))
    (if (i64.lt_u (local.get $n) (i64.const 53))
      (then
        (return
          (i64.sub
            (i64.shr_u (local.get $a) (i64.sub (i64.const 52) (local.get $n)))
            (i64.shl (i64.sub (local.get $top) (i64.const 1)) (local.get $n))))))
    (if
      (i32.and
        (i64.lt_s (local.get $a) (i64.const 0x43f0000000000000))
        (i64.lt_u (local.get $a) (i64.const 0xbff0000000000000)))
      (then (return (call $f64.integer (local.get $a)))))
    (call $f64.saturated (local.get $a) (i64.const 0) (i64.const -1)))

  (func (export "f64.convert_i32_s") (param $a i32) (result i64) (local $n i64) (local $x i64)
    (if (i32.eqz (local.get $a)) (then (return (i64.const 0))))
    (if (i32.lt_s (local.get $a) (i32.const 0))
      (then
        (local.set $x (i64.sub (i64.const 0) (i64.extend_i32_s (local.get $a))))
        (local.set $n (i64.clz (local.get $x)))
        (return
          (i64.add
            (i64.shl (i64.sub (i64.const 3133) (local.get $n)) (i64.const 52))
            (i64.shl (local.get $x) (i64.sub (local.get $n) (i64.const 11)))))))
    (local.set $x (i64.extend_i32_u (local.get $a)))
    (local.set $n (i64.clz (local.get $x)))
    (i64.add
      (i64.shl (i64.sub (i64.const 1085) (local.get $n)) (i64.const 52))
      (i64.shl (local.get $x) (i64.sub (local.get $n) (i64.const 11)))))

  (func (export "f64.convert_i32_u") (param $a i32) (result i64) (local $n i64) (local $x i64)
    (if (i32.eqz (local.get $a)) (then (return (i64.const 0))))

    (local.set $x (i64.extend_i32_u (local.get $a)))
    (local.set $n (i64.clz (local.get $x)))
    (i64.add
      (i64.shl (i64.sub (i64.const 1085) (local.get $n)) (i64.const 52))
      (i64.shl (local.get $x) (i64.sub (local.get $n) (i64.const 11)))))

  (func (export "f64.convert_i64_s") (param $a i64) (result i64) (local $n i64)
    (if (i64.eqz (local.get $a)) (then (return (i64.const 0))))
    (if (i64.lt_s (local.get $a) (i64.const 0))
      (then
        (local.set $a (i64.sub (i64.const 0) (local.get $a)))
        (local.set $n (i64.clz (local.get $a)))
        (if (i64.ge_u (local.get $n) (i64.const 11))
          (then
            (return
              (i64.add
                (i64.shl (i64.sub (i64.const 3133) (local.get $n)) (i64.const 52))
                (i64.shl (local.get $a) (i64.sub (local.get $n) (i64.const 11)))))))
        (return (call $f64.round (i64.const 0x8000000000000000) (i32.const 1086) (local.get $a)))))

    (local.set $n (i64.clz (local.get $a)))
    (if (i64.ge_u (local.get $n) (i64.const 11))
      (then
        (return
          (i64.add
            (i64.shl (i64.sub (i64.const 1085) (local.get $n)) (i64.const 52))
            (i64.shl (local.get $a) (i64.sub (local.get $n) (i64.const 11)))))))
    (call $f64.round (i64.const 0) (i32.const 1086) (local.get $a)))

  (func (export "f64.convert_i64_u") (param $a i64) (result i64) (local $n i64)
    (if (i64.eqz (local.get $a)) (then (return (i64.const 0))))

    (local.set $n (i64.clz (local.get $a)))
    (if (i64.ge_u (local.get $n) (i64.const 11))
      (then
        (return
          (i64.add
            (i64.shl (i64.sub (i64.const 1085) (local.get $n)) (i64.const 52))
            (i64.shl (local.get $a) (i64.sub (local.get $n) (i64.const 11)))))))
    (call $f64.round (i64.const 0) (i32.const 1086) (local.get $a)))

  ;; Between the two formats: the exponents differ by 896, the fractions by 29 bits.

  (func (export "f32.demote_f64") (param $a i64) (result i32) (local $result i32) (local $exponent i32)
    (if
      (i64.lt_u
        (i64.sub (i64.and (i64.shr_u (local.get $a) (i64.const 52)) (i64.const 2047)) (i64.const 897))
        (i64.const 253))
      (then
        ;; Of the exponent 9 bits are left, the highest of which becomes the sign.
        (local.set $result (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 29))))
        (if (i64.lt_s (local.get $a) (i64.const 0))
          (then (local.set $result (i32.add (local.get $result) (i32.const 0xc0000000))))
          (else
            (local.set $result (i32.add (local.get $result) (i32.const 0x40000000)))))
        (if (i64.eqz (i64.and (local.get $a) (i64.const 0x10000000))) (then (return (local.get $result))))
        (if (i64.eq (i64.ctz (local.get $a)) (i64.const 28))
          (then (return (i32.add (local.get $result) (i32.and (local.get $result) (i32.const 1))))))
        (return (i32.add (local.get $result) (i32.const 1)))))
    (local.set $result
      (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 32))) (i32.const 0x80000000)))
    (if (i64.eqz (i64.shl (local.get $a) (i64.const 1))) (then (return (local.get $result))))
    (if
      (i32.or
        (i64.gt_s (local.get $a) (i64.const 0x7ff0000000000000))
        (i64.gt_u (local.get $a) (i64.const 0xfff0000000000000)))
      (then (return (i32.const 0x7fc00000))))
    (call $f32.round
      (local.get $result)
      (i32.sub (call $f64.exponent (local.get $a)) (i32.const 885))
      (call $f64.significand (local.get $a))))

  (func (export "f64.promote_f32") (param $a i32) (result i64) (local $sign i64)
    (if (i32.ge_s (local.get $a) (i32.const 0x00800000))
      (then
        (if (i32.lt_s (local.get $a) (i32.const 0x7f800000))
          (then
            (return
              (i64.add
                (i64.shl (i64.extend_i32_u (local.get $a)) (i64.const 29))
                (i64.const 0x3800000000000000)))))))
    (if (i32.ge_u (local.get $a) (i32.const 0x80800000))
      (then
        (if (i32.lt_u (local.get $a) (i32.const 0xff800000))
          (then
            (return
              (i64.add
                (i64.shl (i64.extend_i32_u (local.get $a)) (i64.const 29))
                (i64.const 0xa800000000000000)))))))
    (local.set $sign
      (i64.shl (i64.extend_i32_u (i32.and (local.get $a) (i32.const 0x80000000))) (i64.const 32)))
    (if (i32.eqz (i32.shl (local.get $a) (i32.const 1))) (then (return (local.get $sign))))
    (if (i32.eq (i32.and (local.get $a) (i32.const 0x7fffffff)) (i32.const 0x7f800000))
      (then (return (i64.or (local.get $sign) (i64.const 0x7ff0000000000000)))))
    (if (i32.lt_u (i32.and (local.get $a) (i32.const 0x7fffffff)) (i32.const 0x7f800000))
      (then
        (return
          (call $f64.round
            (local.get $sign)
            (i32.add (call $f32.exponent (local.get $a)) (i32.const 936))
            (call $f32.significand (local.get $a))))))
    (i64.const 0x7ff8000000000000)))
