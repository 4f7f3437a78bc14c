;;! category = "bitwise-or"
;;! about = "or is taken as a logical or a maximum operation instead of a bitwise one"
;;! outputs = [3, 4, 128, 0, 7, 195, 7, 5, 3, 2, 1, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $a i32) (local $b i32) (local $c i32)
    ;; a true result is not normalised to 1
    i32.const 2 i32.const 1 i32.or call $output      ;; 3
    i32.const 4 i32.const 0 i32.or call $output      ;; 4
    i32.const 0 i32.const 128 i32.or call $output    ;; 128
    i32.const 0 i32.const 0 i32.or call $output      ;; 0
    ;; not the larger operand
    i32.const 5 i32.const 2 i32.or call $output      ;; 7
    i32.const 129 i32.const 66 i32.or call $output   ;; 1000 0001 or 0100 0010: 195
    ;; count a and b down to zero, each stopping there; go on while any bit of either is left
    i32.const 3 local.set $a
    i32.const 6 local.set $b
    loop $down
      local.get $a
      local.get $a
      i32.const 0
      i32.gt_s
      i32.sub
      local.set $a          ;; 2 1 0 0 0 0
      local.get $b
      local.get $b
      i32.const 0
      i32.gt_s
      i32.sub
      local.set $b          ;; 5 4 3 2 1 0
      local.get $a
      local.get $b
      i32.or
      local.tee $c
      call $output          ;; 7 5 3 2 1 0
      local.get $c
      br_if $down
    end
  )
)
