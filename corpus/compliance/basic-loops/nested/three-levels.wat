;;! category = "nested"
;;! about = "branch depths 0, 1 and 2 from the innermost of three loops, and depth 0 meaning another loop after each `end`"
;;! outputs = [61, 62, 1, 111, 112, 1, 121, 161, 162, 1, 171, 181, 182, 3, 3, 211, 212, 1, 221, 231, 232, 3, 4]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32) (local $j i32) (local $k i32)
    loop                ;; i = 1 .. 4
      local.get $i  i32.const 1  i32.add  local.set $i
      i32.const 0  local.set $j
      loop              ;; j = 1 .. 3
        local.get $j  i32.const 1  i32.add  local.set $j
        i32.const 0  local.set $k
        loop            ;; k = 1, 2
          local.get $k  i32.const 1  i32.add  local.set $k
          local.get $j  local.get $i  i32.gt_s
          br_if 2       ;; (1,2,1) and (2,3,1): next i
          local.get $j  local.get $k  i32.mul  i32.const 4  i32.eq
          br_if 1       ;; (i,2,2): next j
          local.get $i  i32.const 50  i32.mul
          local.get $j  i32.const 10  i32.mul  i32.add
          local.get $k  i32.add
          call $output  ;; 50 i + 10 j + k
          local.get $k  i32.const 2  i32.lt_s
          br_if 0
        end
        local.get $j
        call $output    ;; only where k ran to its end: j = 1 and 3
        local.get $j  i32.const 3  i32.lt_s
        br_if 0
      end
      local.get $i
      call $output      ;; only where j ran to its end: i = 3 and 4
      local.get $i  i32.const 4  i32.lt_s
      br_if 0
    end
  )
)
