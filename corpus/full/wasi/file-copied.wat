;;! category = "wasi"
;;! about = "a file is read, and written to a new one, which is renamed, sought in, read again, cut and removed; a letter for each errno"
;;! files = [["in.txt", "one two three\n"], ["sub/x", "x"]]
;;! outputs = "one two three\n000000two three\n00\\Og0"
(module
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $create (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory" (func $remove (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $cut (param i32 i64) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "in.txtout.txtnew.txtsubnew")
  ;; Vectors: two of 5 and 20 bytes, for reading; all that was read; a letter.
  (data (i32.const 64) "\00\01\00\00\05\00\00\00\05\01\00\00\14\00\00\00\00\01\00\00\0e\00\00\00\60\00\00\00\01\00\00\00")
  (func $show (param $errno i32)
    (i32.store8 (i32.const 96) (i32.add (i32.const 48) (local.get $errno)))
    (drop (call $write (i32.const 1) (i32.const 88) (i32.const 1) (i32.const 36))))
  ;; Opens a name with flags and the rights to read, write, seek and set the size.
  (func $opened (param $name i32) (param $length i32) (param $flags i32) (result i32)
    (call $open (i32.const 3) (i32.const 0) (local.get $name) (local.get $length) (local.get $flags)
      (i64.const 0x400046) (i64.const 0) (i32.const 0) (i32.const 32)))
  (func $file (result i32) (i32.load (i32.const 32)))
  ;; Reads and shows what was read.
  (func $copy
    (drop (call $read (call $file) (i32.const 64) (i32.const 2) (i32.const 36)))
    (i32.store (i32.const 84) (i32.load (i32.const 36)))
    (drop (call $write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 36))))
  (func (export "_start") (local $errno i32)
    (local.set $errno (call $opened (i32.const 0) (i32.const 6) (i32.const 0)))
    (call $copy)
    (call $show (local.get $errno))
    (call $show (call $close (call $file)))
    (call $show (call $opened (i32.const 6) (i32.const 7) (i32.const 5)))
    (call $show (call $write (call $file) (i32.const 80) (i32.const 1) (i32.const 36)))
    ;; The open descriptor is that of the renamed file.
    (call $show (call $rename (i32.const 3) (i32.const 6) (i32.const 7) (i32.const 3) (i32.const 13) (i32.const 7)))
    (call $show (call $seek (call $file) (i64.const -10) (i32.const 2) (i32.const 40)))
    (call $copy)
    (call $show (call $cut (call $file) (i64.const 3)))
    (call $show (call $unlink (i32.const 3) (i32.const 13) (i32.const 7)))
    ;; It is gone, a folder is not a file, `sub` is there and not empty.
    (call $show (call $opened (i32.const 13) (i32.const 7) (i32.const 0)))
    (call $show (call $opened (i32.const 20) (i32.const 3) (i32.const 0)))
    (call $show (call $remove (i32.const 3) (i32.const 20) (i32.const 3)))
    (call $show (call $create (i32.const 3) (i32.const 23) (i32.const 3)))))
