;;! category = "accumulation"
;;! about = "three accumulators side by side over 100 iterations; one wrong wrapping add or mul shows in a closed-form sum"
;;! outputs = [186, 174, 36]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $i i32) (local $sum i32) (local $squares i32) (local $cubes i32)
    ;; n(n+1)/2 = 5050 = 19*256 + 186
    ;; n(n+1)(2n+1)/6 = 338350 = 1321*256 + 174
    ;; (n(n+1)/2)^2: 186*186 = 34596 = 135*256 + 36
    i32.const 100  local.set $i
    loop $term
      local.get $sum  local.get $i  i32.add  local.set $sum
      local.get $squares  local.get $i  local.get $i  i32.mul  i32.add  local.set $squares
      local.get $cubes  local.get $i  local.get $i  local.get $i  i32.mul  i32.mul  i32.add  local.set $cubes
      local.get $i  i32.const 1  i32.sub  local.tee $i
      br_if $term
    end
    local.get $sum  call $output
    local.get $squares  call $output
    local.get $cubes  call $output
  )
)
