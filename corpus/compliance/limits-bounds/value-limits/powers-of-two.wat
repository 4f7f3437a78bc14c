;;! category = "value-limits"
;;! about = "a constant loses or gains a bit: 0, each single bit, and each byte with a single bit missing"
;;! outputs = [0, 1, 2, 4, 8, 16, 32, 64, 128, 255, 254, 253, 251, 247, 239, 223, 191, 127, 255, 255]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; no bit, and each bit alone
    i32.const 0 call $output
    i32.const 1 call $output
    i32.const 2 call $output
    i32.const 4 call $output
    i32.const 8 call $output
    i32.const 16 call $output
    i32.const 32 call $output
    i32.const 64 call $output
    i32.const 128 call $output
    ;; all bits, and all but one
    i32.const 255 call $output
    i32.const 254 call $output
    i32.const 253 call $output
    i32.const 251 call $output
    i32.const 247 call $output
    i32.const 239 call $output
    i32.const 223 call $output
    i32.const 191 call $output
    i32.const 127 call $output
    ;; the eight bits together: 1 + 2 + ... + 128 = 255, by add and by or
    i32.const 1 i32.const 2 i32.const 4 i32.const 8
    i32.const 16 i32.const 32 i32.const 64 i32.const 128
    i32.add i32.add i32.add i32.add i32.add i32.add i32.add
    call $output                            ;; 255
    i32.const 128 i32.const 64 i32.const 32 i32.const 16
    i32.const 8 i32.const 4 i32.const 2 i32.const 1
    i32.or i32.or i32.or i32.or i32.or i32.or i32.or
    call $output                            ;; 255
  )
)
