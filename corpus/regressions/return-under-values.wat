;;! category = "regressions"
;;! about = "a return inside a loop that stands on operands of another: the listing ends there, and lowering must still be valid WebAssembly"
;;! outputs = [3]
;; The code after a `return` is dropped and the open loops are closed. The inner end then finds two operands, which no loop
;; may leave; the module made for wasmi was invalid until such ends were marked as unreachable.
(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    i32.const 3
    call $output
    loop $outer
      i32.const 1
      i32.const 2
      loop $inner
        return
      end
      i32.add
      call $output
    end))
