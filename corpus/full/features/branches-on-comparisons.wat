;;! about = "comparisons and the branches that take their results, both ways, with operands below that are kept, dropped and taken along"
;;! outputs = "abdfhijkbBC"
(module
  (import "host" "output" (func $output (param i32)))
  (func $smallest (param $a i32) (param $b i32) (result i32)
    (block (result i32)
      local.get $a
      local.get $a  local.get $b  i32.lt_s  br_if 0
      drop  local.get $b))
  (func $order (param $a i64) (param $b i64) (result i32)
    local.get $a  local.get $b  i64.eq  if (result i32)
      i32.const 0
    else
      local.get $a  local.get $b  i64.gt_u  if (result i32)  i32.const 1  else  i32.const 2  end
    end)
  (func $skip (param $n i32)
    (loop $more
      (block $next
        i32.const 97  local.get $n  i32.add
        local.get $n  i32.const 2  i32.eq  br_if $next
        local.get $n  i32.const 4  i32.eq  br_if $next
        local.get $n  i32.const 6  i32.eq  br_if $next
        call $output)
      local.get $n  i32.const 1  i32.add  local.tee $n
      i32.const 11  i32.ne  br_if $more))
  (func (export "main")
    i32.const 0  call $skip
    i32.const 98  i32.const 99  call $smallest  call $output
    i64.const -1  i64.const 0x100000000  call $order  i32.const 65  i32.add  call $output
    i64.const 3  i64.const 0x100000000  call $order  i32.const 65  i32.add  call $output))
