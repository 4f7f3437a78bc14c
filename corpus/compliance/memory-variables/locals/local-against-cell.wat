;;! category = "locals"
;;! about = "a local and the memory cell of the same number, or a store offset and a local index, are confused"
;;! outputs = [0, 50, 60, 0, 33, 44, 0, 70, 71, 60, 51]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local i32 i32 i32 i32 i32 i32)
    ;; cell 5 first, then local 5
    i32.const 5 i32.const 50 i32.store
    local.get 5 call $output                ;; 0: the local is unwritten
    i32.const 60 local.set 5
    i32.const 5 i32.load call $output       ;; 50
    local.get 5 call $output                ;; 60
    ;; the 3 of offset=3 is no local index
    i32.const 0 i32.const 33 i32.store offset=3
    local.get 3 call $output                ;; 0
    i32.const 44 local.set 3
    i32.const 0 i32.load offset=3 call $output  ;; 33
    local.get 3 call $output                ;; 44
    ;; the teed value is the address of a store: cell 70 = 71, cell 2 untouched
    i32.const 70 local.tee 2
    i32.const 71 i32.store
    i32.const 2 i32.load call $output       ;; 0
    local.get 2 call $output                ;; 70
    i32.const 70 i32.load call $output      ;; 71
    ;; a store later than the local's last write
    i32.const 5 i32.const 51 i32.store
    local.get 5 call $output                ;; 60
    i32.const 5 i32.load call $output       ;; 51
  )
)
