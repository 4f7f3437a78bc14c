;;! category = "multiplication"
;;! about = "one bit of a factor contributes wrongly, or multiplication does not distribute over a wrapped sum"
;;! outputs = [181, 106, 212, 168, 80, 160, 64, 128, 75, 75, 28, 28]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $p i32) (local $t i32) (local $sum i32)
    ;; 181 times each power of two; the loop ends when the power wraps to 0,
    ;; so the condition is a whole byte (2, 4, ... 128), not just 0 or 1
    i32.const 1 local.set $p
    loop $bits
      i32.const 181
      local.get $p
      i32.mul
      local.tee $t
      call $output          ;; 181 106 212 168 80 160 64 128: twice the one before, modulo 256
      local.get $t
      local.get $sum
      i32.add
      local.set $sum
      local.get $p
      i32.const 2
      i32.mul
      local.tee $p
      br_if $bits
    end
    ;; the partial products add up to 181*255 = -181 -> 75
    local.get $sum
    call $output
    i32.const 181 i32.const 255 i32.mul call $output
    ;; 181*(200+100): the sum wraps to 44 first, 181*44 = 7964 -> 28
    i32.const 181
    i32.const 200
    i32.const 100
    i32.add
    i32.mul
    call $output
    ;; 181*200 + 181*100: 36200 -> 104, 18100 -> 180, 284 -> 28
    i32.const 181 i32.const 200 i32.mul
    i32.const 181 i32.const 100 i32.mul
    i32.add
    call $output
  )
)
