;;! about = "memory grows by zeros and keeps what it has; beyond the module's own maximum it does not"
;;! results = [1, 1, 2, -1, 2, 65, 0]
(module
  (memory 1 2)
  (data (i32.const 0) "A")
  (func (export "main") (result i32 i32 i32 i32 i32 i32 i32)
    memory.size
    i32.const 1  memory.grow
    memory.size
    i32.const 1  memory.grow
    memory.size
    i32.const 0  i32.load8_u
    i32.const 131064  i32.load))
