;;! about = "host.exit ends the program from any depth of calls; the status is its low byte"
;;! outputs = "x"
;;! exit = 3
(module
  (import "host" "exit" (func $exit (param i32)))
  (import "host" "output" (func $output (param i32)))
  (func $deep (param i32)
    local.get 0  i32.eqz
    (if (then  i32.const 0x103  call $exit  i32.const 121  call $output)
        (else  local.get 0  i32.const 1  i32.sub  call $deep)))
  (func (export "main")
    i32.const 120  call $output
    i32.const 9  call $deep
    i32.const 122  call $output))
