"""Both machines in numpy: the whole forward pass and the whole hosts. This file can be read as their
specification.

A row of the sequence is a token and its positional encoding, a list of (lane, value). The network passes rows
through its layers and computes the logits of the next token. The host appends that token, and does everything
that the network does not compute: much on the byte machine, next to nothing on the full one. Every activation
is an integer that the weights' type (f32, or f64 of the full machine) holds exactly, so the order of
summation does not matter: an implementation in any language gives the same bits.

    python numpy_wasmformer.py FOLDER PROGRAM.json      # a program as `wasmformer listing FILE --json` prints
    it; none for the weights of `wasmformer specialize`
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # f32 or f64, as the weights are
Row = tuple[int, list[tuple[int, float]]]  # token, positional encoding
StoreRow = tuple[int, int, Row]  # store, index in the store, row
Next = tuple[list[StoreRow], list[Row]]  # given by the host to the network: store rows first, then rows

# Bounds of the rows of a long prompt passed at once, of their scores for one head, of products of a weight.
CHUNK, SCORES, PRODUCTS = 256, 1 << 14, 1 << 16
# The number type of each machine's weights. safetensors and torch spell it differently.
TYPES = {"byte": "F32", "full": "F64"}
SPELLINGS = {"float32": "F32", "float64": "F64"}


def read_config(folder: str | Path) -> dict[str, Any]:
    """The config of a model folder. Another machine or number type would give wrong tokens, and is
    refused."""
    config: dict[str, Any] = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    machine, dtype = config.get("machine"), str(config.get("dtype", config.get("torch_dtype")))
    if machine not in TYPES or SPELLINGS.get(dtype, dtype) != TYPES[machine]:
        raise ValueError(f"{folder}: machine {machine!r} in {dtype}; only 'byte' in F32 and 'full' in F64 run here")
    return config


def token_names(config: dict[str, Any]) -> list[str]:
    """The spelling of each token. A family of tokens has names, or a prefix before the tokens' numbers."""
    families = config["token_families"]
    return [name for f in families for name in f.get("names") or [f"{f['prefix']}{number}" for number in range(f["count"])]]


