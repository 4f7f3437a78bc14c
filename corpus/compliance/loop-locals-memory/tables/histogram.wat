;;! category = "tables"
;;! about = "read-modify-write of a computed table cell, the same cell again and again: a lost or misplaced store gives a wrong count"
;;! outputs = [7, 2, 0, 2, 0, 2, 0, 1, 14]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $i i32) (local $bin i32) (local $total i32)
    ;; i^3 mod 8 for i = 1 .. 14: 0 for the seven even i, i mod 8 for the odd ones
    loop $count
      local.get $i  i32.const 1  i32.add  local.tee $i
      local.get $i  i32.mul
      local.get $i  i32.mul
      i32.const 7  i32.and  local.tee $bin  ;; the address of the store
      local.get $bin  i32.load offset=64
      i32.const 1  i32.add
      i32.store offset=64
      local.get $i  i32.const 14  i32.lt_s
      br_if $count
    end
    i32.const 0  local.set $bin
    loop $show
      local.get $bin  i32.load offset=64
      call $output
      local.get $total
      local.get $bin  i32.load offset=64
      i32.add  local.set $total
      local.get $bin  i32.const 1  i32.add  local.tee $bin
      i32.const 8  i32.lt_s
      br_if $show
    end
    local.get $total
    call $output                            ;; every i was counted: 14
  )
)
