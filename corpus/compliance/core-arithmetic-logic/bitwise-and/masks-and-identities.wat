;;! category = "bitwise-and"
;;! about = "and with 255, 0, itself or a complementary mask is wrong, or a chain of masks depends on its grouping"
;;! outputs = [183, 183, 0, 0, 183, 0, 0, 0, 0, 7, 176, 240, 240]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; 255 keeps, 0 clears, on either side; x and x is x
    i32.const 183 i32.const 255 i32.and call $output   ;; 183
    i32.const 255 i32.const 183 i32.and call $output   ;; 183
    i32.const 183 i32.const 0 i32.and call $output     ;; 0
    i32.const 0 i32.const 183 i32.and call $output     ;; 0
    i32.const 183 i32.const 183 i32.and call $output   ;; 183
    ;; complementary masks share nothing
    i32.const 170 i32.const 85 i32.and call $output    ;; 0
    i32.const 15 i32.const 240 i32.and call $output    ;; 0
    i32.const 128 i32.const 127 i32.and call $output   ;; 0
    i32.const 1 i32.const 254 i32.and call $output     ;; 0
    ;; 183 = 1011 0111: low and high nibble
    i32.const 183 i32.const 15 i32.and call $output    ;; 7
    i32.const 183 i32.const 240 i32.and call $output   ;; 176
    ;; clear bits 0, 1, 2, 3 one mask at a time, from the left and from the right
    i32.const 254 i32.const 253 i32.and                ;; 252
    i32.const 251 i32.and                              ;; 248
    i32.const 247 i32.and call $output                 ;; 240
    i32.const 254
    i32.const 253
    i32.const 251
    i32.const 247
    i32.and                                            ;; 243
    i32.and                                            ;; 241
    i32.and call $output                               ;; 240
  )
)
