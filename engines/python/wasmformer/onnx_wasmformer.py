"""The network as ONNX graphs, built from a model folder and run by onnxruntime.

    python -m wasmformer.onnx_wasmformer FOLDER      # writes step.onnx and trace.onnx into it

Both graphs have opset 17 and use the operators Add, And, ArgMax, Concat, CumSum, Equal, Expand, Gather,
GatherElements, Gemm, GreaterOrEqual, Identity, Less, MatMul, Mul, Not, Or, Range, Relu, Reshape, Shape,
Slice, Squeeze, Transpose, Unsqueeze and Where. `ArgMax` with `select_last_index=1` implements the rule that
ties go to the latest row. The numbers are of the weights' type. Each weight is an initializer with the name
and shape that it has in `model.safetensors`; nodes are named by the part that they belong to
(`layers.3.attention/scores`). Letters in shapes: r rows, p past rows, s store rows, d lanes, h heads of a
layer, g neighbouring heads of one kind, k the width of a head. A past's name says its layer and first head.

- `step.onnx` is one decoding step. Its inputs are `tokens` [r] and each past (`keys.L.H`, `values.L.H` [p, g,
  k]; `sum.L.H` [g, k]); for the byte machine also `positional` [r, d] and the current stores (`store_tokens`
  [s], `store_positional` [s, d], `store_of` [s]). Its outputs are `logits` [vocab_size] and `token` [] after
  the last row, and the addition to each past (`new_keys.L.H`, `new_values.L.H` [r, g, k]) or new sum
  (`new_sum.L.H` [g, k]). A prompt is a step of many rows.
- `trace.onnx` is teacher-forced: it passes a whole sequence at once. Its inputs are `tokens` [r]; for the
  byte machine also `positional` [r, d], and every row that a store ever had, with the first row of the
  sequence that sees the store's row and the first row that no longer sees it (`store_from`, `store_until`
  [s]). Its outputs are `logits` [r, vocab_size] and `next` [r]. If each `next` is the token that follows in
  the sequence, then generating gives the same sequence, by induction.
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
from .numpy_wasmformer import Array, parts

OPSET = 17
# The version of the file format with which opset 17 was published; older run-times can read it too.
IR_VERSION = 8
END = np.iinfo(np.int64).max


class Graph:
    """A graph under construction: nodes and constants. A value is the name of a node's output, and of the
    node."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.scope = "graph"

    def op(self, kind: str, *inputs: str, name: str | None = None, **attributes: Any) -> str:
        """Adds a node. Its name is unique, and says where it belongs."""
        name = f"{self.scope}/{name or kind.lower()}"
        name += f"_{len(self.nodes)}" if any(node.name == name for node in self.nodes) else ""
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, value: Any, dtype: Any = np.int64) -> str:
        """A small constant; equal ones are one."""
        array = np.asarray(value, dtype)
        name = f"constant/{array.dtype}{list(array.shape)}/{'_'.join(map(str, array.ravel()[:4]))}"
        self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def weight(self, name: str, value: Array) -> str:
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(value, name)
        return name

    def input(self, name: str, dtype: Any, shape: list[Any]) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, value: str, name: str, dtype: Any, shape: list[Any]) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name], name=f"outputs/{name}"))
        self.outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def count(self, value: str) -> str:
        """The first dimension of a value, as a scalar."""
        return self.op("Squeeze", self.op("Shape", value, end=1), self.constant([0]))

    def range(self, count: str) -> str:
        return self.op("Range", self.constant(0), count, self.constant(1))

    def model(self, name: str, metadata: dict[str, str]) -> Any:
        doc = (__doc__ or "").strip()
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, list(self.constants.values()), doc_string=doc)
        opsets = [helper.make_opsetid("", OPSET)]
        producer, _, version = metadata["written_by"].partition(" ")
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name=producer, producer_version=version, doc_string=doc
        )
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model)
        return model


