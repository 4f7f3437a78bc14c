;;! about = "every width of load and store, at odd addresses and over the end of a word, signed and unsigned"
;;! results = [-128, 128, -32513, 33023, -1, 65535, -128, 4294967168, 8646911284551352319, -2]
(module
  (memory 1)
  (func (export "main") (result i32 i32 i32 i32 i64 i64 i64 i64 i64 i32)
    i32.const 3  i32.const 0xff80  i32.store8
    i32.const 3  i32.load8_s
    i32.const 3  i32.load8_u
    i32.const 7  i32.const 0x180ff  i32.store16
    i32.const 7  i32.load16_s
    i32.const 7  i32.load16_u
    i32.const 13  i64.const -1  i64.store16
    i32.const 13  i64.load16_s
    i32.const 13  i64.load16_u
    i32.const 21  i64.const 0x1ffffff80  i64.store32
    i32.const 21  i64.load32_s
    i32.const 21  i64.load32_u
    i32.const 1  i64.const 0x77ffffffffffffff  i64.store offset=30
    i32.const 31  i64.load
    i32.const 40  i32.const -2  i32.store  i32.const 40  i32.load))
