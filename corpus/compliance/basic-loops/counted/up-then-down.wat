;;! category = "counted"
;;! about = "every non-zero condition is true (200, 150, 100, 50: even, some above 127), and a second loop goes on from where the first one stopped"
;;! outputs = [0, 50, 100, 150, 200, 250, 200, 150, 100, 50, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32)
    loop $up
      local.get $i
      call $output  ;; 0 50 100 150 200
      local.get $i  i32.const 50  i32.add  local.tee $i
      i32.const 200  i32.le_s
      br_if $up     ;; left with 250
    end
    loop $down
      local.get $i
      call $output  ;; 250 200 150 100 50
      local.get $i  i32.const 50  i32.sub  local.tee $i
      br_if $down   ;; the counter itself is the condition: 200 150 100 50, then 0
    end
    local.get $i
    call $output    ;; 0
  )
)
