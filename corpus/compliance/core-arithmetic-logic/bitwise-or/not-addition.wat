;;! category = "bitwise-or"
;;! about = "or behaves like addition (or exclusive or) where the operands share bits"
;;! outputs = [1, 3, 255, 255, 128, 255, 7, 14, 236, 44, 44, 172, 200]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $x i32)
    ;; shared bits are kept, neither carried nor cancelled
    i32.const 1 i32.const 1 i32.or call $output       ;; 1
    i32.const 3 i32.const 1 i32.or call $output       ;; 3
    i32.const 255 i32.const 1 i32.or call $output     ;; 255
    i32.const 1 i32.const 255 i32.or call $output     ;; 255
    i32.const 128 i32.const 128 i32.or call $output   ;; 128
    i32.const 255 i32.const 255 i32.or call $output   ;; 255
    i32.const 6 i32.const 3 i32.or call $output       ;; 110 or 011: 7
    i32.const 12 i32.const 10 i32.or call $output     ;; 1100 or 1010: 14
    i32.const 200 i32.const 100 i32.or call $output   ;; 1100 1000 or 0110 0100: 236
    ;; (a or b) + (a and b) = a + b
    i32.const 200 i32.const 100 i32.or
    i32.const 200 i32.const 100 i32.and
    i32.add call $output                              ;; 236+64 = 300 -> 44
    i32.const 200 i32.const 100 i32.add call $output  ;; 44
    ;; (a or b) - (a and b) is the exclusive or, which undoes itself
    i32.const 200 i32.const 100 i32.or
    i32.const 200 i32.const 100 i32.and
    i32.sub local.tee $x call $output                 ;; 236-64 = 172
    local.get $x i32.const 100 i32.or                 ;; 236
    local.get $x i32.const 100 i32.and                ;; 36
    i32.sub call $output                              ;; 200
  )
)
