"""The ONNX graphs of `onnx_graph.py`: written to a model's folder, and run by onnxruntime.

    python -m wasmformer.onnx_wasmformer FOLDER      # writes step.onnx and trace.onnx into it

`step.onnx` generates: `load` gives a `Decoder`, which keeps the past. `trace.onnx` checks a whole sequence at
once: `forced_inputs` makes its inputs of what a host gave. """

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import numpy_wasmformer
from .numpy_wasmformer import Array, parts
from .onnx_graph import build

END = np.iinfo(np.int64).max


def session(model: Any) -> Any:
    """An onnxruntime session on the CPU, on one thread, because the products are too small for several
    threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def arrays(rows: Sequence[Any], d: int) -> tuple[NDArray[np.int64], Array]:
    """Tokens and positional encodings of a host's rows, [r] and [r, d]."""
    positional = np.zeros((len(rows), d), np.float32)
    for lanes, (_, encoding) in zip(positional, rows):
        for lane, value in encoding:
            lanes[lane] = value
    return np.array([token for token, _ in rows], np.int64), positional


class Decoder:
    """A sequence in progress on step.onnx. The past is kept in arrays with room to grow. The graph takes a
    view of the arrays' beginning, which onnxruntime does not copy, and returns only the new rows."""

    def __init__(self, config: dict[str, Any], session: Any) -> None:
        self.d, self.session, self.has_host = config["d_model"], session, config["machine"] == "byte"
        self.dtype = np.float32 if config["machine"] == "byte" else np.float64
        self.past: dict[str, Any] = {}
        self.sums: dict[str, Any] = {}
        for tensor in session.get_inputs():
            if tensor.name.startswith(("keys.", "values.")):
                self.past[tensor.name] = np.zeros((64, *tensor.shape[1:]), self.dtype)
            elif tensor.name.startswith("sum."):
                self.sums[tensor.name] = np.zeros(tensor.shape, self.dtype)
        self.outputs = [output.name for output in session.get_outputs() if output.name != "token"]
        self.length = 0
        self.stores: list[list[Any]] = [[] for _ in range(1 + max(stores_of(config), default=-1))]
        self.store_inputs = self.of_stores() if self.has_host else {}

    def of_stores(self) -> dict[str, Any]:
        """The stores as inputs of the graph."""
        of = np.array([store for store, rows in enumerate(self.stores) for _ in rows], np.int64)
        tokens, positional = arrays([row for rows in self.stores for row in rows], self.d)
        return {"store_of": of, "store_tokens": tokens, "store_positional": positional}

    def logits(self, stores: Sequence[Any], rows: Sequence[Any]) -> Array:
        """Passes the rows that a host gives; returns the logits of the last row, [vocab_size]."""
        for store, index, row in stores:
            self.stores[store][index : index + 1] = [row]
        if stores:
            self.store_inputs = self.of_stores()
        for part in parts(self.length, len(rows)):
            logits = self.step(rows[part])
        return logits

    def step(self, rows: Sequence[Any]) -> Array:
        """Passes rows; returns the logits of the last row."""
        tokens, positional = arrays(rows, self.d)
        inputs = {"tokens": tokens, "positional": positional} if self.has_host else {"tokens": tokens}
        past = {name: array[: self.length] for name, array in self.past.items()}
        results = dict(zip(self.outputs, self.session.run(self.outputs, {**inputs, **self.store_inputs, **past, **self.sums})))
        end = self.length + len(rows)
        for name, array in self.past.items():
            if end > len(array):
                grown = np.zeros((max(end, 2 * len(array)), *array.shape[1:]), self.dtype)
                grown[: self.length] = array[: self.length]
                array = self.past[name] = grown
            array[self.length : end] = results[f"new_{name}"]
        self.sums = {name: results[f"new_{name}"] for name in self.sums}
        self.length = end
        logits: Array = results["logits"]
        return logits


def stores_of(config: dict[str, Any]) -> list[int]:
    """The stores that heads attend to."""
    return [int(kind.removeprefix("cross:")) for kinds in config["attention"] for kind in kinds if kind.startswith("cross:")]


def load(folder: str | Path) -> tuple[dict[str, Any], Callable[[], Decoder]]:
    """The config of a model folder, and a function that begins a sequence on its step graph."""
    config, weights = numpy_wasmformer.load(folder)
    step = session(build(config, weights, teacher_forced=False))
    return config, lambda: Decoder(config, step)


def forced_inputs(nexts: Sequence[Any], d: int) -> dict[str, Any]:
    """The inputs of the byte machine's trace.onnx for all rows that a host gave in a run, in order."""
    rows: list[Any] = []
    written: list[list[Any]] = []  # store, index, row, first row that sees it, first that no longer does
    current: dict[tuple[int, int], list[Any]] = {}
    for stores, new in nexts:
        # The rows that a host gives together with a store's new row see the new row. The prompt's rows see
        # the stores' initial rows.
        for store, index, row in stores:
            if (store, index) in current:
                current[store, index][4] = len(rows)
            current[store, index] = [store, index, row, len(rows), END]
            written.append(current[store, index])
        rows += new
    tokens, positional = arrays(rows, d)
    store_tokens, store_positional = arrays([row for _, _, row, _, _ in written], d)
    inputs = {"tokens": tokens, "positional": positional, "store_tokens": store_tokens, "store_positional": store_positional}
    names = ("store_of", 0), ("store_from", 3), ("store_until", 4)
    return {**inputs, **{name: np.array([entry[at] for entry in written], np.int64) for name, at in names}}


def main(folder: str) -> None:
    try:
        config, weights = numpy_wasmformer.load(folder)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    for name, teacher_forced in (("step", False), ("trace", True)):
        path = Path(folder) / f"{name}.onnx"
        path.write_bytes(build(config, weights, teacher_forced).SerializeToString())
        print(path)


def console() -> None:
    """The command `wasmformer-onnx`."""
    if len(sys.argv) != 2:
        sys.exit("usage: wasmformer-onnx FOLDER")
    main(sys.argv[1])


if __name__ == "__main__":
    console()
