;;! category = "subtraction"
;;! about = "0-x is not the wrapped negative or 255-x is not the bitwise complement, or a negative intermediate is not reduced to a byte"
;;! outputs = [255, 1, 254, 255, 128, 128, 127, 128, 56, 200, 55, 56, 0, 0, 255, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $x i32)
    ;; x runs over 1, 128, 200, 0
    i32.const 0 i32.const 1 i32.store
    i32.const 1 i32.const 128 i32.store
    i32.const 2 i32.const 200 i32.store
    ;; cell 3 is 0 already
    loop $each
      local.get $i
      i32.load
      local.set $x
      ;; -x: 255, 128, 56, 0
      i32.const 0
      local.get $x
      i32.sub
      call $output
      ;; -(-x) is x again: 1, 128, 200, 0
      i32.const 0
      i32.const 0
      local.get $x
      i32.sub
      i32.sub
      call $output
      ;; complement: 254, 127, 55, 255
      i32.const 255
      local.get $x
      i32.sub
      call $output
      ;; complement plus one is the negative: 255, 128, 56, 0 (255+1 wraps)
      i32.const 255
      local.get $x
      i32.sub
      i32.const 1
      i32.add
      call $output
      local.get $i
      i32.const 1
      i32.add
      local.tee $i
      i32.const 4
      i32.lt_s
      br_if $each
    end
  )
)
