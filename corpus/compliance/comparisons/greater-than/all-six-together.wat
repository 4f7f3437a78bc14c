;;! category = "greater-than"
;;! about = "the six comparisons disagree with each other on the same pair, or six results waiting on the stack get mixed up"
;;! outputs = [1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $a i32) (local $b i32)
    ;; pairs (128,127) (127,128) (200,200) (0,255) (255,0)
    i32.const 0 i32.const 128 i32.store
    i32.const 1 i32.const 127 i32.store
    i32.const 2 i32.const 127 i32.store
    i32.const 3 i32.const 128 i32.store
    i32.const 4 i32.const 200 i32.store
    i32.const 5 i32.const 200 i32.store
    i32.const 6 i32.const 0 i32.store
    i32.const 7 i32.const 255 i32.store
    i32.const 8 i32.const 255 i32.store
    i32.const 9 i32.const 0 i32.store
    loop $pairs
      local.get $i i32.load local.set $a
      local.get $i i32.load offset=1 local.set $b
      ;; all six on the stack before any is used
      local.get $a local.get $b i32.eq
      local.get $a local.get $b i32.ne
      local.get $a local.get $b i32.lt_s
      local.get $a local.get $b i32.le_s
      local.get $a local.get $b i32.gt_s
      local.get $a local.get $b i32.ge_s
      call $output          ;; ge: 1 0 1 0 1
      call $output          ;; gt: 1 0 0 0 1
      call $output          ;; le: 0 1 1 1 0
      call $output          ;; lt: 0 1 0 1 0
      call $output          ;; ne: 1 1 0 1 1
      call $output          ;; eq: 0 0 1 0 0
      ;; exactly one of lt, eq, gt holds
      local.get $a local.get $b i32.lt_s
      local.get $a local.get $b i32.eq
      i32.add
      local.get $a local.get $b i32.gt_s
      i32.add
      call $output          ;; 1
      local.get $i i32.const 2 i32.add local.tee $i
      i32.const 10 i32.lt_s
      br_if $pairs
    end
  )
)
