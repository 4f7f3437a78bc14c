;;! category = "streams"
;;! about = "zero bytes are data as well: records are delimited by length, and only a length 0 (from the end of the file) ends the loop"
;;! outputs = [3, 30, 1, 255, 6, 51]
;;! files = { 0 = [3, 10, 0, 20, 1, 255, 6, 200, 100, 0, 7] }
(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (func (export "main") (local $length i32) (local $sum i32)
    i32.const 0  call $fd_open  local.set $length
    i32.const 0  call $fd_read  local.set $length
    loop $record
      local.get $length
      call $output
      i32.const 0  local.set $sum
      loop $byte
        local.get $sum
        i32.const 0  call $fd_read  ;; read with an operand below it
        i32.add  local.set $sum
        local.get $length  i32.const 1  i32.sub  local.tee $length
        br_if $byte
      end
      local.get $sum
      call $output                  ;; 30; 255; the last record lacks two bytes, read as 0: 307 mod 256 = 51
      i32.const 0  call $fd_read  local.tee $length
      br_if $record
    end
  )
)
