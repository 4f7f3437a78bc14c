;;! category = "wasi"
;;! about = "descriptor 1 is standard output, 2 standard error; several vectors, empty ones among them"
;;! outputs = "one two one "
;;! errors = "two two "
;;! exit = 20
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "one two ")
  ;; The second vector is empty, at the last byte of memory.
  (data (i32.const 0) "\40\00\00\00\04\00\00\00\ff\ff\00\00\00\00\00\00\44\00\00\00\04\00\00\00\44\00\00\00\04\00\00\00\40\00\00\00\04\00\00\00")
  (func $count (param $descriptor i32) (param $vectors i32) (param $count i32) (result i32)
    (if (call $write (local.get $descriptor) (local.get $vectors) (local.get $count) (i32.const 100)) (then unreachable))
    (i32.load (i32.const 100)))
  (func (export "_start")
    (call $exit
      (i32.add (call $count (i32.const 1) (i32.const 0) (i32.const 3))
        (i32.add (call $count (i32.const 2) (i32.const 16) (i32.const 2))
          (call $count (i32.const 1) (i32.const 32) (i32.const 1)))))))
