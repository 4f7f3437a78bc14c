;;! category = "addition"
;;! about = "a wrapped sum fed back as an operand keeps its excess over 255, or doubling a local with itself goes wrong"
;;! outputs = [100, 200, 44, 144, 244, 88, 188, 32, 64, 128, 0, 0]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $sum i32) (local $i i32)
    ;; add 100 eight times: the total wraps at the 3rd, 6th and 8th addition
    loop $again
      local.get $sum
      i32.const 100
      i32.add
      local.tee $sum
      call $output          ;; 100 200 44 144 244 88 188 32
      local.get $i
      i32.const 1
      i32.add
      local.tee $i
      i32.const 8
      i32.lt_s
      br_if $again
    end
    ;; both operands the same local: 32 doubled until nothing is left
    local.get $sum local.get $sum i32.add local.tee $sum call $output   ;; 64
    local.get $sum local.get $sum i32.add local.tee $sum call $output   ;; 128
    local.get $sum local.get $sum i32.add local.tee $sum call $output   ;; 0
    local.get $sum local.get $sum i32.add call $output                  ;; 0
  )
)
