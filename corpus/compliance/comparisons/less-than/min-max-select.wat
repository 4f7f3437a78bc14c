;;! category = "less-than"
;;! about = "multiplying by the result of lt_s or le_s fails to choose between two values"
;;! outputs = [100, 200, 100, 100, 200, 100, 7, 7, 0, 0, 255, 255, 0, 255, 255, 127, 128, 1]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $a i32) (local $b i32) (local $d i32) (local $min i32) (local $max i32)
    ;; pairs (200,100) (100,200) (7,7) (255,0) (0,255) (127,128)
    i32.const 0 i32.const 200 i32.store
    i32.const 0 i32.const 100 i32.store offset=1
    i32.const 0 i32.const 100 i32.store offset=2
    i32.const 0 i32.const 200 i32.store offset=3
    i32.const 0 i32.const 7 i32.store offset=4
    i32.const 0 i32.const 7 i32.store offset=5
    i32.const 0 i32.const 255 i32.store offset=6
    i32.const 0 i32.const 0 i32.store offset=7
    i32.const 0 i32.const 0 i32.store offset=8
    i32.const 0 i32.const 255 i32.store offset=9
    i32.const 0 i32.const 127 i32.store offset=10
    i32.const 0 i32.const 128 i32.store offset=11
    loop $pairs
      local.get $i i32.load local.set $a
      local.get $i i32.load offset=1 local.set $b
      ;; d = a-b, wrapped; adding it to b or taking it from a wraps back
      local.get $a local.get $b i32.sub local.set $d
      ;; min = b + d*(a < b): 100 100 7 0 0 127
      local.get $b
      local.get $d
      local.get $a local.get $b i32.lt_s
      i32.mul
      i32.add
      local.tee $min
      call $output
      ;; max = a - d*(a <= b): 200 200 7 255 255 128
      local.get $a
      local.get $d
      local.get $a local.get $b i32.le_s
      i32.mul
      i32.sub
      local.tee $max
      call $output
      ;; distance: 100 100 0 255 255 1
      local.get $max local.get $min i32.sub
      call $output
      local.get $i i32.const 2 i32.add local.tee $i
      i32.const 12 i32.lt_s
      br_if $pairs
    end
  )
)
