;;! category = "counted"
;;! about = "operands pushed before a loop stay on the stack, untouched, through all its iterations and are used after it"
;;! outputs = [1, 2, 3, 66, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32)
    i32.const 7
    i32.const 200    ;; 7 200 lie below the first loop
    loop $first
      local.get $i  i32.const 1  i32.add  local.tee $i
      call $output   ;; 1 2 3
      local.get $i  i32.const 3  i32.lt_s
      br_if $first
    end
    i32.sub          ;; 7 - 200 = -193 = 63
    local.get $i     ;; 63 3 lie below the second loop
    loop $second
      local.get $i  i32.const 1  i32.sub  local.tee $i
      br_if $second  ;; 2, 1, then 0: left
    end
    i32.add          ;; 63 + 3, the 3 having been pushed before $i was counted down
    call $output     ;; 66
    local.get $i
    call $output     ;; 0
  )
)
