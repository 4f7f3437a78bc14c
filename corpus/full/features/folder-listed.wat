;;! about = "a folder's entries, in parts of 40 bytes; a path never leaves the folder"
;;! files = [["a.txt", "1"], ["notes/b.txt", "22"], ["notes/c", [1, 2, 3]]]
;;! outputs = ". .. a.txt notes "
;;! results = [76, 76, 44, 54, 0, 2, 8]
(module
  (import "wasi_snapshot_preview1" "fd_readdir" (func $list (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "/a.txt../a.txtabsenta.txt/bnotes/b.txt ")
  (data (i32.const 64) "\00\00\00\00\00\00\00\00\26\00\00\00\01\00\00\00")
  (func $size (param $path i32) (param $length i32) (result i32)
    (call $stat (i32.const 3) (i32.const 1) (local.get $path) (local.get $length) (i32.const 256)))
  (func (export "main") (result i32 i32 i32 i32 i32 i32 i32) (local $cookie i64)
    (block $done
      (loop $entry
        (drop (call $list (i32.const 3) (i32.const 128) (i32.const 40) (local.get $cookie) (i32.const 80)))
        ;; Less than an entry: the end.
        (br_if $done (i32.lt_u (i32.load (i32.const 80)) (i32.const 25)))
        (local.set $cookie (i64.load (i32.const 128)))
        (i32.store (i32.const 64) (i32.const 152))
        (i32.store (i32.const 68) (i32.load (i32.const 144)))
        (drop (call $write (i32.const 1) (i32.const 64) (i32.const 2) (i32.const 84)))
        (br $entry)))
    (call $size (i32.const 0) (i32.const 6))
    (call $size (i32.const 6) (i32.const 8))
    (call $size (i32.const 14) (i32.const 6))
    (call $size (i32.const 20) (i32.const 7))
    (call $size (i32.const 27) (i32.const 11))
    (i32.wrap_i64 (i64.load offset=32 (i32.const 256)))
    (call $list (i32.const 9) (i32.const 128) (i32.const 40) (i64.const 0) (i32.const 80))))
