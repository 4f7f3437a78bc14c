;;! about = "a divisor that becomes 0 in a loop; i64, whose low half alone would not be 0"
;;! outputs = [3, 2, 1]
;;! trap = "division-by-zero"
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $n i64)
    i64.const 0x300000000  local.set $n
    (loop $again
      i64.const 0x900000000  local.get $n  i64.rem_u  drop
      local.get $n  i64.const 32  i64.shr_u  i32.wrap_i64  call $output
      local.get $n  i64.const 0x100000000  i64.sub  local.set $n
      br $again)))
