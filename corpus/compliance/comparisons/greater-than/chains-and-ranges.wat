;;! category = "greater-than"
;;! about = "a chain such as 3>2>1 does not compare the 0 or 1 in the middle, or combining comparisons into a range test fails at an end"
;;! outputs = [0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 2, 1, 0, 0, 2, 1, 0, 0, 3, 0, 1, 1, 3]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $x i32)
    i32.const 3 i32.const 2 i32.gt_s i32.const 1 i32.gt_s call $output        ;; (3>2)>1: 1>1: 0
    i32.const 3 i32.const 2 i32.const 1 i32.gt_s i32.gt_s call $output        ;; 3>(2>1): 3>1: 1
    i32.const 255 i32.const 128 i32.ge_s i32.const 1 i32.ge_s call $output    ;; 1>=1: 1
    i32.const 200 i32.const 100 i32.gt_s
    i32.const 100 i32.const 200 i32.gt_s
    i32.gt_s call $output                                                     ;; 1>0: 1
    i32.const 0 i32.const 0 i32.const 0 i32.gt_s i32.ge_s call $output        ;; 0>=(0>0): 0>=0: 1
    i32.const 5 i32.const 9 i32.gt_s
    i32.const 9 i32.const 5 i32.gt_s
    i32.ge_s call $output                                                     ;; 0>=1: 0
    ;; x = 99, 100, 150, 200, 201 against the range 100..200
    i32.const 0 i32.const 99 i32.store
    i32.const 1 i32.const 100 i32.store
    i32.const 2 i32.const 150 i32.store
    i32.const 3 i32.const 200 i32.store
    i32.const 4 i32.const 201 i32.store
    loop $each
      local.get $i i32.load local.set $x
      ;; inside
      local.get $x i32.const 100 i32.ge_s
      local.get $x i32.const 200 i32.le_s
      i32.and call $output            ;; 0 1 1 1 0
      ;; outside
      local.get $x i32.const 100 i32.lt_s
      local.get $x i32.const 200 i32.gt_s
      i32.or call $output             ;; 1 0 0 0 1
      ;; outside, by one comparison: x-100 is 255, 0, 50, 100, 101
      local.get $x i32.const 100 i32.sub
      i32.const 100 i32.gt_s
      call $output                    ;; 1 0 0 0 1
      ;; how many of the steps 50, 100, 200 are reached
      local.get $x i32.const 50 i32.ge_s
      local.get $x i32.const 100 i32.ge_s
      local.get $x i32.const 200 i32.ge_s
      i32.add
      i32.add
      call $output                    ;; 1 2 2 3 3
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 5 i32.lt_s
      br_if $each
    end
  )
)
