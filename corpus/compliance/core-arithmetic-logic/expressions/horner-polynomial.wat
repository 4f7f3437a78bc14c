;;! category = "expressions"
;;! about = "a formula gives different results in two equivalent forms because some intermediate is not reduced modulo 256"
;;! outputs = [200, 200, 204, 204, 214, 214, 56, 56, 228, 228, 184, 184]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $x i32)
    ;; 3x^3 + 250x^2 + 7x + 200 for x = 0, 1, 2, 16, 100, 255
    ;; (cell 0 is 0 already)
    i32.const 1 i32.const 1 i32.store
    i32.const 2 i32.const 2 i32.store
    i32.const 3 i32.const 16 i32.store
    i32.const 4 i32.const 100 i32.store
    i32.const 5 i32.const 255 i32.store
    loop $each
      local.get $i i32.load local.set $x
      ;; ((3x + 250)x + 7)x + 200
      ;; x=1: 253, 260->4, 204        x=2: 256->0, 7, 214
      ;; x=16: 298->42, 679->167, 2872->56
      ;; x=100: 550->38, 3807->223, 22500->228
      ;; x=255 (as -1): 247, 16, 184
      i32.const 3 local.get $x i32.mul
      i32.const 250 i32.add
      local.get $x i32.mul
      i32.const 7 i32.add
      local.get $x i32.mul
      i32.const 200 i32.add
      call $output
      ;; the same, term by term
      i32.const 3 local.get $x i32.mul local.get $x i32.mul local.get $x i32.mul
      i32.const 250 local.get $x local.get $x i32.mul i32.mul
      i32.add
      i32.const 7 local.get $x i32.mul
      i32.add
      i32.const 200
      i32.add
      call $output
      local.get $i i32.const 1 i32.add local.tee $i
      i32.const 6 i32.lt_s
      br_if $each
    end
  )
)
