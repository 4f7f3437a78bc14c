;;! category = "locals"
;;! about = "a read returns the first, the largest or any earlier write of a local instead of its latest"
;;! outputs = [30, 30, 41, 6, 99, 6, 90]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local i32 i32 i32)
    ;; the latest write is neither the first nor the largest
    i32.const 10 local.set 0
    i32.const 200 local.set 0
    i32.const 30 local.set 0
    local.get 0 call $output                ;; 30
    ;; a later write of another local changes nothing here
    i32.const 90 local.set 1
    local.get 0 call $output                ;; 30
    ;; an update reads the old value and then is the latest
    local.get 0 i32.const 11 i32.add local.set 0
    local.get 0 call $output                ;; 41
    ;; tee is a write like set, and set overwrites it in turn
    i32.const 6 local.tee 0 local.set 2
    local.get 0 call $output                ;; 6
    i32.const 99 local.set 0
    local.get 0 call $output                ;; 99
    local.get 2 call $output                ;; 6
    local.get 1 call $output                ;; 90
  )
)
