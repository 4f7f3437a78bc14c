;; WASI preview 1 as routines in WebAssembly's own instructions, over seven functions of the host: a byte of
;; output, a byte of an error message, a byte of input, the same unless it has to be waited for, a byte of a
;; question to the system, a byte of its answer, the end. The linker joins those that a program imports, and
;; what they call, with the program itself.
;;
;; This file, system.wat, files.wat and paths.wat are one module. The functions of descriptors are here as
;; they are where there cannot be files: a process has three descriptors then, 0 reads `host.input`, 1 writes
;; `host.output`, 2 writes `host.error`, and no other is ever valid. A function that is called NAME with files
;; is for processes that may have files. Pointers are checked before anything is read, written or output; one
;; outside memory is EOVERFLOW (61), as under Node.
;;
;; Numbers of errno, filetype and rights, and all layouts: WASI's preview 1 witx.
(import "host" "output" (func $output (param i32)))
(import "host" "error" (func $error (param i32)))
(import "host" "input" (func $input (result i32)))
(import "host" "poll" (func $poll (result i32)))
(import "host" "send" (func $send (param i32)))
(import "host" "receive" (func $receive (result i32)))
(import "host" "exit" (func $exit (param i32)))
(import "program" "memory" (memory 0))

;; Made by the linker: how many strings, their bytes with a NUL after each, and a copy of all of these, a
;; pointer to each in that copy. None reads what it wrote: the pointers may lie over the strings.
(import "arguments" "count" (func $arguments_count (result i32)))
(import "arguments" "size" (func $arguments_size (result i32)))
(import "arguments" "copy" (func $arguments_copy (param $buffer i32)))
(import "arguments" "point" (func $arguments_point (param $buffer i32) (param $pointers i32)))
(import "environment" "count" (func $environment_count (result i32)))
(import "environment" "size" (func $environment_size (result i32)))
(import "environment" "copy" (func $environment_copy (param $buffer i32)))
(import "environment" "point" (func $environment_point (param $buffer i32) (param $pointers i32)))

;; Bit d is set while descriptor d is open.
(global $open (mut i32) (i32.const 0x7))

;; 0 if the descriptor is open and one of those in the mask, else EBADF: POSIX's answer also for the wrong
;; direction.
(func $check (param $descriptor i32) (param $mask i32) (result i32)
  (if (i32.gt_u (local.get $descriptor) (i32.const 2)) (then (return (i32.const 8))))
  (select
    (i32.const 0)
    (i32.const 8)
    (i32.and
      (i32.shr_u (i32.and (global.get $open) (local.get $mask)) (local.get $descriptor))
      (i32.const 1))))

;; Whether not all of so many bytes at an address are within memory.
(func $outside (param $at i32) (param $length i32) (result i32) (local $size i32)
  (local.set $size (i32.shl (memory.size) (i32.const 16)))
  (i32.or
    (i32.gt_u (local.get $length) (local.get $size))
    (i32.gt_u (local.get $at) (i32.sub (local.get $size) (local.get $length)))))

