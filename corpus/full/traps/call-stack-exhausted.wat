;;! about = "6000 calls may be in progress, main included; one more traps"
;;! trap = "call-stack-exhausted"
(module
  (func $down (param $n i32)
    local.get $n  i32.eqz  br_if 0
    local.get $n  i32.const 1  i32.sub  call $down)
  (func (export "main")
    i32.const 5998  call $down
    i32.const 5999  call $down))
