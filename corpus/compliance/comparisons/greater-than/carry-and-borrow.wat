;;! category = "greater-than"
;;! about = "gt_s cannot be used to find the carry or borrow of a wrapped byte operation, so two-byte arithmetic fails"
;;! outputs = [44, 4, 100, 255, 0, 1, 254, 0, 255, 70, 1, 222, 1, 3, 255, 2, 254, 255, 0, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $low i32)
    ;; rows of four cells: a low, a high, b low, b high
    ;; 456 and 612
    i32.const 0 i32.const 200 i32.store
    i32.const 0 i32.const 1 i32.store offset=1
    i32.const 0 i32.const 100 i32.store offset=2
    i32.const 0 i32.const 2 i32.store offset=3
    ;; 255 and 1
    i32.const 4 i32.const 255 i32.store
    i32.const 4 i32.const 0 i32.store offset=1
    i32.const 4 i32.const 1 i32.store offset=2
    i32.const 4 i32.const 0 i32.store offset=3
    ;; 4736 (18,128) and 13439 (52,127)
    i32.const 8 i32.const 128 i32.store
    i32.const 8 i32.const 18 i32.store offset=1
    i32.const 8 i32.const 127 i32.store offset=2
    i32.const 8 i32.const 52 i32.store offset=3
    ;; 768 and 1
    i32.const 12 i32.const 0 i32.store
    i32.const 12 i32.const 3 i32.store offset=1
    i32.const 12 i32.const 1 i32.store offset=2
    i32.const 12 i32.const 0 i32.store offset=3
    ;; 65535 and 65535
    i32.const 16 i32.const 255 i32.store
    i32.const 16 i32.const 255 i32.store offset=1
    i32.const 16 i32.const 255 i32.store offset=2
    i32.const 16 i32.const 255 i32.store offset=3
    loop $rows
      ;; sum, low byte: 44 0 255 1 254
      local.get $i i32.load
      local.get $i i32.load offset=2
      i32.add
      local.tee $low
      call $output
      ;; sum, high byte: carry if a's low byte is greater than the wrapped low sum (1 1 0 0 1)
      ;; 1+2+1, 0+0+1, 18+52+0, 3+0+0, 255+255+1: 4 1 70 3 255
      local.get $i i32.load offset=1
      local.get $i i32.load offset=3
      i32.add
      local.get $i i32.load
      local.get $low
      i32.gt_s
      i32.add
      call $output
      ;; difference, low byte: 100 254 1 255 0
      local.get $i i32.load
      local.get $i i32.load offset=2
      i32.sub
      call $output
      ;; difference, high byte: borrow if b's low byte is greater than a's (0 0 0 1 0)
      ;; 1-2, 0-0, 18-52, 3-0-1, 255-255: 255 0 222 2 0
      local.get $i i32.load offset=1
      local.get $i i32.load offset=3
      i32.sub
      local.get $i i32.load offset=2
      local.get $i i32.load
      i32.gt_s
      i32.sub
      call $output
      local.get $i i32.const 4 i32.add local.tee $i
      i32.const 20 i32.lt_s
      br_if $rows
    end
  )
)
