;;! category = "accumulation"
;;! about = "a simultaneous assignment (a, b) = (b, a + b) through the stack: the sum must be taken before a is overwritten"
;;! outputs = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 121, 98, 219, 61, 24, 85, 109]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $a i32) (local $b i32) (local $left i32)
    i32.const 1  local.set $b
    i32.const 20  local.set $left
    loop $next
      local.get $b
      call $output                         ;; 377, 610, 987, ... 6765 appear mod 256
      local.get $a  local.get $b  i32.add  ;; stays on the stack ...
      local.get $b  local.set $a
      local.set $b                         ;; ... until here
      local.get $left  i32.const 1  i32.sub  local.tee $left
      br_if $next
    end
  )
)
