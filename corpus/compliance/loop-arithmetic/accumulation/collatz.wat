;;! category = "accumulation"
;;! about = "a two-way decision without if: the odd case is done by a 0/1 factor and a conditional continue, the even case by an inner halving loop"
;;! outputs = [9, 28, 14, 7, 22, 11, 34, 17, 52, 26, 13, 40, 20, 10, 5, 16, 8, 4, 2, 1, 19]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $n i32) (local $odd i32) (local $half i32) (local $steps i32)
    i32.const 9  local.set $n
    loop $step
      local.get $n
      call $output
      local.get $steps  i32.const 1  i32.add  local.set $steps
      local.get $n  i32.const 1  i32.and  local.tee $odd
      local.get $n  local.get $n  i32.add  i32.const 1  i32.add
      i32.mul                              ;; 2n + 1 if odd, otherwise 0
      local.get $n  i32.add  local.set $n  ;; 3n + 1 if odd, otherwise n
      local.get $odd
      br_if $step
      i32.const 0  local.set $half
      loop $halve                          ;; n is even and at least 2
        local.get $half  i32.const 1  i32.add  local.tee $half
        local.get $half  i32.add
        local.get $n  i32.ne
        br_if $halve
      end
      local.get $half  local.set $n
      local.get $n  i32.const 1  i32.gt_s
      br_if $step
    end
    local.get $n
    call $output                           ;; 1
    local.get $steps
    call $output                           ;; 19
  )
)
