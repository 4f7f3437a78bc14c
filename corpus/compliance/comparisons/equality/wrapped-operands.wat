;;! category = "equality"
;;! about = "eq and ne see an arithmetic result before it is reduced modulo 256"
;;! outputs = [1, 1, 1, 1, 1, 0, 0, 0, 0, 250, 253, 0, 3, 6]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32)
    i32.const 255 i32.const 1 i32.add i32.const 0 i32.eq call $output      ;; 0 = 0: 1
    i32.const 0 i32.const 1 i32.sub i32.const 255 i32.eq call $output      ;; 255 = 255: 1
    i32.const 16 i32.const 16 i32.mul i32.const 0 i32.eq call $output      ;; 0 = 0: 1
    i32.const 144 i32.const 200 i32.const 2 i32.mul i32.eq call $output    ;; 144 = 400 -> 144: 1
    i32.const 254 i32.const 3 i32.add i32.const 1 i32.eq call $output      ;; 257 -> 1: 1
    ;; 255 is not 1, although it is minus one
    i32.const 0 i32.const 1 i32.sub i32.const 1 i32.eq call $output        ;; 0
    i32.const 128 i32.const 128 i32.add i32.const 0 i32.ne call $output    ;; 0
    i32.const 4 i32.const 250 i32.const 10 i32.add i32.ne call $output     ;; 4 = 260 -> 4: 0
    ;; both sides computed: 1-2 -> 255 and 254+1 = 255
    i32.const 1 i32.const 2 i32.sub
    i32.const 254 i32.const 1 i32.add
    i32.ne call $output                                                    ;; 0
    ;; a loop bound that is only met after the counter wraps
    i32.const 250 local.set $i
    loop $until-nine
      local.get $i
      call $output          ;; 250 253 0 3 6
      local.get $i
      i32.const 3
      i32.add
      local.tee $i
      i32.const 9
      i32.ne
      br_if $until-nine
    end
  )
)
