;;! about = "unreachable ends the run; what was output before stays"
;;! outputs = "a"
;;! trap = "unreachable"
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    i32.const 97  call $output
    unreachable))
