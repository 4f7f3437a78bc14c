;;! category = "locals"
;;! about = "indices above 127, the last local of 256, or neighbours of high indices are confused"
;;! outputs = [3, 7, 6, 5, 4, 0, 0, 0, 0, 250, 250, 7]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
           i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    ;; 256 locals: both ends, and both sides of 128
    i32.const 3 local.set 255
    i32.const 4 local.set 0
    i32.const 5 local.set 127
    i32.const 6 local.set 128
    i32.const 7 local.set 254
    local.get 255 call $output              ;; 3
    local.get 254 call $output              ;; 7
    local.get 128 call $output              ;; 6
    local.get 127 call $output              ;; 5
    local.get 0 call $output                ;; 4
    ;; the neighbours were never written
    local.get 253 call $output              ;; 0
    local.get 129 call $output              ;; 0
    local.get 126 call $output              ;; 0
    local.get 1 call $output                ;; 0
    ;; tee of the last one
    i32.const 250 local.tee 255
    call $output                            ;; 250
    local.get 255 call $output              ;; 250
    local.get 254 call $output              ;; 7
  )
)
