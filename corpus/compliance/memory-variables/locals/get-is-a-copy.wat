;;! category = "locals"
;;! about = "a value pushed by local.get changes when its local is written before it is used"
;;! outputs = [22, 11, 11, 33, 22, 11, 99, 255]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local i32 i32 i32)
    i32.const 11 local.set 0
    i32.const 22 local.set 1
    i32.const 33 local.set 2
    ;; swap on the stack
    local.get 0 local.get 1
    local.set 0 local.set 1
    local.get 0 call $output                ;; 22
    local.get 1 call $output                ;; 11
    ;; rotate: pushes 22 11 33, pops 33 into 1, 11 into 0, 22 into 2
    local.get 0 local.get 1 local.get 2
    local.set 1 local.set 0 local.set 2
    local.get 0 call $output                ;; 11
    local.get 1 call $output                ;; 33
    local.get 2 call $output                ;; 22
    ;; written between the push and the use
    local.get 0
    i32.const 99 local.set 0
    call $output                            ;; 11
    local.get 0 call $output                ;; 99
    ;; old minus new
    local.get 0
    local.get 0 i32.const 1 i32.add local.set 0
    local.get 0
    i32.sub call $output                    ;; 99 - 100: 255
  )
)
