;;! category = "stack-depth"
;;! about = "at depth, a tee moves the stack or operations above disturb the values below"
;;! outputs = [1, 160, 95, 171, 0, 75, 171, 42, 35, 1, 160, 0, 190, 65, 200, 55, 210, 45, 220, 35, 230, 25, 240, 15, 250, 5]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local i32 i32 i32 i32 i32 i32)
    ;; twenty values to be left alone
    i32.const 5 i32.const 250 i32.const 15 i32.const 240 i32.const 25
    i32.const 230 i32.const 35 i32.const 220 i32.const 45 i32.const 210
    i32.const 55 i32.const 200 i32.const 65 i32.const 190 i32.const 75
    i32.const 180 i32.const 85 i32.const 170 i32.const 95 i32.const 160
    ;; work above them, every result teed
    i32.const 7 local.tee 0
    i32.const 6 i32.mul local.tee 1         ;; 42
    local.get 0 i32.sub local.tee 2         ;; 42 - 7 = 35
    i32.const 35 i32.eq local.tee 3         ;; 1
    call $output                            ;; 1
    ;; a tee of what was pushed long ago
    local.tee 4 call $output                ;; 160
    call $output                            ;; 95
    ;; work on the values themselves
    i32.sub local.tee 0 call $output        ;; 85 - 170: 171
    local.get 0 i32.lt_s local.tee 5
    call $output                            ;; 180 < 171: 0
    call $output                            ;; 75
    local.get 0 call $output                ;; 171
    local.get 1 call $output                ;; 42
    local.get 2 call $output                ;; 35
    local.get 3 call $output                ;; 1
    local.get 4 call $output                ;; 160
    local.get 5 call $output                ;; 0
    ;; the other fourteen
    call $output call $output call $output call $output     ;; 190 65 200 55
    call $output call $output call $output call $output     ;; 210 45 220 35
    call $output call $output call $output call $output     ;; 230 25 240 15
    call $output call $output               ;; 250 5
  )
)
