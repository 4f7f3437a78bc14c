;;! category = "subtraction"
;;! about = "a borrow is lost between bits or nibbles, or a difference below zero is clamped instead of wrapped"
;;! outputs = [255, 1, 128, 127, 63, 15, 1, 255, 255, 255, 255, 145, 111, 85, 171, 0, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; from zero: every bit borrows
    i32.const 0 i32.const 1 i32.sub call $output       ;; 255
    i32.const 0 i32.const 255 i32.sub call $output     ;; 1
    i32.const 0 i32.const 128 i32.sub call $output     ;; 128, its own negative
    ;; a single bit minus one: the borrow runs through all lower bits and stops
    i32.const 128 i32.const 1 i32.sub call $output     ;; 127
    i32.const 64 i32.const 1 i32.sub call $output      ;; 63
    i32.const 16 i32.const 1 i32.sub call $output      ;; 15, across the nibble boundary
    i32.const 128 i32.const 127 i32.sub call $output   ;; 1
    ;; one too many, at different places: always 255
    i32.const 127 i32.const 128 i32.sub call $output   ;; 255
    i32.const 128 i32.const 129 i32.sub call $output   ;; 255
    i32.const 16 i32.const 17 i32.sub call $output     ;; 255
    i32.const 254 i32.const 255 i32.sub call $output   ;; 255
    ;; low nibble borrows from high nibble, and the reverse order wraps
    i32.const 160 i32.const 15 i32.sub call $output    ;; 145
    i32.const 15 i32.const 160 i32.sub call $output    ;; -145 -> 111
    ;; alternating bits
    i32.const 170 i32.const 85 i32.sub call $output    ;; 85
    i32.const 85 i32.const 170 i32.sub call $output    ;; -85 -> 171
    ;; a value minus itself
    i32.const 0 i32.const 0 i32.sub call $output       ;; 0
    i32.const 255 i32.const 255 i32.sub call $output   ;; 0
  )
)
