"""A model and the runs of programs on it, as numpy arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import command, numpy_wasmformer
from .command import Program
from .numpy_wasmformer import Array, ByteHost, Network, host_of, token_names


def sparse_tensors(weights: dict[str, Array]) -> dict[str, Array]:
    """The tensors of a sparse file with these weights."""
    tensors: dict[str, Array] = {}
    for name, weight in weights.items():
        indices = np.flatnonzero(weight)
        values, codes = np.unique(weight.ravel()[indices], return_inverse=True)
        if len(values) > 1 << 16:
            raise ValueError(f"{name} has {len(values)} distinct numbers, too many for the sparse form")
        tensors |= {f"{name}.indices": indices.astype(np.int32), f"{name}.codes": codes.astype(np.uint16), f"{name}.values": values}
    return tensors


@dataclass
class Trace:
    """What a run was. `tokens` [n] are those that the network emitted; `pcs` [n] are the steps' pcs on the
    byte machine, where each token is a step, and None on the full one. `end` is None if the run was cut short
    by its limit."""

    tokens: NDArray[np.int64]
    pcs: NDArray[np.int64] | None
    outputs: bytes
    errors: bytes
    end: str | None
    names: list[str]

    def text(self) -> str:
        """The tokens' names, with blanks between them."""
        return " ".join(self.names[token] for token in self.tokens)


class Model:
    """The weights of a folder, and runs on them by the numpy engine."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.config, self.weights = numpy_wasmformer.load(folder)

    @property
    def machine(self) -> str:
        """`byte` or `full`."""
        machine: str = self.config["machine"]
        return machine

    @property
    def labels(self) -> dict[str, Any]:
        """What each token, lane, head and neuron is, as the compiler says it: `labels.json` of the folder."""
        labels: dict[str, Any] = json.loads((self.folder / "labels.json").read_text(encoding="utf-8"))
        return labels

    def run(self, program: Program | dict[str, Any] | None = None, input_bytes: bytes | None = None, limit: int | None = None) -> Trace:
        """Runs a program (a file, a module, or what `listing` returned) for `limit` tokens at most. Weights
        that hold a program run without one."""
        if program is None and "specialized" not in self.config:
            raise ValueError("these weights hold no program: one must be given")
        listed = {} if program is None else program if isinstance(program, dict) else command.listing(program, self.machine)
        if input_bytes is not None:
            listed = {**listed, "input": list(input_bytes)}
        host = host_of(listed, self.config)
        tokens, pcs = [], []
        emitted = numpy_wasmformer.run(Network(self.config, self.weights), host, limit)
        pc = host.pc if isinstance(host, ByteHost) else -1
        for token in emitted:
            tokens.append(token)
            pcs.append(pc)
            pc = host.pc if isinstance(host, ByteHost) else -1
        has_pcs = isinstance(host, ByteHost)
        names = token_names(self.config)
        errors = b"" if isinstance(host, ByteHost) else bytes(host.errors)
        array = np.array(tokens, np.int64)
        return Trace(array, np.array(pcs, np.int64) if has_pcs else None, bytes(host.outputs), errors, host.end, names)

    def save(self, folder: str | Path, sparse: bool = False) -> None:
        """Writes the model to a folder, dense or sparse, with all other files of its own folder."""
        from safetensors.numpy import save_file

        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for file in self.folder.iterdir():
            if file.is_file() and file.name != "model.safetensors":
                (folder / file.name).write_bytes(file.read_bytes())
        tensors: dict[str, Array] = sparse_tensors(self.weights) if sparse else self.weights
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def load(folder: str | Path) -> Model:
    """The model of a folder that `wasmformer export` wrote, dense or sparse."""
    return Model(folder)


def compile(machine: str = "byte") -> Model:
    """The model of the machine `byte` or `full`, compiled by the command and kept in the user's cache."""
    return Model(command.export(machine))


def run(program: Program, model: Model | None = None, input_bytes: bytes | None = None, limit: int | None = None) -> Trace:
    """Runs a program on a model, or on the smallest machine that has it."""
    listed = command.listing(program, model.machine if model else None)
    model = model or compile("byte" if "listing" in listed else "full")
    return model.run(listed, input_bytes, limit)
