;;! category = "bitwise-or"
;;! about = "or breaks a law that ties it to and and to the complement (absorption, De Morgan, distribution)"
;;! outputs = [255, 255, 255, 183, 183, 255, 255, 183, 200, 200, 19, 19, 183, 153, 153]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; complementary masks fill the byte
    i32.const 170 i32.const 85 i32.or call $output    ;; 255
    i32.const 15 i32.const 240 i32.or call $output    ;; 255
    i32.const 128 i32.const 127 i32.or call $output   ;; 255
    ;; 0 is the identity, 255 absorbs, x or x is x
    i32.const 183 i32.const 0 i32.or call $output     ;; 183
    i32.const 0 i32.const 183 i32.or call $output     ;; 183
    i32.const 183 i32.const 255 i32.or call $output   ;; 255
    i32.const 255 i32.const 183 i32.or call $output   ;; 255
    i32.const 183 i32.const 183 i32.or call $output   ;; 183
    ;; absorption: a or (a and b), then a and (a or b)
    i32.const 200 i32.const 200 i32.const 100 i32.and i32.or call $output   ;; 200 or 64 = 200
    i32.const 200 i32.const 200 i32.const 100 i32.or i32.and call $output   ;; 200 and 236 = 200
    ;; De Morgan: the complement of (a or b) is the and of the complements
    i32.const 255
    i32.const 200 i32.const 100 i32.or
    i32.sub call $output                              ;; 255-236 = 19
    i32.const 255 i32.const 200 i32.sub               ;; 55 = 0011 0111
    i32.const 255 i32.const 100 i32.sub               ;; 155 = 1001 1011
    i32.and call $output                              ;; 0001 0011 = 19
    ;; pack two nibbles
    i32.const 11 i32.const 16 i32.mul i32.const 7 i32.or call $output   ;; 176 or 7 = 183
    ;; a or (b and c) = (a or b) and (a or c) for 129, 90, 60
    i32.const 129
    i32.const 90 i32.const 60 i32.and                 ;; 24
    i32.or call $output                               ;; 153
    i32.const 129 i32.const 90 i32.or                 ;; 219
    i32.const 129 i32.const 60 i32.or                 ;; 189
    i32.and call $output                              ;; 1101 1011 and 1011 1101 = 153
  )
)
