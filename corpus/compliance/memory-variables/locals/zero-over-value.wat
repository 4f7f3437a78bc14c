;;! category = "locals"
;;! about = "writing 0 to a local is taken for no write, so the older value shows through"
;;! outputs = [10, 20, 30, 40, 50, 4]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local i32 i32 i32 i32)
    ;; each read is added to its own constant, so that a 0 cannot come about by accident
    i32.const 9 local.set 0
    i32.const 0 local.set 0                 ;; by set
    local.get 0 i32.const 10 i32.add
    call $output                            ;; 10
    i32.const 255 local.set 1
    i32.const 0 local.tee 1                 ;; by tee, which leaves a 0 too
    i32.const 20 i32.add
    call $output                            ;; 20
    local.get 1 i32.const 30 i32.add
    call $output                            ;; 30
    i32.const 128 local.set 2
    local.get 2 local.get 2 i32.sub local.set 2     ;; a difference of 0
    local.get 2 i32.const 40 i32.add
    call $output                            ;; 40
    i32.const 1 local.set 3
    i32.const 255 local.get 3 i32.add local.set 3   ;; 256 is 0
    local.get 3 i32.const 50 i32.add
    call $output                            ;; 50
    ;; and a value over the 0
    i32.const 4 local.set 0
    local.get 0 call $output                ;; 4
  )
)
