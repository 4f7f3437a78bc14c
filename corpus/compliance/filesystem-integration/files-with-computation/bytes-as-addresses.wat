;;! category = "files-with-computation"
;;! about = "a byte from a file or a descriptor from fd_open is no proper address, or fd_write is taken for a store"
;;! outputs = [90, 17, 90, 1, 255, 17, 90, 90, 17, 0, 17]
;;! files = { 3 = [12, 0, 12, 255, 1] }
;;! after = { 0 = [90, 17, 90, 1, 255] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (memory 1)
  (func (export "main") (local i32)
    ;; a table in memory
    i32.const 12 i32.const 90 i32.store
    i32.const 0 i32.const 17 i32.store
    i32.const 255 i32.const 1 i32.store
    i32.const 1 i32.const 255 i32.store
    i32.const 0 call $fd_open local.set 0
    i32.const 3 call $fd_open local.set 0
    ;; translate file 3 through the table into file 0
    i32.const 3 call $fd_read i32.load local.tee 0
    i32.const 0 call $fd_write
    local.get 0 call $output                ;; cell 12: 90
    i32.const 3 call $fd_read i32.load local.tee 0
    i32.const 0 call $fd_write
    local.get 0 call $output                ;; cell 0: 17
    i32.const 3 call $fd_read i32.load local.tee 0
    i32.const 0 call $fd_write
    local.get 0 call $output                ;; cell 12: 90
    i32.const 3 call $fd_read i32.load local.tee 0
    i32.const 0 call $fd_write
    local.get 0 call $output                ;; cell 255: 1
    i32.const 3 call $fd_read i32.load local.tee 0
    i32.const 0 call $fd_write
    local.get 0 call $output                ;; cell 1: 255
    ;; what fd_open pushes as an address: reopening 0 reads cell 0, reopening 3 reads cell 3 + 9
    i32.const 0 call $fd_open i32.load
    call $output                            ;; 17
    i32.const 3 call $fd_open i32.load offset=9
    call $output                            ;; 90
    ;; address out of one file, value out of the other: cell 12 + 100 = 90, cell 0 + 100 = 17
    i32.const 3 call $fd_read i32.const 0 call $fd_read i32.store offset=100
    i32.const 3 call $fd_read i32.const 0 call $fd_read i32.store offset=100
    i32.const 112 i32.load call $output     ;; 90
    i32.const 0 i32.load offset=100 call $output    ;; 17
    ;; writing byte 90 to descriptor 0 stored nothing, neither at 90 nor at 0
    i32.const 90 i32.load call $output      ;; 0
    i32.const 0 i32.load call $output       ;; 17
  )
)
