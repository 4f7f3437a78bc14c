;;! about = "host.poll gives the bytes that are there, then the end"
;;! input = "ab"
;;! results = [97, 98, -1, -1]
(module
  (import "host" "input" (func $input (result i32)))
  (import "host" "poll" (func $poll (result i32)))
  (func (export "main") (result i32 i32 i32 i32)
    (call $poll) (call $poll) (call $poll) (call $input)))
