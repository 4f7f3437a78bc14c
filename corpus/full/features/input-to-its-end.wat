;;! about = "host.input gives each byte, then -1 as often as it is asked"
;;! input = "echo"
;;! outputs = "echo"
;;! results = [-1]
(module
  (import "host" "input" (func $input (result i32)))
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (result i32) (local $c i32)
    (block $end
      (loop $again
        call $input  local.tee $c  i32.const 0  i32.lt_s  br_if $end
        local.get $c  call $output
        br $again))
    call $input))
