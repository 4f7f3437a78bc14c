;;! about = "memory.copy beyond the end traps, even where an access at its first byte would not"
;;! trap = "memory-out-of-bounds"
(module
  (memory 1)
  (func (export "main") (memory.copy (i32.const 0) (i32.const 65530) (i32.const 7))))
