"""The network as ONNX graphs, built from a model folder and run by onnxruntime.

    python -m wasmformer.onnx_wasmformer FOLDER      # writes step.onnx and trace.onnx into it

Both graphs have opset 17 and use the operators Add, And, ArgMax, Concat, CumSum, Equal, Expand, Gather, GatherElements,
GreaterOrEqual, Identity, Less, MatMul, Mul, Not, Or, Range, Relu, Reshape, Shape, Squeeze, Transpose, Unsqueeze and
Where. `ArgMax` with `select_last_index=1` implements the rule that ties go to the latest row. Letters in shapes: r
rows, p past rows, s store rows, d lanes, h heads of a layer, g heads of one kind, k the width of a head.

- `step.onnx` is one decoding step. Its inputs are `tokens` [r], `positional` [r, d], the current stores (`store_tokens`
  [s], `store_positional` [s, d], `store_of` [s]) and each layer's past (`keys.L`, `values.L` [p, g, k]; `sum.L`
  [g, k]). Its outputs are `logits` [vocab_size] and `token` [] after the last row, and each layer's addition to its past
  (`new_keys.L`, `new_values.L` [r, g, k]) or new sum (`new_sum.L` [g, k]). A prompt is a step of many rows.
- `trace.onnx` is teacher-forced: it passes a whole sequence at once. Its inputs are `tokens` [r] and `positional`
  [r, d], and every row that a store ever had, with the first row of the sequence that sees the store's row and the first
  row that no longer sees it (`store_from`, `store_until` [s]). Its outputs are `logits` [r, vocab_size] and `next` [r].
  If each `next` is the token that follows in the sequence, then generating gives the same sequence, by induction.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from . import numpy_wasmformer

OPSET = 17
# The version of the file format with which opset 17 was published; older run-times can read it too.
IR_VERSION = 8
# The number of rows of a long prompt passed at once, which bounds the size of the scores.
CHUNK = 256
F32 = NDArray[np.float32]


class Graph:
    """A graph under construction: nodes and constants. A value is the name of a node's output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Any, dtype: Any = np.int64) -> str:
        array = np.asarray(value, dtype)
        name = f"c_{array.dtype}_{array.shape}_{array.tobytes().hex()[:64]}" if array.size <= 8 else f"w_{len(self.constants)}"
        self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def input(self, name: str, dtype: Any, shape: list[Any]) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, value: str, name: str, dtype: Any, shape: list[Any]) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def count(self, value: str) -> str:
        """The first dimension of a value, as a scalar."""
        return self.op("Squeeze", self.op("Shape", value, end=1), self.constant([0]))

    def range(self, count: str) -> str:
        return self.op("Range", self.constant(0), count, self.constant(1))

    def model(self, name: str) -> Any:
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, list(self.constants.values()))
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="wasmformer")
        onnx.checker.check_model(model)
        return model


