"""The byte machine in numpy: the whole forward pass and the whole host. This file can be read as their specification.

A row of the sequence is a token and its positional encoding, a list of (lane, value). The network passes rows through
its layers and computes the logits of the next token. The host appends that token, and does everything that the network
does not compute. Every activation is an integer that f32 holds exactly, so the order of summation does not matter: an
implementation in any language gives the same bits.

    python numpy_wasmformer.py FOLDER PROGRAM.json      # a program as `wasmformer listing FILE` prints it
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Row = tuple[int, list[tuple[int, float]]]  # token, positional encoding
StoreRow = tuple[int, int, Row]  # store, index in the store, row
Next = tuple[list[StoreRow], list[Row]]  # given by the host to the network: store rows first, then rows

# The number of rows of a long prompt passed at once, which bounds the size of the score matrices.
CHUNK = 256


def load(folder: str | Path) -> tuple[dict[str, Any], dict[str, F32]]:
    """The config and weights of a model folder. Another machine or number type would give wrong tokens, and is
    refused."""
    from safetensors.numpy import load_file

    config = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    machine, dtype = config.get("machine"), config.get("dtype", config.get("torch_dtype"))
    if (machine, dtype) not in (("byte", "F32"), ("byte", "float32")):  # F32 in safetensors, float32 in torch
        raise ValueError(f"{folder}: machine {machine!r} in {dtype}; only 'byte' in F32 runs here, any by `wasmformer run --weights`")
    return config, of_f32(load_file(Path(folder) / "model.safetensors"))


def of_f32(weights: dict[str, F32]) -> dict[str, F32]:
    """Returns the weights unchanged. Weights of another type are refused, because they would be rounded at some
    point."""
    for name, weight in weights.items():
        if weight.dtype != np.float32:
            raise ValueError(f"{name} is of type {weight.dtype}, expected float32")
    return weights


class Network:
    """A sequence in progress: the weights and the key-value cache. Letters in shapes: r rows, n rows so far, d lanes, h
    heads of one layer, g neighbouring heads of one kind, k the width of a head."""

    def __init__(self, config: dict[str, Any], weights: dict[str, F32]) -> None:
        self.config, self.weights, self.k = config, of_f32(weights), int(config["d_head"])
        # The projections of one input are joined and transposed, so that they are one product.
        self.qkv: list[F32] = []
        self.gate_value: list[F32] = []
        self.groups: list[list[tuple[str, slice]]] = []
        for layer, kinds in enumerate(config["attention"]):
            parts = [weights[f"layers.{layer}.attention.{part}"] for part in ("query", "key", "value")] if kinds else []
            self.qkv.append(np.concatenate(parts).T.copy() if kinds else np.zeros((config["d_model"], 0), np.float32))
            self.gate_value.append(np.concatenate([weights[f"layers.{layer}.ffn.{part}"] for part in ("gate", "value")]).T.copy())
            # The groups of neighbouring heads of one kind, each with the kind.
            starts = [h for h in range(len(kinds)) if h == 0 or kinds[h] != kinds[h - 1]]
            self.groups.append([(kinds[i], slice(i, j)) for i, j in zip(starts, [*starts[1:], len(kinds)])])
        groups = [(layer, heads.start, heads.stop) for layer, groups in enumerate(self.groups) for _, heads in groups]
        self.keys = {(layer, i): np.zeros((j - i, self.k, 0), np.float32) for layer, i, j in groups}  # [g, k, n]
        self.values = {(layer, i): np.zeros((j - i, 0, self.k), np.float32) for layer, i, j in groups}  # [g, n, k]
        self.lanes: list[F32] | None = None  # if a list, each pass appends its residual streams

    def embed(self, rows: Sequence[Row]) -> F32:
        """Token embedding plus positional encoding, [r, d]."""
        x = self.weights["embedding"][[token for token, _ in rows]]
        for lanes, (_, positional) in zip(x, rows):
            for lane, value in positional:
                lanes[lane] += value
        return x

    def project(self, layer: int, x: F32) -> F32:
        """Queries, keys and values of all heads of a layer: [r, d] -> [3, h, r, k]."""
        return (x @ self.qkv[layer]).reshape(len(x), 3, -1, self.k).transpose(1, 2, 0, 3)

    def write_store(self, store: int, index: int, row: Row) -> None:
        """Replaces or adds a row of an external store. Cross heads see the embedded row, not changed by any layer."""
        lanes = self.embed([row])
        for layer, groups in enumerate(self.groups):
            for kind, heads in groups:
                if kind == f"cross:{store}":
                    _, keys, values = self.project(layer, lanes)[:, heads]
                    at = layer, heads.start
                    old_k, old_v = self.keys[at], self.values[at]
                    self.keys[at] = np.concatenate([old_k[:, :, :index], keys.transpose(0, 2, 1), old_k[:, :, index + 1 :]], axis=2)
                    self.values[at] = np.concatenate([old_v[:, :index], values, old_v[:, index + 1 :]], axis=1)

    def attention(self, layer: int, x: F32) -> F32:
        """The values that the heads of a layer retrieve for each of the latest r rows, [r, h * k]."""
        r, projected = len(x), self.project(layer, x)
        out = np.zeros((r, projected.shape[1], self.k), np.float32)
        for kind, heads in self.groups[layer]:
            queries, keys, values = projected[:, heads]  # each [g, r, k]
            at = layer, heads.start
            if kind == "sum":  # the running sum of all value rows; the cache holds its last row
                sums = np.concatenate([self.values[at], values], axis=1).cumsum(axis=1, dtype=np.float32)
                self.values[at] = sums[:, -1:]
                out[:, heads] = sums[:, -r:].transpose(1, 0, 2)
                continue
            if kind == "hard_max":
                self.keys[at] = np.concatenate([self.keys[at], keys.transpose(0, 2, 1)], axis=2)
                self.values[at] = np.concatenate([self.values[at], values], axis=1)
            g, n, _ = self.values[at].shape
            if n == 0:  # an empty store gives 0
                continue
            scores = queries @ self.keys[at]  # [g, r, n]
            if kind == "hard_max" and r > 1:  # a row sees the rows before it and itself
                scores[:, np.arange(n) > np.arange(n - r, n)[:, None]] = -np.inf
            best = n - 1 - scores[..., ::-1].argmax(axis=2)  # the latest of equal scores
            out[:, heads] = self.values[at][np.arange(g), best.T]
        return out.reshape(r, -1)

    def forward(self, rows: Sequence[Row]) -> F32:
        """Passes rows through all layers. Returns their residual streams after the last layer, [r, d]."""
        x = self.embed(rows)
        self.show(x)
        for layer, groups in enumerate(self.groups):
            if groups:
                x = x + self.attention(layer, x) @ self.weights[f"layers.{layer}.attention.output"].T
            self.show(x)
            gate, value = (x @ self.gate_value[layer]).reshape(len(x), 2, -1).transpose(1, 0, 2)
            x = x + (np.maximum(gate, 0) * value) @ self.weights[f"layers.{layer}.ffn.down"].T
            self.show(x)
        return x

    def show(self, x: F32) -> None:
        """Appends the last row's lanes to `lanes`, if they are wanted."""
        if self.lanes is not None:
            self.lanes.append(x[-1].copy())

    def logits(self, stores: Sequence[StoreRow], rows: Sequence[Row]) -> F32:
        """Passes the rows that a host gives; returns the logits of the last row, [vocab_size]. The next token is their
        arg-max, and of tokens with equal logits the lowest."""
        for store in stores:
            self.write_store(*store)
        for start in range(0, len(rows), CHUNK):
            if self.lanes is not None:
                self.lanes.clear()
            x = self.forward(rows[start : start + CHUNK])
        logits: F32 = self.weights["unembedding"] @ x[-1]
        return logits


