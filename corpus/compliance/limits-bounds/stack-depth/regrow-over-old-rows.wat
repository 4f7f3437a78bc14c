;;! category = "stack-depth"
;;! about = "a value popped earlier comes back when the stack grows to its depth again"
;;! outputs = [16, 15, 14, 25, 24, 13, 36, 35, 34, 33, 12, 11, 7, 12, 2, 1, 52, 63, 62, 41, 40, 1, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local i32)
    ;; up to depth 6, down to 3, up to 5, down to 2, up to 6, down to 0
    i32.const 11 i32.const 12 i32.const 13 i32.const 14 i32.const 15 i32.const 16
    call $output call $output call $output  ;; 16 15 14
    i32.const 24 i32.const 25
    call $output call $output call $output  ;; 25 24 13
    i32.const 33 i32.const 34 i32.const 35 i32.const 36
    call $output call $output call $output call $output     ;; 36 35 34 33
    call $output call $output               ;; 12 11
    ;; shrunk by binary operations, whose results replace what was at their depth: 1 2 12
    i32.const 1 i32.const 2 i32.const 3 i32.const 4 i32.const 5
    i32.add i32.add
    i32.const 7 call $output                ;; 7
    call $output call $output call $output  ;; 12 2 1
    ;; shrunk by a store, two at once: 40 41
    i32.const 40 i32.const 41 i32.const 42 i32.const 43
    i32.store
    i32.const 52 call $output               ;; 52
    i32.const 62 i32.const 63
    call $output call $output               ;; 63 62
    call $output call $output               ;; 41 40
    ;; a 0 over an old value, pushed by a comparison and by a get
    i32.const 9 i32.const 9 i32.eq
    call $output                            ;; 1
    local.get 0 call $output                ;; 0
  )
)
