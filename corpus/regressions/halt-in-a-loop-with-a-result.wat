;;! category = "regressions"
;;! about = "a halt before the end of a loop that leaves a value: what follows is never run, but must be read with that value on the stack"
;;! outputs = [7]
;; The reader took the end after any `halt` for the end of all code, forgot the loop's value, and refused `output` for want of
;; an operand. Only the ends after the last `halt` of the listing cannot be reached.
(module
  (import "host" "output" (func $output (param i32)))
  (import "host" "halt" (func $halt))
  (func (export "main")
    i32.const 7
    call $output
    loop (result i32)
      i32.const 5
      call $halt
    end
    call $output))
