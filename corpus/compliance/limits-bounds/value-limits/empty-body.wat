;;! category = "value-limits"
;;! about = "a program of no instructions does not halt at once; its point is that nothing can be observed"
;;! outputs = []
;;! files = { 0 = [1, 2, 3] }
(module
  (memory 1)
  (func (export "main") (local i32)
    ;; no instruction at all: falling off the end halts, with no output, and the file as it was
  )
)
