;; The functions of descriptors and paths where there may be files: the system knows what each descriptor is.
;; Only the bytes of standard streams go the way that they go without files. Each function asks the system;
;; which arguments it sends in which order is said in world/files. Pointers are checked before.

;; Begins a question about a descriptor.
(func $ask (param $function i32) (param $descriptor i32)
  (call $send (local.get $function))
  (call $send32 (local.get $descriptor)))

(func $send64 (param $value i64)
  (call $send32 (i32.wrap_i64 (local.get $value)))
  (call $send32 (i32.wrap_i64 (i64.shr_u (local.get $value) (i64.const 32)))))

(func $send_bytes (param $at i32) (param $length i32)
  (local.set $length (i32.add (local.get $at) (local.get $length)))
  (block $done
    (loop $byte
      (br_if $done (i32.eq (local.get $at) (local.get $length)))
      (call $send (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $byte))))

;; Stores all bytes of the answer, and gives how many they are.
(func $take_all (param $at i32) (result i32) (local $start i32) (local $byte i32)
  (local.set $start (local.get $at))
  (block $done
    (loop $next
      (br_if $done (i32.lt_s (local.tee $byte (call $receive)) (i32.const 0)))
      (i32.store8 (local.get $at) (local.get $byte))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
  (i32.sub (local.get $at) (local.get $start)))

;; Which standard stream the descriptor is: 0, 1 or 2; 3 for a file. A negative number is that of an error.
(func $stream (param $descriptor i32) (result i32) (local $errno i32)
  (call $ask (i32.const 25) (local.get $descriptor))
  (if (local.tee $errno (call $receive)) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
  (call $receive))

;; Sends what vectors point at, and gives how many bytes that is.
(func $gather (param $vectors i32) (param $count i32) (result i32) (local $total i32)
  (block $done
    (loop $vector
      (br_if $done (i32.eqz (local.get $count)))
      (call $send_bytes (i32.load (local.get $vectors)) (i32.load offset=4 (local.get $vectors)))
      (local.set $total (i32.add (local.get $total) (i32.load offset=4 (local.get $vectors))))
      (local.set $vectors (i32.add (local.get $vectors) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $vector)))
  (local.get $total))

;; How many bytes vectors have place for.
(func $room (param $vectors i32) (param $count i32) (result i32) (local $total i32)
  (block $done
    (loop $vector
      (br_if $done (i32.eqz (local.get $count)))
      (local.set $total (i32.add (local.get $total) (i32.load offset=4 (local.get $vectors))))
      (local.set $vectors (i32.add (local.get $vectors) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $vector)))
  (local.get $total))

;; Fills vectors in their order with the answer, as `$fill` does with the input.
(func $scatter (param $vectors i32) (param $count i32) (local $at i32) (local $end i32) (local $vector i32)
  (if (i32.eqz (local.get $count)) (then (return)))
  (local.set $count (i32.sub (local.get $count) (i32.const 1)))
  (local.set $vector (i32.add (local.get $vectors) (i32.shl (local.get $count) (i32.const 3))))
  (local.set $at (i32.load (local.get $vector)))
  (local.set $end (i32.add (local.get $at) (i32.load offset=4 (local.get $vector))))
  (call $scatter (local.get $vectors) (local.get $count))
  (if (i32.lt_s (global.get $answer) (i32.const 0)) (then (return)))
  (block $full
    (loop $next
      (br_if $full (i32.eq (local.get $at) (local.get $end)))
      (global.set $answer (call $receive))
      (br_if $full (i32.lt_s (global.get $answer) (i32.const 0)))
      (i32.store8 (local.get $at) (global.get $answer))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (global.set $total (i32.add (global.get $total) (i32.const 1)))
      (br $next))))

;; Takes the answer to a read.
(func $read (param $vectors i32) (param $count i32) (param $read i32) (result i32) (local $errno i32)
  (if (local.tee $errno (call $receive)) (then (return (local.get $errno))))
  (global.set $total (i32.const 0))
  (global.set $answer (i32.const 0))
  (call $scatter (local.get $vectors) (local.get $count))
  (i32.store (local.get $read) (global.get $total))
  (i32.const 0))

;; At most 64 vectors: as many as `fd_read` without files takes.
(func $few (param $count i32) (result i32)
  (select (local.get $count) (i32.const 64) (i32.lt_u (local.get $count) (i32.const 64))))

(func (export "fd_read with files") (param $descriptor i32) (param $vectors i32) (param $count i32) (param $read i32) (result i32)
  (local $errno i32) (local $stream i32)
  (if (local.tee $errno (call $overflow (local.get $vectors) (local.get $count) (local.get $read)))
    (then (return (local.get $errno))))
  (if (i32.lt_s (local.tee $stream (call $stream (local.get $descriptor))) (i32.const 0))
    (then (return (i32.sub (i32.const 0) (local.get $stream)))))
  (if (i32.lt_u (local.get $stream) (i32.const 3))
    (then (return (call $fd_read (local.get $stream) (local.get $vectors) (local.get $count) (local.get $read)))))
  (local.set $count (call $few (local.get $count)))
  (call $ask (i32.const 13) (local.get $descriptor))
  (call $send32 (call $room (local.get $vectors) (local.get $count)))
  (call $read (local.get $vectors) (local.get $count) (local.get $read)))

(func (export "fd_pread with files")
  (param $descriptor i32) (param $vectors i32) (param $count i32) (param $offset i64) (param $read i32) (result i32)
  (local $errno i32)
  (if (local.tee $errno (call $overflow (local.get $vectors) (local.get $count) (local.get $read)))
    (then (return (local.get $errno))))
  (local.set $count (call $few (local.get $count)))
  (call $ask (i32.const 14) (local.get $descriptor))
  (call $send64 (local.get $offset))
  (call $send32 (call $room (local.get $vectors) (local.get $count)))
  (call $read (local.get $vectors) (local.get $count) (local.get $read)))

;; The count is stored last: it may lie over the vectors, or over the text.
(func (export "fd_write with files") (param $descriptor i32) (param $vectors i32) (param $count i32) (param $written i32) (result i32)
  (local $errno i32) (local $total i32) (local $stream i32)
  (if (local.tee $errno (call $overflow (local.get $vectors) (local.get $count) (local.get $written)))
    (then (return (local.get $errno))))
  (if (i32.lt_s (local.tee $stream (call $stream (local.get $descriptor))) (i32.const 0))
    (then (return (i32.sub (i32.const 0) (local.get $stream)))))
  (if (i32.lt_u (local.get $stream) (i32.const 3))
    (then (return (call $fd_write (local.get $stream) (local.get $vectors) (local.get $count) (local.get $written)))))
  (call $ask (i32.const 15) (local.get $descriptor))
  (local.set $total (call $gather (local.get $vectors) (local.get $count)))
  (if (local.tee $errno (call $receive)) (then (return (local.get $errno))))
  (i32.store (local.get $written) (local.get $total))
  (i32.const 0))

(func (export "fd_pwrite with files")
  (param $descriptor i32) (param $vectors i32) (param $count i32) (param $offset i64) (param $written i32) (result i32)
  (local $errno i32) (local $total i32)
  (if (local.tee $errno (call $overflow (local.get $vectors) (local.get $count) (local.get $written)))
    (then (return (local.get $errno))))
  (call $ask (i32.const 16) (local.get $descriptor))
  (call $send64 (local.get $offset))
  (local.set $total (call $gather (local.get $vectors) (local.get $count)))
  (if (local.tee $errno (call $receive)) (then (return (local.get $errno))))
  (i32.store (local.get $written) (local.get $total))
  (i32.const 0))

(func $seek (export "fd_seek with files") (param $descriptor i32) (param $offset i64) (param $whence i32) (param $position i32) (result i32)
  (if (call $outside (local.get $position) (i32.const 8)) (then (return (i32.const 61))))
  (call $ask (i32.const 17) (local.get $descriptor))
  (call $send64 (local.get $offset))
  (call $send32 (local.get $whence))
  (call $answer (local.get $position) (i32.const 8)))

(func (export "fd_seek with files in halves")
  (param $descriptor i32) (param $low i32) (param $high i32) (param $whence i32) (param $position i32) (result i32)
  (call $seek
    (local.get $descriptor)
    (i64.or (i64.extend_i32_u (local.get $low)) (i64.shl (i64.extend_i32_u (local.get $high)) (i64.const 32)))
    (local.get $whence)
    (local.get $position)))

(func (export "fd_tell with files") (param $descriptor i32) (param $position i32) (result i32)
  (if (call $outside (local.get $position) (i32.const 8)) (then (return (i32.const 61))))
  (call $ask (i32.const 18) (local.get $descriptor))
  (call $answer (local.get $position) (i32.const 8)))

(func (export "fd_close with files") (param $descriptor i32) (result i32)
  (call $ask (i32.const 20) (local.get $descriptor))
  (call $receive))

(func (export "fd_renumber with files") (param $descriptor i32) (param $to i32) (result i32)
  (call $ask (i32.const 21) (local.get $descriptor))
  (call $send32 (local.get $to))
  (call $receive))

(func (export "fd_fdstat_get with files") (param $descriptor i32) (param $stat i32) (result i32)
  (if (call $outside (local.get $stat) (i32.const 24)) (then (return (i32.const 61))))
  (call $ask (i32.const 7) (local.get $descriptor))
  (call $answer (local.get $stat) (i32.const 24)))

(func (export "fd_fdstat_set_flags with files") (param $descriptor i32) (param $flags i32) (result i32)
  (call $ask (i32.const 8) (local.get $descriptor))
  (call $send32 (local.get $flags))
  (call $receive))

(func (export "fd_fdstat_set_rights with files") (param $descriptor i32) (param $own i64) (param $inherited i64) (result i32)
  (call $ask (i32.const 9) (local.get $descriptor))
  (call $send64 (local.get $own))
  (call $send64 (local.get $inherited))
  (call $receive))

(func (export "fd_filestat_get with files") (param $descriptor i32) (param $stat i32) (result i32)
  (if (call $outside (local.get $stat) (i32.const 64)) (then (return (i32.const 61))))
  (call $ask (i32.const 10) (local.get $descriptor))
  (call $answer (local.get $stat) (i32.const 64)))

(func (export "fd_filestat_set_size with files") (param $descriptor i32) (param $size i64) (result i32)
  (call $ask (i32.const 11) (local.get $descriptor))
  (call $send64 (local.get $size))
  (call $receive))

(func (export "fd_filestat_set_times with files")
  (param $descriptor i32) (param $accessed i64) (param $modified i64) (param $flags i32) (result i32)
  (call $ask (i32.const 12) (local.get $descriptor))
  (call $send64 (local.get $accessed))
  (call $send64 (local.get $modified))
  (call $send32 (local.get $flags))
  (call $receive))

(func (export "fd_allocate with files") (param $descriptor i32) (param $offset i64) (param $length i64) (result i32)
  (call $ask (i32.const 22) (local.get $descriptor))
  (call $send64 (local.get $offset))
  (call $send64 (local.get $length))
  (call $receive))

(func (export "fd_advise with files") (param $descriptor i32) (param $offset i64) (param $length i64) (param $advice i32) (result i32)
  (call $ask (i32.const 23) (local.get $descriptor))
  (call $receive))

(func (export "fd_sync with files") (param $descriptor i32) (result i32)
  (call $ask (i32.const 24) (local.get $descriptor))
  (call $receive))

(func (export "fd_datasync with files") (param $descriptor i32) (result i32)
  (call $ask (i32.const 24) (local.get $descriptor))
  (call $receive))

(func (export "fd_readdir with files")
  (param $descriptor i32) (param $buffer i32) (param $length i32) (param $cookie i64) (param $used i32) (result i32)
  (local $errno i32)
  (if (call $outside (local.get $buffer) (local.get $length)) (then (return (i32.const 61))))
  (if (call $outside (local.get $used) (i32.const 4)) (then (return (i32.const 61))))
  (call $ask (i32.const 19) (local.get $descriptor))
  (call $send64 (local.get $cookie))
  (call $send32 (local.get $length))
  (if (local.tee $errno (call $receive)) (then (return (local.get $errno))))
  (i32.store (local.get $used) (call $take_all (local.get $buffer)))
  (i32.const 0))

;; The tag of a folder is 0.
(func (export "fd_prestat_get with files") (param $descriptor i32) (param $prestat i32) (result i32)
  (local $errno i32)
  (if (call $outside (local.get $prestat) (i32.const 8)) (then (return (i32.const 61))))
  (call $ask (i32.const 5) (local.get $descriptor))
  (if (local.tee $errno (call $answer (i32.add (local.get $prestat) (i32.const 4)) (i32.const 4))) (then (return (local.get $errno))))
  (i32.store (local.get $prestat) (i32.const 0))
  (i32.const 0))

(func (export "fd_prestat_dir_name with files") (param $descriptor i32) (param $path i32) (param $length i32) (result i32)
  (local $errno i32)
  (if (call $outside (local.get $path) (local.get $length)) (then (return (i32.const 61))))
  (call $ask (i32.const 6) (local.get $descriptor))
  (call $send32 (local.get $length))
  (if (i32.eqz (local.tee $errno (call $receive))) (then (drop (call $take_all (local.get $path)))))
  (local.get $errno))