# The opcode bytes that the host needs, the special tokens, and the limits of the profile.
LOOP, END_LOOP, BR_IF, OUTPUT, FD_OPEN, FD_READ, FD_WRITE, FD_CLOSE = 0x03, 0x0B, 0x0D, 0xF8, 0xF0, 0xF1, 0xF2, 0xF3
START, HALT, TRAP = 256, 257, 258
FILES, CAPACITY, ITERATIONS = 4, 32, 256


class Host:
    """Everything that the network does not compute. The host never reads a lane, and keeps no stack, locals or
    memory."""

    def __init__(self, listing: Sequence[Sequence[int]], files: Sequence[Sequence[int]], config: dict[str, Any]) -> None:
        self.listing = [(op, arg) for op, arg in listing]
        self.files = [list(file) for file in files]
        self.lane = {name: index for index, name in enumerate(config["lanes"])}
        self.cursors: list[int | None] = [None] * FILES
        self.iterations = [0] * len(self.listing)
        self.outputs: list[int] = []
        self.previous_pc = -1
        self.end: str | None = None
        self.targets: dict[int, int] = {}  # the pc of the loop marker of each br_if
        open_loops: list[int] = []
        for pc, (op, arg) in enumerate(self.listing):
            if op == LOOP:
                open_loops.append(pc)
            elif op == END_LOOP:
                open_loops.pop()
            elif op == BR_IF:
                self.targets[pc] = open_loops[-1 - arg]
        self.enter(0, False)

    def enter(self, pc: int, exhausted: bool) -> None:
        """Continues at pc, past loop markers. A loop marker on the way enters its loop anew. Finds out whether the next
        step traps."""
        while self.listing[pc][0] in (LOOP, END_LOOP):
            if self.listing[pc][0] == LOOP:
                self.iterations[pc] = 1
            pc += 1
        self.pc, op = pc, self.listing[pc][0]
        cursor = self.cursors[self.listing[pc - 1][1]] if op in (FD_READ, FD_WRITE) else 0
        self.fault = exhausted or cursor is None or (op == FD_WRITE and cursor == CAPACITY)

    def row(self, token: int, encoding: dict[str, int]) -> Row:
        return token, [(self.lane[name], float(value)) for name, value in {**encoding, "one": 1}.items() if value]

    def step(self) -> dict[str, int]:
        """The encodings of the row that executes the step at pc. A closed descriptor shows the last offset."""
        offsets = {f"offset_{file}": CAPACITY if cursor is None else cursor for file, cursor in enumerate(self.cursors)}
        return {"pc": self.pc, "previous_pc": self.previous_pc, "fault": int(self.fault), **offsets}

    def file_row(self, file: int, offset: int) -> StoreRow:
        byte = self.files[file][offset] if offset < len(self.files[file]) else 0
        return file, offset, self.row(byte, {"index": offset, "index_squared": offset * offset})

    def begin(self) -> Next:
        """The files' rows, and the prompt: the start token ("instruction -1"), then two tokens per instruction. The
        prompt's last row already executes the first step."""
        prompt = [(START, -1, {"is_opcode": 1, "is_operand": 1})]
        for pc, (op, arg) in enumerate(self.listing):
            prompt += [(op, pc, {"is_opcode": 1}), (arg, pc, {"is_operand": 1})]
        idle = {"pc": -1, "previous_pc": -1}
        rows = [self.row(token, {"index": i, "index_squared": i * i, **marks, **idle}) for token, i, marks in prompt[:-1]]
        token, i, marks = prompt[-1]
        rows.append(self.row(token, {"index": i, "index_squared": i * i, **marks, **self.step()}))
        return [self.file_row(file, offset) for file in range(FILES) for offset in range(CAPACITY + 1)], rows

    def accept(self, token: int) -> Next | None:
        """Takes the token of the step at pc. Returns None at the end of the run; `end` then says how the run ended."""
        if token >= 256 or self.fault:
            self.end = "trap" if (token, self.fault) == (TRAP, True) else "halt" if (token, self.fault) == (HALT, False) else "lost"
            return None
        pc, exhausted = self.pc, False
        written: list[StoreRow] = []
        op, after = self.listing[pc][0], pc + 1
        file = self.listing[pc - 1][1]  # the descriptor, if op takes one
        if op == OUTPUT:
            self.outputs.append(token)
        elif op == BR_IF and token:
            loop = self.targets[pc]
            self.iterations[loop] += 1
            after, exhausted = loop + 1, self.iterations[loop] > ITERATIONS
        elif op in (FD_OPEN, FD_CLOSE):
            self.cursors[file] = 0 if op == FD_OPEN else None
        elif op in (FD_READ, FD_WRITE):
            cursor = self.cursors[file]
            assert cursor is not None  # otherwise the step would have been a fault
            if op == FD_WRITE:
                self.files[file][cursor : cursor + 1] = [token]
                written = [self.file_row(file, cursor)]
            self.cursors[file] = min(cursor + 1, len(self.files[file]))
        self.previous_pc = pc
        self.enter(after, exhausted)
        return written, [self.row(token, self.step())]


def run(network: Network, host: Host) -> Iterator[tuple[int, int]]:
    """Runs a program. Yields its trace: pc and token of each step."""
    following: Next | None = host.begin()
    while following:
        token = int(np.argmax(network.logits(*following)))
        yield host.pc, token
        following = host.accept(token)


if __name__ == "__main__":
    try:
        model, program = load(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
        if "listing" not in program:
            raise ValueError(f"{sys.argv[2]}: holds no listing of the byte machine")
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    host = Host(program["listing"], program["files"], model[0])
    for pc, token in run(Network(*model), host):
        print(pc, token)
    print(host.end, "outputs", *host.outputs)