;; EOVERFLOW if a list of vectors (address, length), what one of them points at, or the place of the result is
;; outside memory; else 0.
(func $overflow (param $vectors i32) (param $count i32) (param $result i32) (result i32)
  (if (i32.gt_u (local.get $count) (i32.const 0x1fffffff)) (then (return (i32.const 61))))
  (if (call $outside (local.get $vectors) (i32.shl (local.get $count) (i32.const 3))) (then (return (i32.const 61))))
  (if (call $outside (local.get $result) (i32.const 4)) (then (return (i32.const 61))))
  (block $done
    (loop $vector
      (br_if $done (i32.eqz (local.get $count)))
      (if (call $outside (i32.load (local.get $vectors)) (i32.load offset=4 (local.get $vectors)))
        (then (return (i32.const 61))))
      (local.set $vectors (i32.add (local.get $vectors) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $vector)))
  (i32.const 0))

;; The count is stored last: it may lie over the vectors, or over the text.
(func $fd_write (export "fd_write") (param $descriptor i32) (param $vectors i32) (param $count i32) (param $written i32) (result i32)
  (local $at i32) (local $end i32) (local $total i32) (local $errno i32)
  (if (local.tee $errno (call $overflow (local.get $vectors) (local.get $count) (local.get $written)))
    (then (return (local.get $errno))))
  (if (local.tee $errno (call $check (local.get $descriptor) (i32.const 0x6))) (then (return (local.get $errno))))
  (block $done
    (loop $vector
      (br_if $done (i32.eqz (local.get $count)))
      (local.set $at (i32.load (local.get $vectors)))
      (local.set $end (i32.add (local.get $at) (i32.load offset=4 (local.get $vectors))))
      (local.set $total (i32.add (local.get $total) (i32.load offset=4 (local.get $vectors))))
      (if (i32.ne (local.get $at) (local.get $end))
        (then
          (if (i32.eq (local.get $descriptor) (i32.const 1))
            (then
              (loop $byte
                (call $output (i32.load8_u (local.get $at)))
                (br_if $byte
                  (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end)))))
            (else
              (loop $byte
                (call $error (i32.load8_u (local.get $at)))
                (br_if $byte
                  (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end))))))))
      (local.set $vectors (i32.add (local.get $vectors) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $vector)))
  (i32.store (local.get $written) (local.get $total))
  (i32.const 0))

;; Of the read in progress: how many bytes it has, and the latest answer, which is negative where nothing more
;; is there.
(global $total (mut i32) (i32.const 0))
(global $answer (mut i32) (i32.const 0))

;; A read waits for its first byte and then takes what is there: all of a file, a line of a terminal. A buffer
;; may lie over the vectors, so they are taken down before any is filled; of more than 64 the rest is left for
;; the next read.
(func $fd_read (export "fd_read") (param $descriptor i32) (param $vectors i32) (param $count i32) (param $read i32) (result i32)
  (local $errno i32)
  (if (local.tee $errno (call $overflow (local.get $vectors) (local.get $count) (local.get $read)))
    (then (return (local.get $errno))))
  (if (local.tee $errno (call $check (local.get $descriptor) (i32.const 0x1))) (then (return (local.get $errno))))
  (global.set $total (i32.const 0))
  (global.set $answer (i32.const 0))
  (call $fill
    (local.get $vectors)
    (select (local.get $count) (i32.const 64) (i32.lt_u (local.get $count) (i32.const 64))))
  (i32.store (local.get $read) (global.get $total))
  (i32.const 0))

;; Fills vectors in their order. The last is taken down first, and filled when those before it are full.
(func $fill (param $vectors i32) (param $count i32) (local $at i32) (local $end i32) (local $vector i32)
  (if (i32.eqz (local.get $count)) (then (return)))
  (local.set $count (i32.sub (local.get $count) (i32.const 1)))
  (local.set $vector (i32.add (local.get $vectors) (i32.shl (local.get $count) (i32.const 3))))
  (local.set $at (i32.load (local.get $vector)))
  (local.set $end (i32.add (local.get $at) (i32.load offset=4 (local.get $vector))))
  (call $fill (local.get $vectors) (local.get $count))
  (if (i32.lt_s (global.get $answer) (i32.const 0)) (then (return)))
  (block $full
    (loop $next
      (br_if $full (i32.eq (local.get $at) (local.get $end)))
      (if (global.get $total)
        (then (global.set $answer (call $poll)))
        (else (global.set $answer (call $input))))
      (br_if $full (i32.lt_s (global.get $answer) (i32.const 0)))
      (i32.store8 (local.get $at) (global.get $answer))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (global.set $total (i32.add (global.get $total) (i32.const 1)))
      (br $next))))

;; ENOTCAPABLE: streams have no position, and no descriptor has the right to seek.
(func (export "fd_seek") (param $descriptor i32) (param $offset i64) (param $whence i32) (param $position i32) (result i32)
  (local $errno i32)
  (if (call $outside (local.get $position) (i32.const 8)) (then (return (i32.const 61))))
  (if (local.tee $errno (call $check (local.get $descriptor) (i32.const 0x7))) (then (return (local.get $errno))))
  (i32.const 76))

