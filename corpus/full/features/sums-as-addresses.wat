;;! about = "addresses that are sums, which wrap, of numbers at all residues modulo 4, with offsets, which do not"
;;! outputs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ   STUV"
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (global $base i32 (i32.const 200))
  (func $fill (local $i i32)
    (loop $more
      (i32.store8 offset=3 (i32.add (local.get $i) (i32.const 97)) (i32.add (local.get $i) (i32.const 65)))
      (br_if $more (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 26)))))
  (func $show (param $from i32) (param $count i32)
    (loop $more
      (call $output (i32.load8_u (i32.add (local.get $from) (local.get $count))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br_if $more (i32.ne (local.get $from) (i32.const 0)))))
  (func $copy (param $to i32) (param $from i32)
    (i64.store offset=1 (i32.add (local.get $to) (global.get $base)) (i64.load offset=2 (i32.add (local.get $from) (global.get $base))))
    (i32.store16 (i32.add (global.get $base) (local.get $to)) (i32.load16_u (i32.add (local.get $to) (i32.const 250)))))
  (func (export "main")
    (call $fill)
    (call $show (i32.const -26) (i32.const 126))
    (i32.store16 (i32.const 200) (i32.const 0x2020))
    (call $copy (i32.const -50) (i32.const -85))
    (call $show (i32.const -2) (i32.const 202))
    (call $show (i32.const -5) (i32.const 156))))
