;;! category = "subtraction"
;;! about = "a chain of subtractions is grouped the wrong way, or a wrapped difference is wrong as the next operand"
;;! outputs = [216, 20, 240, 4, 3, 252, 245, 238, 231, 1, 255]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $x i32) (local $n i32) (local $y i32)
    ;; (10-20)-30 against 10-(20-30)
    i32.const 10 i32.const 20 i32.sub i32.const 30 i32.sub call $output   ;; 246-30 = 216
    i32.const 10 i32.const 20 i32.const 30 i32.sub i32.sub call $output   ;; 10-246 -> 20
    ;; the same five numbers from the left ...
    i32.const 255 i32.const 1 i32.sub
    i32.const 2 i32.sub
    i32.const 4 i32.sub
    i32.const 8 i32.sub
    call $output                       ;; 255-15 = 240
    ;; ... and from the right: an alternating sum, 255-1+2-4+8 = 260 -> 4
    i32.const 255
    i32.const 1
    i32.const 2
    i32.const 4
    i32.const 8
    i32.sub                            ;; 4-8 -> 252
    i32.sub                            ;; 2-252 -> 6
    i32.sub                            ;; 1-6 -> 251
    i32.sub                            ;; 255-251 = 4
    call $output
    ;; feed the difference back five times, passing through zero
    i32.const 10 local.set $x
    i32.const 5 local.set $n
    loop $again
      local.get $x
      i32.const 7
      i32.sub
      local.tee $x
      call $output                     ;; 3 252 245 238 231
      local.get $n
      i32.const 1
      i32.sub
      local.tee $n
      br_if $again
    end
    ;; old y minus decremented y is 1 even when the decrement wraps (0 - 255)
    local.get $y
    local.get $y
    i32.const 1
    i32.sub
    local.tee $y
    i32.sub
    call $output                       ;; 1
    local.get $y
    call $output                       ;; 255
  )
)
