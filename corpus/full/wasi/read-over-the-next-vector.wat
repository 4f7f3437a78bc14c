;;! category = "wasi"
;;! about = "the first buffer of a read lies over the second vector: vectors count as they were at the call"
;;! input = "abcdefghWXYZ"
;;! outputs = "WXYZ"
;;! exit = 12
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\18\00\00\00\08\00\00\00\40\00\00\00\04\00\00\00")
  (data (i32.const 48) "\40\00\00\00\04\00\00\00")
  (func (export "_start")
    (if (call $read (i32.const 0) (i32.const 16) (i32.const 2) (i32.const 4)) (then unreachable))
    (drop (call $write (i32.const 1) (i32.const 48) (i32.const 1) (i32.const 8)))
    (call $exit (i32.load (i32.const 4)))))
