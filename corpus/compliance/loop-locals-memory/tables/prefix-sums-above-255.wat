;;! category = "tables"
;;! about = "a table at addresses 255..264, reached by offset=255: effective addresses beyond 255 must not wrap to the low cells"
;;! outputs = [89, 23, 220, 168, 123, 85, 54, 30, 13, 3, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32)
    loop $fill    ;; element i = 7i + 3, for i = 0 .. 9
      local.get $i
      local.get $i  i32.const 7  i32.mul  i32.const 3  i32.add
      i32.store offset=255
      local.get $i  i32.const 1  i32.add  local.tee $i
      i32.const 10  i32.lt_s
      br_if $fill
    end
    i32.const 1  local.set $i
    loop $add_up  ;; element i += element i-1
      local.get $i
      local.get $i  i32.load offset=254
      local.get $i  i32.load offset=255
      i32.add
      i32.store offset=255
      local.get $i  i32.const 1  i32.add  local.tee $i
      i32.const 10  i32.lt_s
      br_if $add_up
    end
    loop $show    ;; from element 9 (345 mod 256 = 89) down to element 0
      local.get $i  i32.const 1  i32.sub  local.tee $i
      i32.load offset=255
      call $output
      local.get $i
      br_if $show
    end
    i32.const 1  i32.load
    call $output  ;; cell 1 is not cell 257: still 0
  )
)
