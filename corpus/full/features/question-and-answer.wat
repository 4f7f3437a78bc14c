;;! about = "a question to the system is bytes sent, and its answer bytes received until -1; an unknown question is ENOSYS"
;;! results = [-1, 52, -1, 0, 1, -1]
(module
  (import "host" "send" (func $send (param i32)))
  (import "host" "receive" (func $receive (result i32)))
  (func $ask (param $function i32)
    (call $send (local.get $function))
    (call $send (i32.const 0x300))
    (call $send (i32.const 0))
    (call $send (i32.const 0))
    (call $send (i32.const 0)))
  (func (export "main") (result i32 i32 i32 i32 i32 i32)
    (call $receive)
    (call $send (i32.const 255))
    (call $receive)
    (call $receive)
    ;; random_get of no bytes, then clock_time_get: whether its first byte is 0, and the end where nothing is left.
    (call $ask (i32.const 3))
    (call $receive)
    (call $ask (i32.const 2))
    (i32.eqz (call $receive))
    (drop (call $receive)) (drop (call $receive)) (drop (call $receive)) (drop (call $receive))
    (drop (call $receive)) (drop (call $receive)) (drop (call $receive)) (drop (call $receive))
    (call $receive)))
