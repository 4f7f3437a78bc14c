;;! about = "a callee's locals start at 0 on each call, and are its own: not what an earlier call or the caller left there"
;;! results = [111, 0, 0]
(module
  (func $dirty (result i32) (local $x i32) (local $y i64)
    i64.const -1  local.set $y
    i32.const 37  local.set $x
    local.get $x)

  (func $clean (param $p i32) (result i32) (local $x i32) (local $y i64)
    local.get $x  local.get $y  i32.wrap_i64  i32.or        ;; 0 | 0
    i32.const 99  local.set $p)

  (func (export "main") (result i32 i32 i32) (local $kept i32)
    i32.const 111  local.set $kept
    call $dirty  drop
    i32.const 5  call $clean
    call $dirty  drop
    i32.const 6  call $clean
    (local.get $kept)
    call $rotate)

  (func $rotate (param i32 i32 i32) (result i32 i32 i32)
    local.get 2  local.get 0  local.get 1))