class Builder(Graph):
    """The forward pass as a graph: trace.onnx if `teacher_forced`, else step.onnx."""

    def __init__(self, config: dict[str, Any], weights: dict[str, F32], teacher_forced: bool) -> None:
        super().__init__()
        self.config, self.weights, self.teacher_forced = config, numpy_wasmformer.of_f32(weights), teacher_forced
        self.d, self.k = config["d_model"], config["d_head"]
        self.embedding = self.constant(weights["embedding"], np.float32)
        x = self.embed("", "r")
        self.rows = self.range(self.count("tokens"))
        self.stores = self.embed("store_", "s")
        self.store_of = self.input("store_of", TensorProto.INT64, ["s"])
        if teacher_forced:  # rows of the sequence see a store's row from store_from to before store_until
            at = self.op("Unsqueeze", self.rows, self.constant([1]))
            begun = self.op("GreaterOrEqual", at, self.input("store_from", TensorProto.INT64, ["s"]))
            self.unseen = self.op("Not", self.op("And", begun, self.op("Less", at, self.input("store_until", TensorProto.INT64, ["s"]))))
        for layer, kinds in enumerate(config["attention"]):
            if kinds:
                x = self.op("Add", x, self.attention(layer, kinds, x))
            gate, value = (self.linear(x, f"layers.{layer}.ffn.{part}") for part in ("gate", "value"))
            x = self.op("Add", x, self.linear(self.op("Mul", self.op("Relu", gate), value), f"layers.{layer}.ffn.down"))
        size = config["vocab_size"]
        if teacher_forced:
            logits = self.linear(x, "unembedding")
            self.output(logits, "logits", TensorProto.FLOAT, ["r", size])
            self.output(self.op("ArgMax", logits, axis=1, keepdims=0), "next", TensorProto.INT64, ["r"])
        else:
            logits = self.linear(self.op("Gather", x, self.constant(-1)), "unembedding")
            self.output(logits, "logits", TensorProto.FLOAT, [size])
            self.output(self.op("ArgMax", logits, axis=0, keepdims=0), "token", TensorProto.INT64, [])

    def embed(self, prefix: str, rows: str) -> str:
        tokens = self.input(f"{prefix}tokens", TensorProto.INT64, [rows])
        positional = self.input(f"{prefix}positional", TensorProto.FLOAT, [rows, self.d])
        return self.op("Add", self.op("Gather", self.embedding, tokens), positional)

    def linear(self, x: str, name: str) -> str:
        return self.op("MatMul", x, self.constant(self.weights[name].T.copy(), np.float32))

    def heads(self, x: str, layer: int, part: str, heads: list[int]) -> str:
        """The projection for some heads: [r, d] -> [r, g, k]."""
        lanes = [head * self.k + i for head in heads for i in range(self.k)]
        weight = self.constant(self.weights[f"layers.{layer}.attention.{part}"][lanes].T.copy(), np.float32)
        return self.op("Reshape", self.op("MatMul", x, weight), self.constant([-1, len(heads), self.k]))

    def attention(self, layer: int, kinds: list[str], x: str) -> str:
        """The values that the layer's heads add to the residual stream, [r, d]."""
        order: list[int] = []
        results = []
        for kind in dict.fromkeys(kinds):
            heads = [head for head, own in enumerate(kinds) if own == kind]
            order += heads
            if kind == "sum":
                results.append(self.sum(layer, heads, x))
            elif kind == "hard_max":
                results.append(self.hard_max(layer, heads, x))
            else:
                results.append(self.cross(layer, heads, x, int(kind.removeprefix("cross:"))))
        found = results[0] if len(results) == 1 else self.op("Concat", *results, axis=1)  # [r, h, k], in the order of kinds
        lanes = [head * self.k + i for head in order for i in range(self.k)]
        output = self.constant(self.weights[f"layers.{layer}.attention.output"][:, lanes].T.copy(), np.float32)
        return self.op("MatMul", self.op("Reshape", found, self.constant([-1, len(lanes)])), output)

    def sum(self, layer: int, heads: list[int], x: str) -> str:
        sums = self.op("CumSum", self.heads(x, layer, "value", heads), self.constant(0))
        if not self.teacher_forced:
            shape = [len(heads), self.k]
            sums = self.op("Add", sums, self.input(f"sum.{layer}", TensorProto.FLOAT, shape))
            self.output(self.op("Gather", sums, self.constant(-1)), f"new_sum.{layer}", TensorProto.FLOAT, shape)
        return sums

    def hard_max(self, layer: int, heads: list[int], x: str) -> str:
        query, keys, values = (self.heads(x, layer, part, heads) for part in ("query", "key", "value"))
        past = self.constant(0)
        if not self.teacher_forced:
            shape = [len(heads), self.k]
            for part, new in (("keys", keys), ("values", values)):
                self.input(f"{part}.{layer}", TensorProto.FLOAT, ["p", *shape])
                self.output(new, f"new_{part}.{layer}", TensorProto.FLOAT, ["r", *shape])
            past = self.count(f"keys.{layer}")
            keys, values = self.op("Concat", f"keys.{layer}", keys, axis=0), self.op("Concat", f"values.{layer}", values, axis=0)
        # A row sees the rows before it and itself.
        own = self.op("Unsqueeze", self.op("Add", self.rows, past), self.constant([1]))
        later = self.op("Less", own, self.range(self.count(keys)))
        return self.search(query, keys, values, later)

    def cross(self, layer: int, heads: list[int], x: str, store: int) -> str:
        keys, values = self.heads(self.stores, layer, "key", heads), self.heads(self.stores, layer, "value", heads)
        hidden = self.op("Not", self.op("Equal", self.store_of, self.constant(store)))  # [s]
        if self.teacher_forced:
            hidden = self.op("Or", self.unseen, hidden)  # [r, s]
        # A hidden row of zeros comes after all others. It loses against every visible row, so it is chosen only if no
        # row is visible: an empty store gives 0.
        nothing = self.constant(np.zeros((1, len(heads), self.k)), np.float32)
        keys, values = self.op("Concat", keys, nothing, axis=0), self.op("Concat", values, nothing, axis=0)
        true = self.constant([True], np.bool_)
        if self.teacher_forced:
            true = self.op("Expand", true, self.op("Concat", self.op("Shape", "tokens"), self.constant([1]), axis=0))
        return self.search(self.heads(x, layer, "query", heads), keys, values, self.op("Concat", hidden, true, axis=-1))

    def search(self, query: str, keys: str, values: str, hidden: str) -> str:
        """Hard-max: queries [r, g, k] search keys and values [n, g, k]. `hidden` broadcasts to [r, n]."""
        scores = self.op("MatMul", self.op("Transpose", query, perm=[1, 0, 2]), self.op("Transpose", keys, perm=[1, 2, 0]))
        scores = self.op("Where", hidden, self.constant(-np.inf, np.float32), scores)  # [g, r, n]
        best = self.op("ArgMax", scores, axis=2, keepdims=1, select_last_index=1)  # [g, r, 1]
        best = self.op("Concat", *[best] * self.k, axis=2)
        found = self.op("GatherElements", self.op("Transpose", values, perm=[1, 0, 2]), best, axis=1)  # [g, r, k]
        return self.op("Transpose", found, perm=[1, 0, 2])


