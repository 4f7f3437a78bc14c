;;! category = "nested"
;;! about = "br_if 1 inside the inner loop continues the outer one and skips what follows the inner loop; br_if 0 there repeats the inner one"
;;! outputs = [11, 21, 22, 31, 32, 33, 41, 42, 43, 99, 51, 52, 53, 99]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32) (local $j i32)
    loop                          ;; i = 1 .. 5
      local.get $i  i32.const 1  i32.add  local.set $i
      i32.const 0  local.set $j
      loop                        ;; j = 1 .. 3, but not beyond i
        local.get $j  i32.const 1  i32.add  local.set $j
        local.get $i  i32.const 10  i32.mul  local.get $j  i32.add
        call $output              ;; the digits i and j
        local.get $j  local.get $i  i32.eq
        br_if 1                   ;; j reached i (only for i <= 3): next i, no 99
        local.get $j  i32.const 3  i32.lt_s
        br_if 0
      end
      i32.const 99  call $output  ;; the inner loop ran to its end: i = 4 and 5
      local.get $i  i32.const 5  i32.lt_s
      br_if 0                     ;; here depth 0 is the outer loop
    end
  )
)
