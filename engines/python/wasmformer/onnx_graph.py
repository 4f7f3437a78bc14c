"""The network as ONNX graphs: what they hold, and how they are built.

Both graphs have opset 17 and use the operators Add, And, ArgMax, Concat, CumSum, Equal, Expand, Gather,
GatherElements, Gemm, GreaterOrEqual, Identity, Less, MatMul, Mul, Not, Or, Range, Relu, Reshape, Shape,
Slice, Squeeze, Transpose, Unsqueeze and Where. `ArgMax` with `select_last_index=1` implements the rule that
ties go to the latest row. The numbers are of the weights' type. Each weight is an initializer with the name
that it has in `model.safetensors`. The embedding has its shape there; of any other weight NAME, [out, in],
the columns that are 0, most of them, are left out, and the initializer `NAME.inputs` lists the others. Nodes
are named by the part that they belong to (`layers.3.attention/scores`). Letters in shapes: r rows, p past
rows, s store rows, d lanes, h heads of a layer, g neighbouring heads of one kind, k the width of a head. A
past's name says its layer and first head.

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

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .numpy_wasmformer import Array

OPSET = 17
# The version of the file format with which opset 17 was published; older run-times can read it too.
IR_VERSION = 8


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
        """The product with a weight, [out, in], of the inputs that it reads."""
        inputs = np.flatnonzero(self.weights[name].any(axis=0))
        inputs = inputs if len(inputs) else np.zeros(1, np.int64)  # a product has an input, if only to give 0
        read = self.op("Gather", x, self.weight(f"{name}.inputs", inputs), axis=1, name=f"{value}_inputs")
        narrow = np.ascontiguousarray(self.weights[name][:, inputs])
        return self.op("Gemm", read, self.weight(name, narrow), transB=1, name=value)

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
        best = self.op("Concat", *[self.op("Transpose", best, perm=[1, 0, 2])] * self.k, axis=2)  # [r, g, k]
        return self.op("GatherElements", values, best, axis=0, name="of_heads")


def build(config: dict[str, Any], weights: dict[str, Array], teacher_forced: bool) -> Any:
    """One of the two graphs as an ONNX model."""
    metadata = {name: str(config.get(name, "unknown")) for name in ("written_by", "machine", "dtype", "parameters")}
    return Builder(config, weights, teacher_forced).model("trace" if teacher_forced else "step", metadata)
