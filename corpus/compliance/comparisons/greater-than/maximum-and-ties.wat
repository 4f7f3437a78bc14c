;;! category = "greater-than"
;;! about = "gt_s and ge_s are confused on ties, or a byte from 128 up loses against a smaller one in a running maximum"
;;! outputs = [9, 200, 200, 200, 200, 1, 3, 200]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $x i32) (local $first i32) (local $last i32) (local $max i32)
    ;; the maximum 200 occurs twice, at 1 and at 3
    i32.const 0 i32.const 9 i32.store
    i32.const 1 i32.const 200 i32.store
    i32.const 2 i32.const 127 i32.store
    i32.const 3 i32.const 200 i32.store
    i32.const 4 i32.const 128 i32.store
    loop $each
      local.get $i i32.load local.set $x
      ;; gt keeps the first maximum: first += (i-first)*(x > max)
      local.get $first
      local.get $i local.get $first i32.sub
      local.get $x local.get $max i32.gt_s
      i32.mul
      i32.add
      local.set $first      ;; 0 1 1 1 1
      ;; ge takes the last one: last += (i-last)*(x >= max)
      local.get $last
      local.get $i local.get $last i32.sub
      local.get $x local.get $max i32.ge_s
      i32.mul
      i32.add
      local.set $last       ;; 0 1 1 3 3
      ;; max += (x-max)*(x > max)
      local.get $max
      local.get $x local.get $max i32.sub
      local.get $x local.get $max i32.gt_s
      i32.mul
      i32.add
      local.tee $max
      call $output          ;; 9 200 200 200 200
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 5 i32.lt_s
      br_if $each
    end
    local.get $first call $output   ;; 1
    local.get $last call $output    ;; 3
    local.get $last i32.load call $output   ;; 200
  )
)
