;; The instructions of tables that instructions can change, as routines. A table is a run of words in the
;; bank, a memory of the machine beside the program's, of which `table.load` and `table.store` access a word,
;; unchecked. A routine is exported under the name of its instruction. Its parameters are the instruction's
;; operands, and then, per table, the address of its first word and its length: of the table that is written
;; before the one that is read. Bounds are checked before anything is written.
(module
  (import "table" "load" (func $load (param $at i32) (result i32)))
  (import "table" "store" (func $store (param $at i32) (param $reference i32)))
  ;; Traps, as for a place beyond the end of the table.
  (import "table" "outside" (func $outside))

  ;; The address of a place.
  (func $at (param $place i32) (param $base i32) (result i32)
    (i32.add (local.get $base) (i32.shl (local.get $place) (i32.const 2))))

  ;; Traps unless so many places from one on are within a length.
  (func $check (param $place i32) (param $count i32) (param $length i32)
    (if (i32.gt_u (local.get $count) (local.get $length)) (then (call $outside)))
    (if (i32.gt_u (local.get $place) (i32.sub (local.get $length) (local.get $count))) (then (call $outside))))

  ;; Puts a reference into so many words.
  (func $put (param $at i32) (param $count i32) (param $reference i32)
    (local.set $count (call $at (local.get $count) (local.get $at)))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $count)))
        (call $store (local.get $at) (local.get $reference))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $next))))

  (func (export "table.get") (param $place i32) (param $base i32) (param $length i32) (result i32)
    (if (i32.ge_u (local.get $place) (local.get $length)) (then (call $outside)))
    (call $load (call $at (local.get $place) (local.get $base))))

  (func (export "table.set") (param $place i32) (param $reference i32) (param $base i32) (param $length i32)
    (if (i32.ge_u (local.get $place) (local.get $length)) (then (call $outside)))
    (call $store (call $at (local.get $place) (local.get $base)) (local.get $reference)))

  ;; Returns the instruction's result, and the new length. One more parameter: the length that is not
  ;; exceeded.
  (func (export "table.grow")
    (param $reference i32) (param $count i32) (param $base i32) (param $length i32) (param $most i32)
    (result i32 i32)
    (if (i32.gt_u (local.get $count) (i32.sub (local.get $most) (local.get $length)))
      (then (return (i32.const -1) (local.get $length))))
    (call $put (call $at (local.get $length) (local.get $base)) (local.get $count) (local.get $reference))
    (local.get $length)
    (i32.add (local.get $length) (local.get $count)))

  (func (export "table.fill")
    (param $place i32) (param $reference i32) (param $count i32) (param $base i32) (param $length i32)
    (call $check (local.get $place) (local.get $count) (local.get $length))
    (call $put (call $at (local.get $place) (local.get $base)) (local.get $count) (local.get $reference)))

  ;; The same for `table.init`, which reads a segment. Downwards where a move upwards would overwrite words
  ;; that are still to be moved.
  (func (export "table.copy")
    (param $to i32) (param $from i32) (param $count i32)
    (param $base_to i32) (param $length_to i32) (param $base_from i32) (param $length_from i32)
    (local $end i32)
    (call $check (local.get $to) (local.get $count) (local.get $length_to))
    (call $check (local.get $from) (local.get $count) (local.get $length_from))
    (local.set $to (call $at (local.get $to) (local.get $base_to)))
    (local.set $from (call $at (local.get $from) (local.get $base_from)))
    (local.set $end (call $at (local.get $count) (local.get $from)))
    (if (i32.le_u (local.get $to) (local.get $from))
      (then
        (block $done
          (loop $next
            (br_if $done (i32.eq (local.get $from) (local.get $end)))
            (call $store (local.get $to) (call $load (local.get $from)))
            (local.set $to (i32.add (local.get $to) (i32.const 4)))
            (local.set $from (i32.add (local.get $from) (i32.const 4)))
            (br $next))))
      (else
        (local.set $to (call $at (local.get $count) (local.get $to)))
        (block $done
          (loop $next
            (br_if $done (i32.eq (local.get $from) (local.get $end)))
            (local.set $to (i32.sub (local.get $to) (i32.const 4)))
            (local.set $end (i32.sub (local.get $end) (i32.const 4)))
            (call $store (local.get $to) (call $load (local.get $end)))
            (br $next)))))))
