;;! category = "wasi"
;;! about = "whatever is asked with a pointer outside memory is EOVERFLOW, also on descriptors that are not open"
;;! outputs = "======================="
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $stat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $said (mut i32) (i32.const 1024))
  (data (i32.const 16) "\00\04\00\00\01\00\00\00\ff\ff\00\00\02\00\00\00\ff\ff\ff\ff\02\00\00\00\00\00\00\00\ff\ff\ff\ff")
  ;; The errno, as the character of that number.
  (func $say (param $errno i32)
    (i32.store8 (global.get $said) (local.get $errno))
    (global.set $said (i32.add (global.get $said) (i32.const 1))))
  (func (export "_start")
    ;; The place of the count.
    (call $say (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 65533)))
    (call $say (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const -1)))
    (call $say (call $write (i32.const 9) (i32.const 16) (i32.const 1) (i32.const 65533)))
    (call $say (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 65536)))
    ;; The vectors.
    (call $say (call $write (i32.const 1) (i32.const 65529) (i32.const 1) (i32.const 0)))
    (call $say (call $write (i32.const 1) (i32.const 65528) (i32.const 2) (i32.const 0)))
    (call $say (call $write (i32.const 1) (i32.const -8) (i32.const 1) (i32.const 0)))
    (call $say (call $write (i32.const 1) (i32.const 16) (i32.const -1) (i32.const 0)))
    (call $say (call $read (i32.const 0) (i32.const 65529) (i32.const 1) (i32.const 0)))
    ;; What they point at.
    (call $say (call $write (i32.const 1) (i32.const 16) (i32.const 2) (i32.const 0)))
    (call $say (call $write (i32.const 2) (i32.const 24) (i32.const 1) (i32.const 0)))
    (call $say (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 0)))
    (call $say (call $write (i32.const 1) (i32.const 40) (i32.const 1) (i32.const 0)))
    (call $say (call $read (i32.const 0) (i32.const 16) (i32.const 2) (i32.const 0)))
    (call $say (call $read (i32.const 5) (i32.const 24) (i32.const 1) (i32.const 0)))
    ;; Other results.
    (call $say (call $stat (i32.const 1) (i32.const 65513)))
    (call $say (call $args_sizes (i32.const 65533) (i32.const 0)))
    (call $say (call $args_sizes (i32.const 0) (i32.const -4)))
    (call $say (call $environ_sizes (i32.const 65533) (i32.const 0)))
    (call $say (call $environ_sizes (i32.const 0) (i32.const 65536)))
    (call $say (call $seek (i32.const 4) (i64.const 0) (i32.const 0) (i32.const 65529)))
    (call $say (call $prestat (i32.const 3) (i32.const 65529)))
    (call $say (call $name (i32.const 3) (i32.const 65535) (i32.const 2)))
    (i32.store (i32.const 20) (i32.sub (global.get $said) (i32.const 1024)))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 0)))))
