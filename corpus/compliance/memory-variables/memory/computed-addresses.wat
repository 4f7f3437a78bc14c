;;! category = "memory"
;;! about = "an address that is the result of an instruction, not a constant, is taken wrongly"
;;! outputs = [1, 2, 13, 2, 81, 81, 0, 12, 81]
(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (func (export "main") (local i32)
    ;; cell 42, spelled differently each time
    i32.const 6 i32.const 7 i32.mul
    i32.const 1 i32.store
    i32.const 42 i32.load call $output      ;; 1
    i32.const 100 i32.const 58 i32.sub
    i32.const 2 i32.store
    i32.const 40 i32.const 2 i32.add
    i32.load call $output                   ;; 2
    ;; a comparison's 1 is an address
    i32.const 200 i32.const 100 i32.gt_s
    i32.const 13 i32.store                  ;; cell 1 = 13
    i32.const 3 i32.const 3 i32.eq
    i32.load call $output                   ;; 13
    ;; 01101111 and 00111010 = 00101010 = 42
    i32.const 111 i32.const 58 i32.and
    i32.load call $output                   ;; 2
    ;; address and value both computed: cell 40 or 2 = 9 * 9
    i32.const 40 i32.const 2 i32.or
    i32.const 9 i32.const 9 i32.mul
    i32.store
    i32.const 42 i32.load call $output      ;; 81
    ;; an address out of a local
    i32.const 41 local.set 0
    local.get 0 i32.load offset=1 call $output  ;; 81
    local.get 0 i32.load call $output       ;; 0: cell 41 is unwritten
    i32.const 43 local.tee 0
    i32.const 12 i32.store
    local.get 0 i32.load call $output       ;; 12
    i32.const 42 i32.load call $output      ;; 81
  )
)