class Builder(Graph):
    """The forward pass as a graph: trace.onnx if `teacher_forced`, else step.onnx."""

    def __init__(self, config: dict[str, Any], weights: dict[str, Array], teacher_forced: bool) -> None:
        super().__init__()
        self.config, self.weights, self.teacher_forced = config, weights, teacher_forced
        self.dtype = weights["embedding"].dtype
        self.number = helper.np_dtype_to_tensor_dtype(self.dtype)
        self.d, self.k, self.has_host = config["d_model"], config["d_head"], config["machine"] == "byte"
        x = self.embed("", "r")
        self.rows = self.range(self.count("tokens"))
        if self.has_host:
            self.place_stores()
        for layer, kinds in enumerate(config["attention"]):
            if kinds:
                self.scope = f"layers.{layer}.attention"
                x = self.op("Add", x, self.attention(layer, kinds, x), name="residual")
            self.scope = f"layers.{layer}.ffn"
            gate, value = (self.linear(x, f"layers.{layer}.ffn.{part}", part) for part in ("gate", "value"))
            neurons = self.op("Mul", self.op("Relu", gate), value, name="neurons")
            x = self.op("Add", x, self.linear(neurons, f"layers.{layer}.ffn.down", "down"), name="residual")
        self.scope, size = "unembedding", config["vocab_size"]
        if teacher_forced:
            logits = self.linear(x, "unembedding", "logits")
            self.output(logits, "logits", self.number, ["r", size])
            self.output(self.op("ArgMax", logits, axis=1, keepdims=0), "next", TensorProto.INT64, ["r"])
        else:
            last = self.op("Gather", x, self.constant([-1]), name="last_row")
            logits = self.op("Squeeze", self.linear(last, "unembedding", "of_last_row"), self.constant([0]), name="logits")
            self.output(logits, "logits", self.number, [size])
            self.output(self.op("ArgMax", logits, axis=0, keepdims=0), "token", TensorProto.INT64, [])

    def embed(self, prefix: str, rows: str) -> str:
        """The embedded rows, with the positional encodings of a host that has some."""
        self.scope = f"{prefix}embedding"
        tokens = self.input(f"{prefix}tokens", TensorProto.INT64, [rows])
        embedded = self.op("Gather", self.weight("embedding", self.weights["embedding"]), tokens, name="of_tokens")
        if not self.has_host:
            return embedded
        return self.op("Add", embedded, self.input(f"{prefix}positional", self.number, [rows, self.d]), name="residual")

    def place_stores(self) -> None:
        self.stores = self.embed("store_", "s")
        self.store_of = self.input("store_of", TensorProto.INT64, ["s"])
        if self.teacher_forced:  # rows of the sequence see a store's row from store_from to before store_until
            at = self.op("Unsqueeze", self.rows, self.constant([1]))
            begun = self.op("GreaterOrEqual", at, self.input("store_from", TensorProto.INT64, ["s"]))
            self.unseen = self.op("Not", self.op("And", begun, self.op("Less", at, self.input("store_until", TensorProto.INT64, ["s"]))))

    def linear(self, x: str, name: str, value: str) -> str:
        """The product with a weight, which is [out, in]."""
        return self.op("Gemm", x, self.weight(name, self.weights[name]), transB=1, name=value)

    def heads(self, x: str, layer: int, part: str, what: str) -> str:
        """The projection of rows for all heads of a layer: [r, d] -> [r, h, k]."""
        flat = self.linear(x, f"layers.{layer}.attention.{part}", f"{what}_flat")
        return self.op("Reshape", flat, self.constant([-1, len(self.config["attention"][layer]), self.k]), name=what)

    def some(self, value: str, heads: slice, axis: int = 1) -> str:
        """The part of some heads."""
        return self.op("Slice", value, self.constant([heads.start]), self.constant([heads.stop]), self.constant([axis]))

    def attention(self, layer: int, kinds: list[str], x: str) -> str:
        """The values that the layer's heads add to the residual stream, [r, d]."""
        query, key, value = (self.heads(x, layer, part, part) for part in ("query", "key", "value"))
        if any(kind.startswith("cross:") for kind in kinds):
            of_stores = self.heads(self.stores, layer, "key", "store_key"), self.heads(self.stores, layer, "value", "store_value")
        starts = [h for h in range(len(kinds)) if h == 0 or kinds[h] != kinds[h - 1]]
        results = []
        for heads in (slice(i, j) for i, j in zip(starts, [*starts[1:], len(kinds)])):
            kind, at = kinds[heads.start], f"{layer}.{heads.start}"
            if kind == "sum":
                results.append(self.sum(at, heads, self.some(value, heads)))
            elif kind == "hard_max":
                results.append(self.hard_max(at, heads, *(self.some(part, heads) for part in (query, key, value))))
            else:
                stored = [self.some(part, heads) for part in of_stores]
                store = int(kind.removeprefix("cross:"))
                results.append(self.cross(heads, self.some(query, heads), stored[0], stored[1], store))
        found = results[0] if len(results) == 1 else self.op("Concat", *results, axis=1, name="found")  # [r, h, k]
        flat = self.op("Reshape", found, self.constant([-1, len(kinds) * self.k]), name="found_flat")
        return self.linear(flat, f"layers.{layer}.attention.output", "output")

    def sum(self, at: str, heads: slice, values: str) -> str:
        sums = self.op("CumSum", values, self.constant(0), name="sums")
        if not self.teacher_forced:
            shape = [heads.stop - heads.start, self.k]
            sums = self.op("Add", sums, self.input(f"sum.{at}", self.number, shape), name="sums_so_far")
            self.output(self.op("Gather", sums, self.constant(-1)), f"new_sum.{at}", self.number, shape)
        return sums

    def hard_max(self, at: str, heads: slice, query: str, keys: str, values: str) -> str:
        past = self.constant(0)
        if not self.teacher_forced:
            shape = [heads.stop - heads.start, self.k]
            for part, new in (("keys", keys), ("values", values)):
                self.input(f"{part}.{at}", self.number, ["p", *shape])
                self.output(new, f"new_{part}.{at}", self.number, ["r", *shape])
            past = self.count(f"keys.{at}")
            keys, values = self.op("Concat", f"keys.{at}", keys, axis=0), self.op("Concat", f"values.{at}", values, axis=0)
        # A row sees the rows before it and itself.
        own = self.op("Unsqueeze", self.op("Add", self.rows, past), self.constant([1]))
        later = self.op("Less", own, self.range(self.count(keys)), name="later")
        return self.search(query, keys, values, later)

    def cross(self, heads: slice, query: str, keys: str, values: str, store: int) -> str:
        hidden = self.op("Not", self.op("Equal", self.store_of, self.constant(store)))  # [s]
        if self.teacher_forced:
            hidden = self.op("Or", self.unseen, hidden)  # [r, s]
        # A hidden row of zeros comes after all others. It loses against every visible row, so it is chosen
        # only if no row is visible: an empty store gives 0.
        nothing = self.constant(np.zeros((1, heads.stop - heads.start, self.k)), self.dtype)
        keys, values = self.op("Concat", keys, nothing, axis=0), self.op("Concat", values, nothing, axis=0)
        true = self.constant([True], np.bool_)
        if self.teacher_forced:
            true = self.op("Expand", true, self.op("Concat", self.op("Shape", "tokens"), self.constant([1]), axis=0))
        return self.search(query, keys, values, self.op("Concat", hidden, true, axis=-1, name="unseen"))

    def search(self, query: str, keys: str, values: str, hidden: str) -> str:
        """Hard-max: queries [r, g, k] search keys and values [n, g, k]. `hidden` broadcasts to [r, n]."""
        scores = self.op("MatMul", self.op("Transpose", query, perm=[1, 0, 2]), self.op("Transpose", keys, perm=[1, 2, 0]), name="scores")
        scores = self.op("Where", hidden, self.constant(-np.inf, self.dtype), scores, name="seen_scores")  # [g, r, n]
        best = self.op("ArgMax", scores, axis=2, keepdims=1, select_last_index=1, name="attended")  # [g, r, 1]
        best = self.op("Concat", *[best] * self.k, axis=2)
        found = self.op("GatherElements", self.op("Transpose", values, perm=[1, 0, 2]), best, axis=1)  # [g, r, k]
        return self.op("Transpose", found, perm=[1, 0, 2], name="of_heads")


def build(config: dict[str, Any], weights: dict[str, Array], teacher_forced: bool) -> Any:
    """One of the two graphs as an ONNX model."""
    metadata = {name: str(config.get(name, "unknown")) for name in ("written_by", "machine", "dtype", "parameters")}
    return Builder(config, weights, teacher_forced).model("trace" if teacher_forced else "step", metadata)


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
