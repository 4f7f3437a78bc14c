;;! category = "wasi"
;;! about = "one read into a large buffer takes all the input that is there, and not a line of it"
;;! input = "first\nsecond\n\nfourth\nfifth\nthe sixth has no end"
;;! exit = 5
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "\00\04\00\00\00\fc\01\00")
  (func (export "_start") (local $at i32) (local $end i32) (local $lines i32)
    (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
    (local.set $at (i32.const 1024))
    (local.set $end (i32.add (local.get $at) (i32.load (i32.const 8))))
    (loop $next
      (local.set $lines (i32.add (local.get $lines) (i32.eq (i32.load8_u (local.get $at)) (i32.const 10))))
      (br_if $next (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end))))
    (call $exit (local.get $lines))))