;; As above, as old Emscripten imports it: the offset in two halves.
(func (export "fd_seek in halves")
  (param $descriptor i32) (param $low i32) (param $high i32) (param $whence i32) (param $position i32) (result i32)
  (local $errno i32)
  (if (call $outside (local.get $position) (i32.const 8)) (then (return (i32.const 61))))
  (if (local.tee $errno (call $check (local.get $descriptor) (i32.const 0x7))) (then (return (local.get $errno))))
  (i32.const 76))

(func (export "fd_close") (param $descriptor i32) (result i32)
  (local $errno i32)
  (if (local.tee $errno (call $check (local.get $descriptor) (i32.const 0x7))) (then (return (local.get $errno))))
  (global.set $open
    (i32.xor (global.get $open) (i32.shl (i32.const 1) (local.get $descriptor))))
  (i32.const 0))

;; A character device without flags, with the right to read (2) or to write (64).
(func (export "fd_fdstat_get") (param $descriptor i32) (param $stat i32) (result i32)
  (local $errno i32)
  (if (call $outside (local.get $stat) (i32.const 24)) (then (return (i32.const 61))))
  (if (local.tee $errno (call $check (local.get $descriptor) (i32.const 0x7))) (then (return (local.get $errno))))
  (i64.store (local.get $stat) (i64.const 2))
  (i64.store offset=8 (local.get $stat) (select (i64.const 64) (i64.const 2) (local.get $descriptor)))
  (i64.store offset=16 (local.get $stat) (i64.const 0))
  (i32.const 0))

;; EBADF: no folder is open when a process starts, and none can be opened.
(func (export "fd_prestat_get") (param $descriptor i32) (param $prestat i32) (result i32)
  (select (i32.const 61) (i32.const 8) (call $outside (local.get $prestat) (i32.const 8))))
(func (export "fd_prestat_dir_name") (param $descriptor i32) (param $path i32) (param $length i32) (result i32)
  (select (i32.const 61) (i32.const 8) (call $outside (local.get $path) (local.get $length))))

(func (export "args_sizes_get") (param $count i32) (param $size i32) (result i32)
  (if (call $outside (local.get $count) (i32.const 4)) (then (return (i32.const 61))))
  (if (call $outside (local.get $size) (i32.const 4)) (then (return (i32.const 61))))
  (i32.store (local.get $count) (call $arguments_count))
  (i32.store (local.get $size) (call $arguments_size))
  (i32.const 0))

(func (export "args_get") (param $pointers i32) (param $buffer i32) (result i32)
  (if (call $outside (local.get $buffer) (call $arguments_size)) (then (return (i32.const 61))))
  (if (call $outside (local.get $pointers) (i32.shl (call $arguments_count) (i32.const 2))) (then (return (i32.const 61))))
  (call $arguments_copy (local.get $buffer))
  (call $arguments_point (local.get $buffer) (local.get $pointers))
  (i32.const 0))

(func (export "environ_sizes_get") (param $count i32) (param $size i32) (result i32)
  (if (call $outside (local.get $count) (i32.const 4)) (then (return (i32.const 61))))
  (if (call $outside (local.get $size) (i32.const 4)) (then (return (i32.const 61))))
  (i32.store (local.get $count) (call $environment_count))
  (i32.store (local.get $size) (call $environment_size))
  (i32.const 0))

(func (export "environ_get") (param $pointers i32) (param $buffer i32) (result i32)
  (if (call $outside (local.get $buffer) (call $environment_size)) (then (return (i32.const 61))))
  (if (call $outside (local.get $pointers) (i32.shl (call $environment_count) (i32.const 2))) (then (return (i32.const 61))))
  (call $environment_copy (local.get $buffer))
  (call $environment_point (local.get $buffer) (local.get $pointers))
  (i32.const 0))

(func (export "proc_exit") (param $status i32)
  (call $exit (local.get $status))
  unreachable)
