;;! category = "wasi"
;;! about = "fd_write stores its count over its second vector, once the text of both is out"
;;! outputs = "onetwo\n"
;;! exit = 7
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\20\00\00\00\03\00\00\00\23\00\00\00\04\00\00\00")
  (data (i32.const 32) "onetwo\n")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 2) (i32.const 20)))
    (call $exit (i32.load (i32.const 20)))))
