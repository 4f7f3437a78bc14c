;;! category = "locals"
;;! about = "an unwritten local reads as a written neighbour or as the nearest match instead of 0"
;;! outputs = [0, 0, 0, 0, 111, 222, 7, 255, 1, 5, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local i32 i32 i32 i32 i32)
    local.get 2 call $output                ;; 0: nothing at all is written yet
    ;; both neighbours of local 2 are set, it is not; nor are 0 and 4
    i32.const 111 local.set 1
    i32.const 222 local.set 3
    local.get 2 call $output                ;; 0
    local.get 0 call $output                ;; 0
    local.get 4 call $output                ;; 0
    local.get 1 call $output                ;; 111
    local.get 3 call $output                ;; 222
    ;; the 0 is a proper operand on either side
    i32.const 7 local.get 2 i32.sub
    call $output                            ;; 7 - 0 = 7
    local.get 2 i32.const 1 i32.sub
    call $output                            ;; 0 - 1: 255
    local.get 4 local.get 0 i32.eq
    call $output                            ;; 1
    ;; once set it is no longer 0, and the others still are
    i32.const 5 local.set 2
    local.get 2 call $output                ;; 5
    local.get 4 call $output                ;; 0
  )
)
