;;! category = "stack-depth"
;;! about = "a long fold by sub or add takes an operand from the wrong depth or in the wrong order"
;;! outputs = [226, 164, 139, 1]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local i32)
    ;; forty values: 10, 1, 20, 3, 30, 5, ... 200, 39, that is 10j and 2j - 1 for j = 1 to 20
    i32.const 10 i32.const 1 i32.const 20 i32.const 3 i32.const 30 i32.const 5 i32.const 40 i32.const 7
    i32.const 50 i32.const 9 i32.const 60 i32.const 11 i32.const 70 i32.const 13 i32.const 80 i32.const 15
    i32.const 90 i32.const 17 i32.const 100 i32.const 19 i32.const 110 i32.const 21 i32.const 120 i32.const 23
    i32.const 130 i32.const 25 i32.const 140 i32.const 27 i32.const 150 i32.const 29 i32.const 160 i32.const 31
    i32.const 170 i32.const 33 i32.const 180 i32.const 35 i32.const 190 i32.const 37 i32.const 200 i32.const 39
    ;; a1 - (a2 - (a3 - ...)) = a1 - a2 + a3 - ..., that is the sum of 10j - (2j - 1) = 8j + 1.
    ;; 19 subtractions fold j = 11 to 20: 8 * 155 + 10 = 1250, which is 226
    i32.sub i32.sub i32.sub i32.sub i32.sub
    i32.sub i32.sub i32.sub i32.sub i32.sub
    i32.sub i32.sub i32.sub i32.sub i32.sub
    i32.sub i32.sub i32.sub i32.sub
    local.tee 0 local.get 0 call $output    ;; 226
    ;; 20 more fold all: 8 * 210 + 20 = 1700, which is 164
    i32.sub i32.sub i32.sub i32.sub i32.sub
    i32.sub i32.sub i32.sub i32.sub i32.sub
    i32.sub i32.sub i32.sub i32.sub i32.sub
    i32.sub i32.sub i32.sub i32.sub i32.sub
    local.tee 0 local.get 0 call $output    ;; 164, which stays on the stack
    ;; 1 to 41 above it
    i32.const 1 i32.const 2 i32.const 3 i32.const 4 i32.const 5 i32.const 6 i32.const 7 i32.const 8
    i32.const 9 i32.const 10 i32.const 11 i32.const 12 i32.const 13 i32.const 14 i32.const 15 i32.const 16
    i32.const 17 i32.const 18 i32.const 19 i32.const 20 i32.const 21 i32.const 22 i32.const 23 i32.const 24
    i32.const 25 i32.const 26 i32.const 27 i32.const 28 i32.const 29 i32.const 30 i32.const 31 i32.const 32
    i32.const 33 i32.const 34 i32.const 35 i32.const 36 i32.const 37 i32.const 38 i32.const 39 i32.const 40
    i32.const 41
    ;; 20 additions fold 21 to 41: 21 * 31 = 651, which is 139
    i32.add i32.add i32.add i32.add i32.add
    i32.add i32.add i32.add i32.add i32.add
    i32.add i32.add i32.add i32.add i32.add
    i32.add i32.add i32.add i32.add i32.add
    local.tee 0 local.get 0 call $output    ;; 139
    ;; 21 more fold all: 164 + 861 = 1025, which is 1
    i32.add i32.add i32.add i32.add i32.add
    i32.add i32.add i32.add i32.add i32.add
    i32.add i32.add i32.add i32.add i32.add
    i32.add i32.add i32.add i32.add i32.add
    i32.add
    call $output                            ;; 1
  )
)
