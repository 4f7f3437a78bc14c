;;! category = "tables"
;;! about = "sorting in memory with a swap by arithmetic; bytes above 127 are large (not negative), and equal ones are not swapped"
;;! outputs = [0, 3, 3, 127, 128, 200, 255, 5, 13]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local $j i32) (local $x i32) (local $y i32) (local $swap i32) (local $change i32) (local $swapped i32) (local $passes i32) (local $swaps i32)
    i32.const 0  i32.const 200  i32.store
    i32.const 1  i32.const 3    i32.store
    i32.const 2  i32.const 255  i32.store
    i32.const 3  i32.const 0    i32.store
    i32.const 4  i32.const 128  i32.store
    i32.const 5  i32.const 127  i32.store
    i32.const 6  i32.const 3    i32.store
    loop $pass
      local.get $passes  i32.const 1  i32.add  local.set $passes
      i32.const 0  local.set $swapped
      i32.const 0  local.set $j
      loop $pair
        local.get $j  i32.load  local.set $x
        local.get $j  i32.load offset=1  local.set $y
        local.get $x  local.get $y  i32.gt_s  local.tee $swap
        local.get $swapped  i32.or  local.set $swapped
        local.get $swaps  local.get $swap  i32.add  local.set $swaps
        local.get $y  local.get $x  i32.sub  local.get $swap  i32.mul  local.set $change  ;; y - x mod 256, or 0
        local.get $j
        local.get $x  local.get $change  i32.add
        i32.store
        local.get $j
        local.get $y  local.get $change  i32.sub
        i32.store offset=1
        local.get $j  i32.const 1  i32.add  local.tee $j
        i32.const 6  i32.lt_s
        br_if $pair
      end
      local.get $swapped
      br_if $pass
    end
    i32.const 0  local.set $j
    loop $show
      local.get $j  i32.load
      call $output
      local.get $j  i32.const 1  i32.add  local.tee $j
      i32.const 7  i32.lt_s
      br_if $show
    end
    ;; the last 3 has four greater bytes before it, so four passes swap and a fifth finds nothing
    local.get $passes
    call $output
    ;; one swap for each pair in the wrong order: 5 + 1 + 4 + 0 + 2 + 1 = 13
    local.get $swaps
    call $output
  )
)
