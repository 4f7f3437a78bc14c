;; memory.copy, memory.fill and memory.init as routines in WebAssembly's own instructions. The linker puts a call of one
;; where a program has such an instruction. Bounds are checked before anything is written, as WebAssembly 2.0 has it.
;;
;; The parameters of each are the instruction's operands, in order. Words of eight bytes are moved while there are so many.
(module
  (import "program" "memory" (memory 0))

  ;; Made by the linker: a word of the passive segments, which lie one after another, each from a whole word on.
  (import "segments" "word" (func $word (param $index i32) (result i64)))

  ;; Whether not all of so many bytes at an address are within memory.
  (func $outside (param $at i32) (param $length i32) (result i32) (local $size i32)
    (local.set $size (i32.shl (memory.size) (i32.const 16)))
    (i32.or
      (i32.gt_u (local.get $length) (local.get $size))
      (i32.gt_u (local.get $at) (i32.sub (local.get $size) (local.get $length)))))

  ;; An access beyond the end of any memory.
  (func $trap (drop (i32.load8_u (i32.const -1))))

  ;; Downwards where a move upwards would overwrite bytes that are still to be moved.
  (func $memory.copy (export "memory.copy") (param $to i32) (param $from i32) (param $length i32)
    (if (call $outside
          (select (local.get $to) (local.get $from) (i32.gt_u (local.get $to) (local.get $from)))
          (local.get $length))
      (then (call $trap)))
    (if (i32.lt_u (i32.sub (local.get $to) (local.get $from)) (local.get $length))
      (then
        (call $down
          (i32.add (local.get $to) (local.get $length))
          (i32.add (local.get $from) (local.get $length))
          (local.get $length)))
      (else (call $up (local.get $to) (local.get $from) (local.get $length)))))

  ;; Moves so many bytes from an address on, the first ones first: four words at a time, words, then what is left.
  (func $up (param $to i32) (param $from i32) (param $left i32)
    (block $less
      (loop $words
        (br_if $less (i32.lt_u (local.get $left) (i32.const 32)))
        (i64.store (local.get $to) (i64.load (local.get $from)))
        (i64.store offset=8 (local.get $to) (i64.load offset=8 (local.get $from)))
        (i64.store offset=16 (local.get $to) (i64.load offset=16 (local.get $from)))
        (i64.store offset=24 (local.get $to) (i64.load offset=24 (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 32)))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (local.set $left (i32.sub (local.get $left) (i32.const 32)))
        (br $words)))
    (block $less
      (loop $word
        (br_if $less (i32.lt_u (local.get $left) (i32.const 8)))
        (i64.store (local.get $to) (i64.load (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (local.set $left (i32.sub (local.get $left) (i32.const 8)))
        (br $word)))
    (if (i32.eqz (local.get $left)) (then (return)))
    (if (i32.and (local.get $left) (i32.const 4))
      (then
        (i32.store (local.get $to) (i32.load (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))))
    (if (i32.and (local.get $left) (i32.const 2))
      (then
        (i32.store16 (local.get $to) (i32.load16_u (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (local.set $from (i32.add (local.get $from) (i32.const 2)))))
    (if (i32.and (local.get $left) (i32.const 1))
      (then (i32.store8 (local.get $to) (i32.load8_u (local.get $from))))))

  ;; Moves so many bytes before an address, the last ones first.
  (func $down (param $to i32) (param $from i32) (param $left i32)
    (block $less
      (loop $words
        (br_if $less (i32.lt_u (local.get $left) (i32.const 32)))
        (local.set $to (i32.sub (local.get $to) (i32.const 32)))
        (local.set $from (i32.sub (local.get $from) (i32.const 32)))
        (i64.store offset=24 (local.get $to) (i64.load offset=24 (local.get $from)))
        (i64.store offset=16 (local.get $to) (i64.load offset=16 (local.get $from)))
        (i64.store offset=8 (local.get $to) (i64.load offset=8 (local.get $from)))
        (i64.store (local.get $to) (i64.load (local.get $from)))
        (local.set $left (i32.sub (local.get $left) (i32.const 32)))
        (br $words)))
    (block $less
      (loop $word
        (br_if $less (i32.lt_u (local.get $left) (i32.const 8)))
        (local.set $to (i32.sub (local.get $to) (i32.const 8)))
        (local.set $from (i32.sub (local.get $from) (i32.const 8)))
        (i64.store (local.get $to) (i64.load (local.get $from)))
        (local.set $left (i32.sub (local.get $left) (i32.const 8)))
        (br $word)))
    (if (i32.eqz (local.get $left)) (then (return)))
    (if (i32.and (local.get $left) (i32.const 4))
      (then
        (local.set $to (i32.sub (local.get $to) (i32.const 4)))
        (local.set $from (i32.sub (local.get $from) (i32.const 4)))
        (i32.store (local.get $to) (i32.load (local.get $from)))))
    (if (i32.and (local.get $left) (i32.const 2))
      (then
        (local.set $to (i32.sub (local.get $to) (i32.const 2)))
        (local.set $from (i32.sub (local.get $from) (i32.const 2)))
        (i32.store16 (local.get $to) (i32.load16_u (local.get $from)))))
    (if (i32.and (local.get $left) (i32.const 1))
      (then (i32.store8 (i32.sub (local.get $to) (i32.const 1)) (i32.load8_u (i32.sub (local.get $from) (i32.const 1)))))))

  (func $memory.fill (export "memory.fill") (param $at i32) (param $byte i32) (param $left i32) (local $word i64)
    (if (call $outside (local.get $at) (local.get $left)) (then (call $trap)))
    (local.set $word
      (i64.mul (i64.extend_i32_u (i32.and (local.get $byte) (i32.const 0xff))) (i64.const 0x0101010101010101)))
    (block $less
      (loop $words
        (br_if $less (i32.lt_u (local.get $left) (i32.const 32)))
        (i64.store (local.get $at) (local.get $word))
        (i64.store offset=8 (local.get $at) (local.get $word))
        (i64.store offset=16 (local.get $at) (local.get $word))
        (i64.store offset=24 (local.get $at) (local.get $word))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (local.set $left (i32.sub (local.get $left) (i32.const 32)))
        (br $words)))
    (block $less
      (loop $next
        (br_if $less (i32.lt_u (local.get $left) (i32.const 8)))
        (i64.store (local.get $at) (local.get $word))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $left (i32.sub (local.get $left) (i32.const 8)))
        (br $next)))
    (if (i32.and (local.get $left) (i32.const 4))
      (then
        (i64.store32 (local.get $at) (local.get $word))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))))
    (if (i32.and (local.get $left) (i32.const 2))
      (then
        (i64.store16 (local.get $at) (local.get $word))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))))
    (if (i32.and (local.get $left) (i32.const 1)) (then (i32.store8 (local.get $at) (local.get $byte)))))

  ;; The linker adds where the segment begins among all words, and how many bytes it has left: none once it is dropped.
  (func (export "memory.init")
    (param $to i32) (param $from i32) (param $length i32) (param $first i32) (param $left i32) (local $end i32)
    (if (i32.or
          (call $outside (local.get $to) (local.get $length))
          (i32.or
            (i32.gt_u (local.get $length) (local.get $left))
            (i32.gt_u (local.get $from) (i32.sub (local.get $left) (local.get $length)))))
      (then (call $trap)))
    (local.set $from (i32.add (local.get $from) (i32.shl (local.get $first) (i32.const 3))))
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $from) (local.get $end)))
        (if (i32.and
              (i32.eqz (i32.and (local.get $from) (i32.const 7)))
              (i32.ge_u (i32.sub (local.get $end) (local.get $from)) (i32.const 8)))
          (then
            (i64.store (local.get $to) (call $word (i32.shr_u (local.get $from) (i32.const 3))))
            (local.set $to (i32.add (local.get $to) (i32.const 8)))
            (local.set $from (i32.add (local.get $from) (i32.const 8))))
          (else
            (i64.store8
              (local.get $to)
              (i64.shr_u
                (call $word (i32.shr_u (local.get $from) (i32.const 3)))
                (i64.extend_i32_u (i32.shl (i32.and (local.get $from) (i32.const 7)) (i32.const 3)))))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (local.set $from (i32.add (local.get $from) (i32.const 1)))))
        (br $next))))

  ;; A segment that was active is dropped from the start.
  (func (export "data.drop")))
