;;! category = "wasi"
;;! about = "a vector that ends outside memory is an errno, and no output; nor does the count change"
;;! outputs = ""
;;! exit = 61
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\00\00\00\00\04\00\00\00\fe\ff\00\00\03\00\00\00")
  (func (export "_start") (local $errno i32)
    (local.set $errno (call $write (i32.const 1) (i32.const 8) (i32.const 2) (i32.const 4)))
    (call $exit (i32.add (local.get $errno) (i32.load (i32.const 4))))))
