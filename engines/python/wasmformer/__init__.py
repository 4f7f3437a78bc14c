"""Transformers that execute WebAssembly, compiled and never trained: models, runs and engines.

    import wasmformer

    trace = wasmformer.run("program.wat")       # by forward passes in numpy
    trace.tokens, trace.outputs, trace.end
    model = wasmformer.compile("full")          # or wasmformer.load(FOLDER)
    wasmformer.diff("program.wat")["totals"]    # on all engines in lockstep

`numpy_wasmformer` is the specification; `torch_wasmformer`, `onnx_wasmformer` and `engine` are the same
network elsewhere; `hooks` shows and changes what is inside. """

from .command import diff, listing, listing_text
from .model import Model, Trace, compile, load, run

__all__ = ["Model", "Trace", "compile", "diff", "listing", "listing_text", "load", "run"]
