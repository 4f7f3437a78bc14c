;;! category = "accumulation"
;;! about = "Euclid's algorithm with the remainder as an inner loop and as the condition (values such as 96 or 24, not just 1)"
;;! outputs = [60, 48, 12, 24, 12]
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (local $k i32) (local $a i32) (local $b i32) (local $r i32) (local $more i32)
    ;; gcd(240, k) for k = 180, 144, 108, 72, 36
    i32.const 180  local.set $k
    loop $pair
      i32.const 240  local.set $a
      local.get $k  local.set $b
      loop $euclid
        local.get $a  local.set $r
        loop $remainder
          local.get $r  local.get $b  i32.ge_s  local.set $more
          local.get $r  local.get $b  local.get $more  i32.mul  i32.sub  local.set $r
          local.get $more
          br_if $remainder
        end
        local.get $b  local.set $a
        local.get $r  local.tee $b
        br_if $euclid  ;; until the remainder is 0
      end
      local.get $a
      call $output
      local.get $k  i32.const 36  i32.sub  local.tee $k
      br_if $pair
    end
  )
)
