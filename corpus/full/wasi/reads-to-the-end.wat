;;! category = "wasi"
;;! about = "reads fill buffer after buffer, empty ones among them, and give 0 at the end, again and again"
;;! input = "abcdefghijklmnop"
;;! outputs = "abcdefg\u0007hijklmn\u0007opjklmn\u0002opjklmn\u0000opjklmn\u0000"
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; Three bytes, none, four; all of them and the count, for output.
  (data (i32.const 0) "\64\00\00\00\03\00\00\00\00\00\00\00\00\00\00\00\67\00\00\00\04\00\00\00")
  (data (i32.const 32) "\64\00\00\00\07\00\00\00\6c\00\00\00\01\00\00\00")
  (func $take
    (if (call $read (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 108)) (then unreachable))
    (drop (call $write (i32.const 1) (i32.const 32) (i32.const 2) (i32.const 200))))
  (func (export "_start") (call $take) (call $take) (call $take) (call $take) (call $take)))