def load(folder: str | Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """The config and weights of a model folder, dense or sparse."""
    from safetensors.numpy import load_file

    config = read_config(folder)
    weights = dense(config, load_file(Path(folder) / "model.safetensors"))
    return config, of_one_type(weights, TYPES[config["machine"]])


def dense(config: dict[str, Any], tensors: dict[str, Array]) -> dict[str, Array]:
    """The weights of a file's tensors. A sparse file has three for a weight NAME: the places of the numbers
    that are not 0 in the flattened weight (`NAME.indices`), which of the distinct numbers each of them is
    (`NAME.codes`), and these (`NAME.values`)."""
    if "embedding.values" not in tensors:
        return tensors
    weights = {}
    for name, shape in config["shapes"].items():
        of = [f"{name}.{part}" for part in ("indices", "codes", "values")]
        if missing := [tensor for tensor in of if tensor not in tensors]:
            raise ValueError(f"model.safetensors has no tensor {missing[0]}")
        indices, codes, values = (tensors[tensor] for tensor in of)
        if len(indices) != len(codes):
            raise ValueError(f"{name} has {len(indices)} indices and {len(codes)} codes")
        for tensor, numbers, end in zip(of, (indices, codes), (shape[0] * shape[1], len(values))):
            if (outside := numbers[(numbers < 0) | (numbers >= end)]).size:
                raise ValueError(f"{tensor} has {outside[0]}, expected 0 to {end - 1}")
        weights[name] = np.zeros(shape, values.dtype)
        weights[name].flat[indices] = values[codes]
    return weights


def of_one_type(weights: dict[str, Array], dtype: str) -> dict[str, Array]:
    """Returns the weights unchanged. Weights of another type are refused, because they would be rounded at
    some point."""
    for name, weight in weights.items():
        if SPELLINGS.get(str(weight.dtype)) != dtype:
            raise ValueError(f"{name} is of type {weight.dtype}, expected {dtype}")
    return weights


def parts(past: int, rows: int) -> Iterator[slice]:
    """The parts in which rows are passed after `past` rows; they bound the size of the scores."""
    start = 0
    while start < rows:
        end = min(rows, start + CHUNK, start + max(1, SCORES // (past + start + CHUNK)))
        yield slice(start, end)
        start = end


class Past:
    """Keys and values, [g, n, k] each, of the rows so far, in an array with room for more."""

    keys: Array
    values: Array

    def __init__(self) -> None:
        self.n = self.size = 0

    def write(self, index: int, keys: Array, values: Array) -> None:
        """Writes rows, [g, r, k] each, from an index on: over old rows, or at the end."""
        g, r, k = keys.shape
        if (end := index + r) > self.size:
            self.size = 2 * end + 64
            room = np.zeros((2, g, self.size, k), keys.dtype)
            if self.n:
                room[:, :, : self.n] = self.keys, self.values
            self.room = room
        self.room[:, :, index:end] = keys, values
        self.n = max(self.n, end)
        self.keys, self.values = self.room[:, :, : self.n]


class Weight:
    """A weight [out, in] without its zeros, which are nearly all of it: `weight(x)` is x @ weight.T, [r, in]
    -> [r, out]. The numbers of an output are neighbours, so that `reduceat` adds up their products. Since all
    sums are of exact integers, neither skipped zeros nor another order changes a bit of them."""

    def __init__(self, weight: Array) -> None:
        outputs, self.inputs = np.nonzero(weight)
        self.size, self.numbers = len(weight), weight[outputs, self.inputs]
        self.outputs, self.starts = np.unique(outputs, return_index=True)

    def __call__(self, x: Array) -> Array:
        y = np.zeros((len(x), self.size), x.dtype)
        for start in range(0, len(x), step := 1 + PRODUCTS // (1 + len(self.numbers))):
            rows = slice(start, start + step)
            products = x[rows].take(self.inputs, axis=1) * self.numbers
            y[rows, self.outputs] = np.add.reduceat(products, self.starts, axis=1) + 0  # a zero is +0
        return y


class Network:
    """A sequence in progress: the weights and the key-value cache. Letters in shapes: r rows, n rows so far,
    d lanes, h heads of one layer, g neighbouring heads of one kind, k the width of a head."""

    def __init__(self, config: dict[str, Any], weights: dict[str, Array]) -> None:
        self.embedding, self.k = weights["embedding"], int(config["d_head"])
        of_one_type(weights, SPELLINGS.get(str(self.embedding.dtype), "F32"))
        self.weights = {name: Weight(weight) for name, weight in weights.items() if name != "embedding"}
        self.groups: list[list[tuple[str, slice]]] = []  # of each layer: the neighbouring heads of one kind, with the kind
        for kinds in config["attention"]:
            starts = [h for h in range(len(kinds)) if h == 0 or kinds[h] != kinds[h - 1]]
            self.groups.append([(kinds[i], slice(i, j)) for i, j in zip(starts, [*starts[1:], len(kinds)])])
        self.lanes: list[Array] | None = None  # if a list, each pass appends its residual streams
        self.begin()

    def begin(self) -> None:
        """Begins another sequence."""
        self.length = 0  # rows so far
        # By layer and first head of a group: rows, and of sum heads their sum so far, [g, 1, k].
        self.past: defaultdict[tuple[int, int], Past] = defaultdict(Past)
        self.sums: defaultdict[tuple[int, int], Any] = defaultdict(float)

    def embed(self, rows: Sequence[Row]) -> Array:
        """Token embedding plus positional encoding, [r, d]."""
        x: Array = self.embedding[[token for token, _ in rows]]
        for lanes, (_, positional) in zip(x, rows):
            for lane, value in positional:
                lanes[lane] += value
        return x

    def project(self, layer: int, x: Array, part: str) -> Array:
        """The `query`, `key` or `value` of all heads of a layer: [r, d] -> [h, r, k]. Head h has rows h * k
        to h * k + k - 1 of the weight."""
        return self.weights[f"layers.{layer}.attention.{part}"](x).reshape(len(x), -1, self.k).transpose(1, 0, 2)

    def write_store(self, store: int, index: int, row: Row) -> None:
        """Replaces or adds a row of an external store. Cross heads see the embedded row, not changed by any
        layer."""
        lanes = self.embed([row])
        for layer, groups in enumerate(self.groups):
            for kind, heads in groups:
                if kind == f"cross:{store}":
                    keys, values = (self.project(layer, lanes, part)[heads] for part in ("key", "value"))
                    self.past[layer, heads.start].write(index, keys, values)

    def attention(self, layer: int, x: Array) -> Array:
        """The values that the heads of a layer retrieve for each of the latest r rows, [r, h * k]."""
        r, projected = len(x), [self.project(layer, x, part) for part in ("query", "key", "value")]
        out = np.zeros((r, len(projected[0]), self.k), x.dtype)
        for kind, heads in self.groups[layer]:
            queries, keys, values = (of_all[heads] for of_all in projected)  # each [g, r, k]
            at = layer, heads.start
            if kind == "sum":  # the running sum of all value rows; only its last row is kept
                sums = self.sums[at] + values.cumsum(axis=1, dtype=x.dtype)
                self.sums[at] = sums[:, -1:]
                out[:, heads] = sums.transpose(1, 0, 2)
                continue
            past = self.past[at]
            if kind == "hard_max":
                past.write(past.n, keys, values)
            if past.n == 0:  # an empty store gives 0
                continue
            scores = queries @ past.keys.transpose(0, 2, 1)  # [g, r, n], not divided by a root
            if kind == "hard_max" and r > 1:  # a row sees the rows before it and itself
                scores[:, np.arange(past.n) > np.arange(past.n - r, past.n)[:, None]] = -np.inf
            best = self.highest(scores)
            out[:, heads] = past.values[np.arange(len(best)), best.T]
        return out.reshape(r, -1)

    def highest(self, scores: Array) -> NDArray[np.int64]:
        """The row with the highest score, and of rows with equal scores the latest: [g, r, n] -> [g, r]."""
        found: NDArray[np.int64] = scores.shape[2] - 1 - scores[..., ::-1].argmax(axis=2)
        return found

    def forward(self, rows: Sequence[Row]) -> Array:
        """Passes rows through all layers: attention, then the feed-forward network, each added to the
        residual stream. Returns the residual streams after the last layer, [r, d]."""
        x = self.embed(rows)
        self.length += len(rows)
        self.show(x)
        for layer, groups in enumerate(self.groups):
            if groups:
                x = x + self.weights[f"layers.{layer}.attention.output"](self.attention(layer, x))
            self.show(x)
            gate, value, down = (self.weights[f"layers.{layer}.ffn.{part}"] for part in ("gate", "value", "down"))
            x = x + down(np.maximum(gate(x), 0) * value(x))
            self.show(x)
        return x

    def show(self, x: Array) -> None:
        """Appends the last row's lanes to `lanes`, if they are wanted."""
        if self.lanes is not None:
            self.lanes.append(x[-1].copy())

    def logits(self, stores: Iterable[StoreRow], rows: Sequence[Row]) -> Array:
        """Passes the rows that a host gives; returns the logits of the last row, [vocab_size]. The next token
        is their arg-max, and of tokens with equal logits the lowest."""
        for store in stores:
            self.write_store(*store)
        for part in parts(self.length, len(rows)):
            if self.lanes is not None:
                self.lanes.clear()
            x = self.forward(rows[part])
        logits: Array = self.weights["unembedding"](x[-1:])[0]
        return logits


# The byte machine's opcodes, special tokens, and limits of its profile.
OPCODES = {
    **{"loop": 0x03, "end_loop": 0x0B, "br_if": 0x0D, "halt": 0x0F, "local.get": 0x20, "local.set": 0x21, "local.tee": 0x22},
    **{"i32.load": 0x28, "i32.store": 0x36, "i32.const": 0x41, "i32.eq": 0x46, "i32.ne": 0x47, "i32.lt_s": 0x48, "i32.gt_s": 0x4A},
    **{"i32.le_s": 0x4C, "i32.ge_s": 0x4E, "i32.add": 0x6A, "i32.sub": 0x6B, "i32.mul": 0x6C, "i32.and": 0x71, "i32.or": 0x72},
    **{"fd_open": 0xF0, "fd_read": 0xF1, "fd_write": 0xF2, "fd_close": 0xF3, "output": 0xF8},
}
LOOP, END_LOOP, BR_IF, OUTPUT = (OPCODES[name] for name in ("loop", "end_loop", "br_if", "output"))
FD_OPEN, FD_READ, FD_WRITE, FD_CLOSE = (OPCODES[f"fd_{name}"] for name in ("open", "read", "write", "close"))
START, HALT, TRAP, PAD = 256, 257, 258, 259
FILES, CAPACITY, ITERATIONS = 4, 32, 256


class ByteHost:
    """Everything that the byte machine's network does not compute. The host never reads a lane, and keeps no
    stack, locals or memory."""

    def __init__(self, listing: Sequence[Sequence[int]], files: Sequence[Sequence[int]], config: dict[str, Any]) -> None:
        self.listing = [(op, arg) for op, arg in listing]
        self.specialized = config.get("specialized")
        self.files = [list(file) for file in files]
        self.refuse()
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
            elif op == END_LOOP and open_loops:
                open_loops.pop()
            elif op == END_LOOP or (op == BR_IF and arg >= len(open_loops)):
                raise ValueError(f"instruction {pc} branches out of no loop, or ends none")
            elif op == BR_IF:
                self.targets[pc] = open_loops[-1 - arg]
        self.enter(0, False)
        if self.end:
            raise ValueError("the program has no step")

    def refuse(self) -> None:
        """Refuses what is no listing or no files: the run of it would mean nothing."""
        for pc, (op, arg) in enumerate(self.listing):
            if op not in OPCODES.values() or arg not in range(256):
                raise ValueError(f"instruction {pc} is {(op, arg)}: no opcode of the byte machine, or no byte")
        if not self.listing:
            raise ValueError("the listing is empty")
        if len(self.files) != FILES or any(len(file) > CAPACITY or set(file) - set(range(256)) for file in self.files):
            raise ValueError(f"expected {FILES} files of at most {CAPACITY} bytes")

    def enter(self, pc: int, exhausted: bool) -> None:
        """Continues at pc, past loop markers. A loop marker on the way enters its loop anew. Finds out
        whether the next step traps."""
        while pc < len(self.listing) and self.listing[pc][0] in (LOOP, END_LOOP):
            if self.listing[pc][0] == LOOP:
                self.iterations[pc] = 1
            pc += 1
        if pc == len(self.listing):
            self.end = "lost"
            return
        self.pc, op = pc, self.listing[pc][0]
        cursor = self.cursors[self.listing[pc - 1][1]] if op in (FD_READ, FD_WRITE) else 0
        self.fault = exhausted or cursor is None or (op == FD_WRITE and cursor == CAPACITY)

    def row(self, token: int, encoding: dict[str, int]) -> Row:
        return token, [(self.lane[name], float(value)) for name, value in {**encoding, "one": 1}.items() if value]

    def step(self) -> dict[str, int]:
        """The encodings of the row that executes the step at pc. A closed descriptor shows the last
        offset."""
        offsets = {f"offset_{file}": CAPACITY if cursor is None else cursor for file, cursor in enumerate(self.cursors)}
        return {"pc": self.pc, "previous_pc": self.previous_pc, "fault": int(self.fault), **offsets}

    def file_row(self, file: int, offset: int) -> StoreRow:
        byte = self.files[file][offset] if offset < len(self.files[file]) else 0
        return file, offset, self.row(byte, {"index": offset, "index_squared": offset * offset})

    def begin(self) -> Next:
        """The files' rows, and the prompt: the start token ("instruction -1"), then two tokens per
        instruction. The prompt's last row already executes the first step. Where the weights hold the
        program, the prompt is the start token alone."""
        files = [self.file_row(file, offset) for file in range(FILES) for offset in range(CAPACITY + 1)]
        if self.specialized:
            held = [(store, index, self.row(row, {})) for store, index, (row, _) in held_rows(self.specialized)]
            return files + held, [self.row(START, self.step())]
        prompt = [(START, -1, {"is_opcode": 1, "is_operand": 1})]
        for pc, (op, arg) in enumerate(self.listing):
            prompt += [(op, pc, {"is_opcode": 1}), (arg, pc, {"is_operand": 1})]
        idle = {"pc": -1, "previous_pc": -1}
        rows = [self.row(token, {"index": i, "index_squared": i * i, **marks, **idle}) for token, i, marks in prompt[:-1]]
        token, i, marks = prompt[-1]
        rows.append(self.row(token, {"index": i, "index_squared": i * i, **marks, **self.step()}))
        return files, rows

    def accept(self, token: int) -> Next | None:
        """Takes the token of the step at pc. Returns None at the end of the run; `end` then says how the run
        ended."""
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
        if self.end:  # wrong weights can lead past the last instruction
            return None
        return written, [self.row(token, self.step())]


class FullHost:
    """Everything that the full machine's network does not compute: the host appends every token, and a byte
    of input where the network asks for one. What the tokens write is kept for the reader."""

    def __init__(self, tokens: Sequence[int], data: Sequence[int], names: Sequence[str], held: Sequence[StoreRow] = ()) -> None:
        self.prompt, self.input, self.names, self.held = list(tokens), list(data), names, list(held)
        if not self.prompt or not set(self.prompt) <= set(range(len(names))):
            raise ValueError("the prompt is empty, or holds what is no token")
        self.outputs: list[int] = []
        self.errors: list[int] = []
        self.end: str | None = None

    def begin(self) -> Next:
        return self.held, [(token, []) for token in self.prompt]

    def accept(self, token: int) -> Next | None:
        """Takes a token of the network. Returns None at the end of the run; `end` then says how the run
        ended."""
        rows: list[Row] = [(token, [])]
        kind, _, number = self.names[token].partition(":")
        if kind in ("halt", "refused", "trap", "exit"):
            self.end = self.names[token]
            return None
        if kind in ("out", "err"):
            (self.outputs if kind == "out" else self.errors).append(int(number))
        if kind in ("ask", "poll"):  # X0:255 is -1; for a poll that would have to wait, X0:254 is -2
            answer = f"V0:{self.input.pop(0)}" if self.input else "X0:255"
            rows.append((self.names.index(answer), []))
        if kind == "receive":
            raise ValueError("the program asks the system for the time, random bytes or files: this host has none")
        return [], rows


Host = ByteHost | FullHost


def held_rows(specialized: dict[str, Any]) -> list[StoreRow]:
    """What fills the stores of weights that hold a program: rows of the embedding that no token has."""
    return [(held["store"], index, (held["first"] + index, [])) for held in specialized["stores"] for index in range(held["count"])]


def of_weights(program: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The program that weights hold, with the files or the input of `program`, which must be that program if
    it is one."""
    specialized = config["specialized"]
    tokens = program.get("tokens", [START, *sum(map(list, program["listing"]), [])] if "listing" in program else None)
    if tokens is not None and hashlib.sha256(np.array(tokens, "<u8").tobytes()).hexdigest() != specialized["digest"]:
        raise ValueError(f"these weights are specialised to another program or invocation: they hold {specialized['program']}")
    return {"files": [[]] * FILES, **program, **(specialized.get("host") or {})}


def host_of(program: dict[str, Any], config: dict[str, Any]) -> Host:
    """A host that runs a program, as `wasmformer listing FILE --json` prints it, on the machine of a config.
    Where the weights hold the program, `program` has only to have the files, or the input."""
    if "specialized" in config:
        program = of_weights(program, config)
        if config["machine"] == "full":
            held = held_rows(config["specialized"])
            return FullHost(config["specialized"]["prompt"], program.get("input", []), token_names(config), held)
    if config["machine"] == "byte" and "listing" in program:
        return ByteHost(program["listing"], program["files"], config)
    if config["machine"] == "full" and "tokens" in program:
        return FullHost(program["tokens"], program.get("input", []), token_names(config))
    raise ValueError(f"the program is not for the {config['machine']} machine: `wasmformer listing --machine {config['machine']} --json`")


def run(network: Network, host: Host, limit: int | None = None) -> Iterator[int]:
    """Runs a program, for `limit` tokens at most. Yields the tokens that the network emits."""
    following: Next | None = host.begin()
    count = 0
    while following and (limit is None or count < limit):
        token = int(np.argmax(network.logits(*following)))
        following, count = host.accept(token), count + 1
        yield token


if __name__ == "__main__":
    try:
        model = load(sys.argv[1])
        given = sys.argv[2:] if "specialized" in model[0] else [sys.argv[2]]
        program = json.loads(Path(given[0]).read_text(encoding="utf-8")) if given else {}
        host, names = host_of(program, model[0]), token_names(model[0])
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    for token in run(Network(*model), host):
        print(names[token])
    print(host.end, "outputs", *host.outputs)
