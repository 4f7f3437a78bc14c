;; The float instructions of WebAssembly as routines in its integer instructions, but for comparisons, which
;; the machine has, and changes of the sign. A routine is exported under the name of its instruction. An f32 is
;; passed as an i32 of the same bits, an f64 as an i64. Results are rounded to nearest, ties to even. Every NaN
;; that an instruction makes is the canonical positive one, as in the deterministic profile.
;;
;; A routine begins with a short way for common operands, mostly normal numbers with a normal result. A value
;; costs the machine as many tokens as it has bytes, so the short way makes few wide values. All else goes a
;; general way.
;;
;; The routines of the two formats are alike but for widths and constants. The comments are at those of f32,
;; and at those of f64 where they differ.
(module
  (import "trap" "integer-overflow" (func $overflow))
  (import "trap" "invalid-conversion" (func $invalid))

  ;; Min and max. The bits of positive numbers are in the order of signed integers, where a positive
  ;; NaN is more than infinity. The bits of negative numbers are in the opposite order of unsigned integers,
  ;; where a negative NaN is more than −infinity. So a number is not a NaN if it is at most infinity, signed,
  ;; and at most −infinity, unsigned. Where its sign is known, one of the two tests is enough.
  (func (export "f32.min") (param $a i32) (param $b i32) (result i32)
    (if (i32.ge_s (local.get $a) (i32.const 0))
      (then
        (if (i32.le_s (local.get $a) (local.get $b))
          (then (if (i32.le_s (local.get $b) (i32.const 0x7f800000)) (then (return (local.get $a)))))
          (else
            (if (i32.and
                  (i32.le_s (local.get $a) (i32.const 0x7f800000))
                  (i32.le_u (local.get $b) (i32.const 0xff800000)))
              (then (return (local.get $b)))))))
      (else
        (if (i32.le_u (local.get $a) (local.get $b))
          (then (if (i32.le_u (local.get $b) (i32.const 0xff800000)) (then (return (local.get $b)))))
          (else
            (if (i32.and
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
            (if (i32.and
                  (i32.le_s (local.get $a) (i32.const 0x7f800000))
                  (i32.le_u (local.get $b) (i32.const 0xff800000)))
              (then (return (local.get $a)))))))
      (else
        (if (i32.le_u (local.get $a) (local.get $b))
          (then (if (i32.le_u (local.get $b) (i32.const 0xff800000)) (then (return (local.get $a)))))
          (else
            (if (i32.and
                  (i32.le_u (local.get $a) (i32.const 0xff800000))
                  (i32.le_s (local.get $b) (i32.const 0x7f800000)))
              (then (return (local.get $b))))))))
    (i32.const 0x7fc00000))

  (func (export "f64.min") (param $a i64) (param $b i64) (result i64)
    (if (i64.ge_s (local.get $a) (i64.const 0))
      (then
        (if (i64.le_s (local.get $a) (local.get $b))
          (then (if (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000)) (then (return (local.get $a)))))
          (else
            (if (i32.and
                  (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
                  (i64.le_u (local.get $b) (i64.const 0xfff0000000000000)))
              (then (return (local.get $b)))))))
      (else
        (if (i64.le_u (local.get $a) (local.get $b))
          (then (if (i64.le_u (local.get $b) (i64.const 0xfff0000000000000)) (then (return (local.get $b)))))
          (else
            (if (i32.and
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
            (if (i32.and
                  (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
                  (i64.le_u (local.get $b) (i64.const 0xfff0000000000000)))
              (then (return (local.get $a)))))))
      (else
        (if (i64.le_u (local.get $a) (local.get $b))
          (then (if (i64.le_u (local.get $b) (i64.const 0xfff0000000000000)) (then (return (local.get $a)))))
          (else
            (if (i32.and
                  (i64.le_u (local.get $a) (i64.const 0xfff0000000000000))
                  (i64.le_s (local.get $b) (i64.const 0x7ff0000000000000)))
              (then (return (local.get $b))))))))
    (i64.const 0x7ff8000000000000))

  ;; Rounding to an integer. $n is the number of bits of the fraction; above them are the integer's bits, its
  ;; exponent and sign. If 1 is added above the fraction, a carry goes on into the exponent, as it should.

  ;; The integer where the fraction is all bits or none: a given one for a number below 1, else the number
  ;; itself.

  (func $f32.integral (param $a i32) (param $below_one i32) (result i32)
    (if (i32.lt_u (i32.and (local.get $a) (i32.const 0x7fffffff)) (i32.const 0x3f800000))
      (then (return (local.get $below_one))))
    (if (i32.and
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
        ;; At a tie, up from an odd integer only. The integer 1 has no bits, but the lowest bit of its
        ;; exponent is 1.
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
    (if (i64.lt_u (i64.and (local.get $a) (i64.const 0x7fffffffffffffff)) (i64.const 0x3ff0000000000000))
      (then (return (local.get $below_one))))
    (if (i32.and
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

  ;; The general way: a significand of 64 bits, other than 0, is rounded to the nearest number. $exponent is
  ;; the exponent field of a number whose leading 1 is bit 63. If a significand is not exact, its last bit is
  ;; 1, and it has at least two bits more than the result.

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
    ;; The leading 1 is added to the exponent, which is therefore less by 1. What is cut off is compared with
    ;; a half; with 1 more if the result is odd, so that a tie counts as more than a half.
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

  ;; Addition. $top is the sign and the exponent of the operand of the larger magnitude, which comes to be $a.
  ;; $n is the difference of the exponents. $small is the fraction, then the significand of the other operand.
  ;; Shifted by $n, it is added to all the bits of $a, or subtracted from them. If the exponent stays the
  ;; same, the sum only has to be rounded; $half is the place of the highest bit shifted out.
  ;;
  ;; This takes a larger exponent from 26 to 253 (f64: from 55 to 2045). Then the sum is a normal number, and
  ;; an operand without a leading 1 is too small to matter.

  (func $f32.add (export "f32.add") (param $a i32) (param $b i32) (result i32)
      (local $top i32) (local $n i32) (local $half i32) (local $small i32) (local $sum i32) (local $x i64)
      (local $y i64) (local $exponent i32)
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
        (local.set $half (i32.sub (local.get $n) (i32.const 1)))
        (if (i32.ge_u (local.get $half) (i32.const 25))
          (then
            (if (local.get $n) (then (return (local.get $a))))
            ;; Equal exponents: the mean of the fractions. Half a bit is a tie.
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
            ;; It is a tie if the bit of a half is the last 1.
            (if (i32.eqz (i32.and (local.get $small) (i32.shl (i32.const 1) (local.get $half))))
              (then (return (local.get $a))))
            (if (i32.eq (i32.ctz (local.get $small)) (local.get $half))
              (then (return (i32.add (local.get $a) (i32.and (local.get $a) (i32.const 1))))))
            (return (i32.add (local.get $a) (i32.const 1)))))
        ;; A carry has gone into the exponent, and the fraction is to be halved. This rounds an odd fraction
        ;; up, which is wrong at a tie if the result is odd.
        (local.set $sum
          (i32.sub (local.get $a) (i32.shr_u (i32.and (local.get $a) (i32.const 0x007fffff)) (i32.const 1))))
        (if (i32.and (local.get $a) (i32.ge_u (i32.ctz (local.get $small)) (local.get $n)))
          (then (return (i32.and (local.get $sum) (i32.const -2)))))
        (return (local.get $sum)))
      ;; Different signs.
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
      (local.set $half (i32.sub (local.get $n) (i32.const 1)))
      (block $exact
        (if (i32.ge_u (local.get $half) (i32.const 25))
          (then
            (if (local.get $n) (then (return (local.get $a))))
            (local.set $sum (i32.sub (i32.and (local.get $a) (i32.const 0x007fffff)) (local.get $small)))
            (br $exact)))
        ;; The complement is −1 minus the significand. So the sum is too small, by 1 or by less if bits are
        ;; shifted out.
        (local.set $small (i32.xor (local.get $small) (i32.const 0xff7fffff)))
        (local.set $sum (i32.add (local.get $a) (i32.shr_s (local.get $small) (local.get $n))))
        (if (i32.ne (i32.shr_u (local.get $sum) (i32.const 23)) (local.get $top))
          (then
            ;; The exponent becomes less by 1: once more, with twice the larger significand.
            (if (i32.eqz (local.get $half))
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
                (i32.shr_s (local.get $small) (local.get $half))))
            (local.set $half (i32.sub (local.get $half) (i32.const 1)))))
        (if (i32.and (local.get $small) (i32.shl (i32.const 1) (local.get $half)))
          (then (return (i32.add (local.get $sum) (i32.const 1)))))
        (if (i32.eq (i32.ctz (i32.add (local.get $small) (i32.const 1))) (local.get $half))
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
        (if (i32.or
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
        ;; The last bit becomes 1 if any bit is shifted out.
        (if (i32.gt_u (local.get $n) (i32.const 63)) (then (local.set $n (i32.const 63))))
        (local.set $y
          (i64.or
            (i64.shr_u (local.get $y) (i64.extend_i32_u (local.get $n)))
            (i64.extend_i32_u (i64.lt_u (i64.ctz (local.get $y)) (i64.extend_i32_u (local.get $n))))))))
    (if (i32.lt_s (i32.xor (local.get $a) (local.get $b)) (i32.const 0))
      (then (local.set $y (i64.sub (i64.const 0) (local.get $y)))))
    (local.set $x (i64.add (local.get $x) (local.get $y)))
    ;; Two zeros of the same sign keep it. Any other sum that is 0 is positive.
    (if (i64.eqz (local.get $x))
      (then (return (i32.and (i32.and (local.get $a) (local.get $b)) (i32.const 0x80000000)))))
    (call $f32.round
      (i32.and (local.get $a) (i32.const 0x80000000))
      (i32.add (local.get $exponent) (i32.const 30))
      (local.get $x)))

  (func $f64.round (param $sign i64) (param $exponent i32) (param $significand i64) (result i64)
      (local $n i64)
    (local.set $n (i64.clz (local.get $significand)))
    (local.set $significand (i64.shl (local.get $significand) (local.get $n)))
    (local.set $exponent (i32.sub (local.get $exponent) (i32.wrap_i64 (local.get $n))))
    (if (i32.ge_s (local.get $exponent) (i32.const 2047))
      (then (return (i64.or (local.get $sign) (i64.const 0x7ff0000000000000)))))
    (if (i32.le_s (local.get $exponent) (i32.const 0))
      (then
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

  (func $f64.significand (param $a i64) (result i64) (local $significand i64)
    (local.set $significand (i64.and (local.get $a) (i64.const 0x000fffffffffffff)))
    (if (i64.ne (i64.and (local.get $a) (i64.const 0x7ff0000000000000)) (i64.const 0))
      (then (local.set $significand (i64.or (local.get $significand) (i64.const 0x0010000000000000)))))
    (local.get $significand))

  (func $f64.exponent (param $a i64) (result i32) (local $exponent i32)
    (local.set $exponent (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 52))) (i32.const 2047)))
    (i32.add (local.get $exponent) (i32.eqz (local.get $exponent))))

  (func $f64.add (export "f64.add") (param $a i64) (param $b i64) (result i64)
      (local $top i64) (local $n i64) (local $half i64) (local $small i64) (local $sum i64) (local $x i64)
      (local $y i64) (local $exponent i32)
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
        (local.set $half (i64.sub (local.get $n) (i64.const 1)))
        (if (i64.ge_u (local.get $half) (i64.const 54))
          (then
            (if (i64.ne (local.get $n) (i64.const 0)) (then (return (local.get $a))))
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
            (if (i64.eqz (i64.and (local.get $small) (i64.shl (i64.const 1) (local.get $half))))
              (then (return (local.get $a))))
            (if (i64.eq (i64.ctz (local.get $small)) (local.get $half))
              (then (return (i64.add (local.get $a) (i64.and (local.get $a) (i64.const 1))))))
            (return (i64.add (local.get $a) (i64.const 1)))))
        (local.set $sum
          (i64.sub
            (local.get $a)
            (i64.shr_u (i64.and (local.get $a) (i64.const 0x000fffffffffffff)) (i64.const 1))))
        (if (i32.and (i32.wrap_i64 (local.get $a)) (i64.ge_u (i64.ctz (local.get $small)) (local.get $n)))
          (then (return (i64.and (local.get $sum) (i64.const -2)))))
        (return (local.get $sum)))
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
      (local.set $half (i64.sub (local.get $n) (i64.const 1)))
      (block $exact
        (if (i64.ge_u (local.get $half) (i64.const 54))
          (then
            (if (i64.ne (local.get $n) (i64.const 0)) (then (return (local.get $a))))
            (local.set $sum
              (i64.sub (i64.and (local.get $a) (i64.const 0x000fffffffffffff)) (local.get $small)))
            (br $exact)))
        (local.set $small (i64.xor (local.get $small) (i64.const 0xffefffffffffffff)))
        (local.set $sum (i64.add (local.get $a) (i64.shr_s (local.get $small) (local.get $n))))
        (if (i64.ne (i64.shr_u (local.get $sum) (i64.const 52)) (local.get $top))
          (then
            (if (i64.eqz (local.get $half))
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
                (i64.shr_s (local.get $small) (local.get $half))))
            (local.set $half (i64.sub (local.get $half) (i64.const 1)))))
        (if (i64.ne (i64.and (local.get $small) (i64.shl (i64.const 1) (local.get $half))) (i64.const 0))
          (then (return (i64.add (local.get $sum) (i64.const 1)))))
        (if (i64.eq (i64.ctz (i64.add (local.get $small) (i64.const 1))) (local.get $half))
          (then (return (i64.add (local.get $sum) (i64.and (local.get $sum) (i64.const 1))))))
        (return (local.get $sum)))
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
        (if (i32.or
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
        (if (i64.gt_u (local.get $n) (i64.const 63)) (then (local.set $n (i64.const 63))))
        (local.set $y
          (i64.or
            (i64.shr_u (local.get $y) (local.get $n))
            (i64.extend_i32_u (i64.lt_u (i64.ctz (local.get $y)) (local.get $n)))))))
    (if (i64.lt_s (i64.xor (local.get $a) (local.get $b)) (i64.const 0))
      (then (local.set $y (i64.sub (i64.const 0) (local.get $y)))))
    (local.set $x (i64.add (local.get $x) (local.get $y)))
    (if (i64.eqz (local.get $x))
      (then (return (i64.and (i64.and (local.get $a) (local.get $b)) (i64.const 0x8000000000000000)))))
    (call $f64.round
      (i64.and (local.get $a) (i64.const 0x8000000000000000))
      (i32.add (local.get $exponent) (i32.const 1))
      (local.get $x)))

  ;; Multiplication and division. $x and $y are the signs and exponents of the operands. The sum or difference
  ;; of these, with the bias corrected, is the sign and the exponent of the result; it is less by 1, since the
  ;; leading 1 of the significand is added to it. The short way takes magnitudes from 2^−63 to below 2^65
  ;; (f64: from 2^−255 to below 2^257). There an f64 result is always a normal number, and for an f32 result
  ;; one test is enough.

  ;; Products of any operands.

  (func $f32.mul.rest (param $a i32) (param $b i32) (result i32)
      (local $sign i32) (local $x i64) (local $y i64) (local $e i32) (local $d i32)
    (local.set $sign (i32.and (i32.xor (local.get $a) (local.get $b)) (i32.const 0x80000000)))
    (local.set $a (i32.and (local.get $a) (i32.const 0x7fffffff)))
    (local.set $b (i32.and (local.get $b) (i32.const 0x7fffffff)))
    (if (i32.or
          (i32.gt_u (local.get $a) (i32.const 0x7f800000))
          (i32.gt_u (local.get $b) (i32.const 0x7f800000)))
      (then (return (i32.const 0x7fc00000))))
    (if (i32.or (i32.eqz (local.get $a)) (i32.eqz (local.get $b)))
      (then
        (if (i32.or
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

  ;; Quotients of any operands.

  (func $f32.div.rest (param $a i32) (param $b i32) (result i32)
      (local $sign i32) (local $x i64) (local $y i64) (local $e i32) (local $d i32) (local $n i64)
      (local $quotient i64)
    (local.set $sign (i32.and (i32.xor (local.get $a) (local.get $b)) (i32.const 0x80000000)))
    (local.set $a (i32.and (local.get $a) (i32.const 0x7fffffff)))
    (local.set $b (i32.and (local.get $b) (i32.const 0x7fffffff)))
    (if (i32.or
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
      (local $x i32) (local $y i32) (local $product i64)
    (block $rest
      (local.set $x (i32.shr_u (local.get $a) (i32.const 23)))
      (local.set $y (i32.shr_u (local.get $b) (i32.const 23)))
      (br_if $rest
        (i32.and
          (i32.or (i32.sub (local.get $x) (i32.const 64)) (i32.sub (local.get $y) (i32.const 64)))
          (i32.const 0x80)))
      (local.set $product
        (i64.mul
          (i64.extend_i32_u (i32.or (i32.and (local.get $a) (i32.const 0x007fffff)) (i32.const 0x00800000)))
          (i64.extend_i32_u (i32.or (i32.and (local.get $b) (i32.const 0x007fffff)) (i32.const 0x00800000)))))
      ;; A product of 47 bits gets 48.
      (if (i64.lt_u (local.get $product) (i64.const 0x0000800000000000))
        (then (local.set $product (i64.shl (local.get $product) (i64.const 1))))
        (else (local.set $x (i32.add (local.get $x) (i32.const 1)))))
      (local.set $x (i32.sub (i32.add (local.get $x) (local.get $y)) (i32.const 128)))
      (br_if $rest (i32.ge_u (i32.and (local.get $x) (i32.const 255)) (i32.const 254)))
      (local.set $a
        (i32.add
          (i32.shl (local.get $x) (i32.const 23))
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
      (br_if $rest
        (i32.and
          (i32.or (i32.sub (local.get $x) (i32.const 64)) (i32.sub (local.get $y) (i32.const 64)))
          (i32.const 0x80)))
      ;; A quotient of significands is never a tie: its bits times those of the divisor would be too many for
      ;; the dividend. So one bit more than those of the result is enough. $fewer is 1 if the quotient is
      ;; below 1.
      (local.set $p (i32.and (local.get $a) (i32.const 0x007fffff)))
      (local.set $q (i32.and (local.get $b) (i32.const 0x007fffff)))
      (local.set $fewer (i32.lt_u (local.get $p) (local.get $q)))
      (local.set $x
        (i32.sub (i32.add (i32.sub (local.get $x) (local.get $y)) (i32.const 126)) (local.get $fewer)))
      (br_if $rest (i32.ge_u (i32.and (local.get $x) (i32.const 255)) (i32.const 254)))
      (return
        (i32.add
          (i32.shl (local.get $x) (i32.const 23))
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

  (func $f64.mul.rest (param $a i64) (param $b i64) (result i64)
      (local $sign i64) (local $x i64) (local $y i64) (local $e i32) (local $d i32) (local $n i64)
      (local $low i64) (local $middle i64)
    (local.set $sign (i64.and (i64.xor (local.get $a) (local.get $b)) (i64.const 0x8000000000000000)))
    (local.set $a (i64.and (local.get $a) (i64.const 0x7fffffffffffffff)))
    (local.set $b (i64.and (local.get $b) (i64.const 0x7fffffffffffffff)))
    (if (i32.or
          (i64.gt_u (local.get $a) (i64.const 0x7ff0000000000000))
          (i64.gt_u (local.get $b) (i64.const 0x7ff0000000000000)))
      (then (return (i64.const 0x7ff8000000000000))))
    (if (i32.or (i64.eqz (local.get $a)) (i64.eqz (local.get $b)))
      (then
        (if (i32.or
              (i64.eq (local.get $a) (i64.const 0x7ff0000000000000))
              (i64.eq (local.get $b) (i64.const 0x7ff0000000000000)))
          (then (return (i64.const 0x7ff8000000000000))))
        (return (local.get $sign))))
    (if (i32.or
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

  (func $f64.div.rest (param $a i64) (param $b i64) (result i64)
      (local $sign i64) (local $x i64) (local $y i64) (local $e i32) (local $d i32) (local $n i64)
      (local $quotient i64)
    (local.set $sign (i64.and (i64.xor (local.get $a) (local.get $b)) (i64.const 0x8000000000000000)))
    (local.set $a (i64.and (local.get $a) (i64.const 0x7fffffffffffffff)))
    (local.set $b (i64.and (local.get $b) (i64.const 0x7fffffffffffffff)))
    (if (i32.or
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

  ;; 2^61 times the quotient of two significands of 53 bits, or up to 3 less. It has two digits, each from a
  ;; division by the divisor's upper 32 bits, which are rounded up.
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
      (br_if $rest
        (i64.ne
          (i64.and
            (i64.or
              (i64.sub (i64.shr_u (local.get $a) (i64.const 56)) (i64.const 48))
              (i64.sub (i64.shr_u (local.get $b) (i64.const 56)) (i64.const 48)))
            (i64.const 0x60))
          (i64.const 0)))
      (local.set $x (i64.shr_u (local.get $a) (i64.const 52)))
      (local.set $y (i64.shr_u (local.get $b) (i64.const 52)))
      ;; Significands of 53 bits have an upper part of 32 bits and a lower part of 21 bits. The product of the
      ;; upper parts and the upper bits of the mixed products are the whole product without its lowest 42
      ;; bits, or 1 less.
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
      ;; $n bits of 63 or 64 are cut off, the highest of which is $half.
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
          ;; Where all bits below are 1, it matters whether the product is 1 more.
          (br_if $rest
            (i64.eq (i64.or (local.get $product) (i64.sub (i64.const 0) (local.get $half))) (i64.const -1)))
          (return (local.get $p))))
      ;; A product has the trailing zeros of both factors, so that a tie shows there. (A factor without a
      ;; fraction, whose trailing zeros go on in the exponent, has cut off zeros only.) If $product is 1 less
      ;; than the whole one and comes here, all bits below are 1, and it is not a tie.
      (if (i64.ge_u
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
      (br_if $rest
        (i64.ne
          (i64.and
            (i64.or
              (i64.sub (i64.shr_u (local.get $a) (i64.const 56)) (i64.const 48))
              (i64.sub (i64.shr_u (local.get $b) (i64.const 56)) (i64.const 48)))
            (i64.const 0x60))
          (i64.const 0)))
      (local.set $x (i64.shr_u (local.get $a) (i64.const 52)))
      (local.set $y (i64.shr_u (local.get $b) (i64.const 52)))
      ;; $quotient, in place.
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
      ;; $n bits of 61 or 62 are cut off, the highest of which is $half.
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
      ;; $n is minus what is missing to a half. If that is 3 or less, a product decides.
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

  ;; Square roots, by Newton's method. $x is the significand as an integer of 31 or 32 bits (f64: 63 or 64)
  ;; with an even exponent, so that the root has 16 (32) bits. A straight line gives a root of 16 bits that is
  ;; wrong by a twentieth at most. After two steps it is right or 1 too large, and after a third step the same
  ;; holds for 32 bits. A root is never a tie: its square would have more bits than the significand.

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
        ;; A subnormal number gets a leading 1, and an exponent below 1.
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
    ;; That it may be 1 too large matters only where half a unit of the result is cut off.
    (if (i64.eq (i64.and (local.get $y) (i64.const 255)) (i64.const 128))
      (then
        (if (i64.gt_u
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
    ;; A last step, for 62 bits. It begins with a root that is too large, by at most 2, so that the difference
    ;; of the squares is not negative. Its result is too large by less than 2.
    (local.set $y (i64.add (local.get $y) (i64.const 1)))
    (local.set $y
      (i64.sub
        (i64.shl (local.get $y) (i64.const 30))
        (i64.div_u
          (i64.shl (i64.sub (i64.mul (local.get $y) (local.get $y)) (local.get $x)) (i64.const 29))
          (local.get $y))))
    ;; That matters only where half a unit of the result is cut off, or 1 more. Then squares are compared.
    (if (i64.lt_u (i64.sub (i64.and (local.get $y) (i64.const 511)) (i64.const 256)) (i64.const 2))
      (then
        (if (i64.gt_s
              (i64.sub
                (i64.mul (i64.shr_u (local.get $y) (i64.const 8)) (i64.shr_u (local.get $y) (i64.const 8)))
                (i64.shl (local.get $x) (i64.const 44)))
              (i64.const 0))
          (then (local.set $y (i64.sub (local.get $y) (i64.const 2)))))))
    (i64.add
      (i64.shl (i64.shr_u (i64.add (local.get $e) (i64.const 1021)) (i64.const 1)) (i64.const 52))
      (i64.shr_u (i64.add (local.get $y) (i64.const 256)) (i64.const 9))))

  ;; Truncation to integers. $top is the sign and the exponent field, $n the exponent of 2. The number's bits
  ;; without the fraction are those of the integer with $top in place of its leading 1. So $top less 1 is
  ;; subtracted there. This takes numbers from 1 on whose integer has no more bits than a significand.
  ;;
  ;; Whether any other number is in range is seen by its bits: as a signed integer, they must be less than
  ;; those of the upper limit, and as an unsigned integer, not more than those of the lowest number in range.

  ;; The integer of a number in the range of i64, signed or unsigned.

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
    (if (i32.and
          (i32.le_s (local.get $a) (i32.const 0x7f800000))
          (i32.le_u (local.get $a) (i32.const 0xff800000)))
      (then
        (call $overflow)
        (unreachable)))
    (call $invalid)
    (unreachable))

  ;; What becomes of a number out of range where it does not trap.

  (func $f32.saturated (param $a i32) (param $least i64) (param $largest i64) (result i64)
    (if (i32.or
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
          (i32.lt_s (local.get $a) (i32.const 0x5f800000))
          (i32.lt_u (local.get $a) (i32.const 0xbf800000)))
      (then (return (call $f32.integer (local.get $a)))))
    (call $f32.saturated (local.get $a) (i64.const 0) (i64.const -1)))

  ;; Conversion of integers. The leading 1 is added to the exponent, which is therefore less by 1. Only an
  ;; integer of more bits than a significand has to be rounded.

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

  (func $f64.integer (param $a i64) (result i64) (local $n i64) (local $integer i64)
    (local.set $n (i64.and (i64.shr_u (local.get $a) (i64.const 52)) (i64.const 2047)))
    (if (i64.lt_u (local.get $n) (i64.const 1023)) (then (return (i64.const 0))))
    (local.set $integer
      (i64.shr_u
        (i64.or (i64.shl (local.get $a) (i64.const 11)) (i64.const 0x8000000000000000))
        (i64.sub (i64.const 1086) (local.get $n))))
    (if (i64.lt_s (local.get $a) (i64.const 0)) (then (return (i64.sub (i64.const 0) (local.get $integer)))))
    (local.get $integer))

  (func $f64.trap (param $a i64)
    (if (i32.and
          (i64.le_s (local.get $a) (i64.const 0x7ff0000000000000))
          (i64.le_u (local.get $a) (i64.const 0xfff0000000000000)))
      (then
        (call $overflow)
        (unreachable)))
    (call $invalid)
    (unreachable))

  (func $f64.saturated (param $a i64) (param $least i64) (param $largest i64) (result i64)
    (if (i32.or
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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
    (if (i32.and
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

  ;; Between the two formats, exponents differ by 896 and fractions by 29 bits.

  (func (export "f32.demote_f64") (param $a i64) (result i32) (local $result i32)
    (if (i64.lt_u
          (i64.sub (i64.and (i64.shr_u (local.get $a) (i64.const 52)) (i64.const 2047)) (i64.const 897))
          (i64.const 253))
      (then
        ;; Of the exponent, 9 bits are left. Minus 896, it is below 256, and its bit 8 is the place of the
        ;; sign.
        (local.set $result (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 29))))
        (if (i64.lt_s (local.get $a) (i64.const 0))
          (then (local.set $result (i32.add (local.get $result) (i32.const 0xc0000000))))
          (else (local.set $result (i32.add (local.get $result) (i32.const 0x40000000)))))
        (if (i64.eqz (i64.and (local.get $a) (i64.const 0x10000000))) (then (return (local.get $result))))
        (if (i64.eq (i64.ctz (local.get $a)) (i64.const 28))
          (then (return (i32.add (local.get $result) (i32.and (local.get $result) (i32.const 1))))))
        (return (i32.add (local.get $result) (i32.const 1)))))
    (local.set $result
      (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 32))) (i32.const 0x80000000)))
    (if (i64.eqz (i64.shl (local.get $a) (i64.const 1))) (then (return (local.get $result))))
    (if (i32.or
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
          ;; The sign moves from bit 60 to bit 63.
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
