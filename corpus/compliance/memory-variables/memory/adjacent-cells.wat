;;! category = "memory"
;;! about = "a store spills into the next cells (as a four-byte store would) or a load gathers them"
;;! outputs = [104, 105, 106, 107, 0, 0, 104, 255, 106, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main")
    ;; downwards: a four-byte store to 4 would clear 5, 6 and 7
    i32.const 7 i32.const 107 i32.store
    i32.const 6 i32.const 106 i32.store
    i32.const 5 i32.const 105 i32.store
    i32.const 4 i32.const 104 i32.store
    i32.const 4 i32.load call $output       ;; 104
    i32.const 5 i32.load call $output       ;; 105
    i32.const 6 i32.load call $output       ;; 106
    i32.const 7 i32.load call $output       ;; 107
    i32.const 3 i32.load call $output       ;; 0
    i32.const 8 i32.load call $output       ;; 0
    ;; one in the middle replaced
    i32.const 5 i32.const 255 i32.store
    i32.const 4 i32.load call $output       ;; 104
    i32.const 5 i32.load call $output       ;; 255
    i32.const 6 i32.load call $output       ;; 106
    ;; 255 + 1 stays in its byte: nothing carries from or to the next cell
    i32.const 5
    i32.const 5 i32.load i32.const 1 i32.add
    i32.store
    i32.const 5 i32.load call $output       ;; 0
  )
)