def build(config: dict[str, Any], weights: dict[str, F32], teacher_forced: bool) -> Any:
    """One of the two graphs as an ONNX model."""
    return Builder(config, weights, teacher_forced).model("trace" if teacher_forced else "step")


def session(model: Any) -> Any:
    """An onnxruntime session on the CPU, on one thread, because the products are too small for several threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def dense(rows: Sequence[Any], d: int) -> tuple[NDArray[np.int64], F32]:
    """Tokens and positional encodings of rows as arrays, [r] and [r, d]."""
    positional = np.zeros((len(rows), d), np.float32)
    for lanes, (_, encoding) in zip(positional, rows):
        for lane, value in encoding:
            lanes[lane] = value
    return np.array([token for token, _ in rows], np.int64), positional


class Decoder:
    """A sequence in progress on step.onnx. The past is kept in arrays with room to grow. The graph takes a view
    of the arrays' beginning, which onnxruntime does not copy, and returns only the new rows."""

    def __init__(self, config: dict[str, Any], session: Any) -> None:
        self.d, self.session = config["d_model"], session
        self.past: dict[str, Any] = {}
        self.sums: dict[str, Any] = {}
        for tensor in session.get_inputs():
            if tensor.name.startswith(("keys.", "values.")):
                self.past[tensor.name] = np.zeros((64, *tensor.shape[1:]), np.float32)
            elif tensor.name.startswith("sum."):
                self.sums[tensor.name] = np.zeros(tensor.shape, np.float32)
        self.outputs = [output.name for output in session.get_outputs() if output.name != "token"]
        self.length = 0
        self.stores: list[list[Any]] = [[] for _ in range(1 + max(stores_of(config), default=-1))]
        self.store_inputs = self.of_stores()

    def of_stores(self) -> dict[str, Any]:
        """The stores as inputs of the graph."""
        of = np.array([store for store, rows in enumerate(self.stores) for _ in rows], np.int64)
        tokens, positional = dense([row for rows in self.stores for row in rows], self.d)
        return {"store_of": of, "store_tokens": tokens, "store_positional": positional}

    def logits(self, stores: Sequence[Any], rows: Sequence[Any]) -> F32:
        """Passes the rows that a host gives; returns the logits of the last row, [vocab_size]."""
        for store, index, row in stores:
            self.stores[store][index : index + 1] = [row]
        if stores:
            self.store_inputs = self.of_stores()
        for start in range(0, len(rows), CHUNK):
            logits = self.step(rows[start : start + CHUNK])
        return logits

    def step(self, rows: Sequence[Any]) -> F32:
        """Passes rows; returns the logits of the last row."""
        tokens, positional = dense(rows, self.d)
        past = {name: array[: self.length] for name, array in self.past.items()}
        inputs = {"tokens": tokens, "positional": positional, **self.store_inputs, **past, **self.sums}
        results = dict(zip(self.outputs, self.session.run(self.outputs, inputs)))
        end = self.length + len(rows)
        for name, array in self.past.items():
            if end > len(array):
                grown = np.zeros((max(end, 2 * len(array)), *array.shape[1:]), np.float32)
                grown[: self.length] = array[: self.length]
                array = self.past[name] = grown
            array[self.length : end] = results[f"new_{name}"]
        self.sums = {name: results[f"new_{name}"] for name in self.sums}
        self.length = end
        logits: F32 = results["logits"]
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
    """The inputs of trace.onnx for all rows that a host gave in a run, in order."""
    rows: list[Any] = []
    written: list[list[Any]] = []  # store, index, row, first row that sees it, first that no longer does
    current: dict[tuple[int, int], list[Any]] = {}
    for stores, new in nexts:
        # The rows that a host gives together with a store's new row see the new row. The prompt's rows see the stores'
        # initial rows.
        for store, index, row in stores:
            if (store, index) in current:
                current[store, index][4] = len(rows)
            current[store, index] = [store, index, row, len(rows), np.iinfo(np.int64).max]
            written.append(current[store, index])
        rows += new
    tokens, positional = dense(rows, d)
    store_tokens, store_positional = dense([row for _, _, row, _, _ in written], d)
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


if __name__ == "__main__":
    main(sys.argv[1])
