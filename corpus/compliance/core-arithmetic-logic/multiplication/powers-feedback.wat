;;! category = "multiplication"
;;! about = "a wrapped product is wrong when fed back as a factor, as one operand or as both"
;;! outputs = [3, 9, 27, 81, 243, 217, 139, 161, 9, 81, 161, 65, 129, 1, 6, 36, 216, 16, 96, 64, 128, 0, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $p i32) (local $n i32)
    ;; powers of an odd number never vanish: 3^1 .. 3^8
    i32.const 1 local.set $p
    i32.const 8 local.set $n
    loop $threes
      local.get $p
      i32.const 3
      i32.mul
      local.tee $p
      call $output          ;; 3 9 27 81 243, 729->217, 651->139, 417->161
      local.get $n
      i32.const 1
      i32.sub
      local.tee $n
      br_if $threes
    end
    ;; squaring: 3^2, 3^4, 3^8 (161 as above), 3^16, 3^32, 3^64 = 1
    i32.const 3 local.set $p
    i32.const 6 local.set $n
    loop $squares
      local.get $p
      local.get $p
      i32.mul
      local.tee $p
      call $output          ;; 9 81, 6561->161, 25921->65, 4225->129, 16641->1
      local.get $n
      i32.const 1
      i32.sub
      local.tee $n
      br_if $squares
    end
    ;; powers of an even number lose a low bit each time and end at zero for good
    i32.const 1 local.set $p
    i32.const 9 local.set $n
    loop $sixes
      i32.const 6
      local.get $p
      i32.mul
      local.tee $p
      call $output          ;; 6 36 216, 1296->16, 96, 576->64, 384->128, 768->0, 0
      local.get $n
      i32.const 1
      i32.sub
      local.tee $n
      br_if $sixes
    end
  )
)
