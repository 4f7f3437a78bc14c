;;! category = "addition"
;;! about = "a carry is lost between two bits or between the two nibbles of the sum"
;;! outputs = [2, 4, 8, 16, 32, 64, 128, 16, 16, 30, 0, 0, 255, 0, 170, 84]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    ;; a run of ones plus one: the carry travels through every lower bit
    i32.const 1 i32.const 1 i32.add call $output      ;; 2
    i32.const 3 i32.const 1 i32.add call $output      ;; 4
    i32.const 7 i32.const 1 i32.add call $output      ;; 8
    i32.const 15 i32.const 1 i32.add call $output     ;; 16, out of the low nibble
    i32.const 31 i32.const 1 i32.add call $output     ;; 32
    i32.const 63 i32.const 1 i32.add call $output     ;; 64
    i32.const 127 i32.const 1 i32.add call $output    ;; 128, into the top bit
    ;; carries between the nibbles that start in different places
    i32.const 8 i32.const 8 i32.add call $output      ;; 16
    i32.const 9 i32.const 7 i32.add call $output      ;; 16
    i32.const 15 i32.const 15 i32.add call $output    ;; 30
    i32.const 15 i32.const 241 i32.add call $output   ;; 256 -> 0, the carry runs through both nibbles
    i32.const 240 i32.const 16 i32.add call $output   ;; 256 -> 0, only the high nibble carries
    ;; alternating bits: no carry at all, then a carry in every position
    i32.const 85 i32.const 170 i32.add call $output   ;; 255
    i32.const 85 i32.const 171 i32.add call $output   ;; 256 -> 0
    i32.const 85 i32.const 85 i32.add call $output    ;; 170
    i32.const 170 i32.const 170 i32.add call $output  ;; 340 -> 84
  )
)
