"""Runs a model under the engine protocol of engines/README.md.

    python -m wasmformer.engine numpy|torch|onnx [--check-host]

With `--check-host` the host of numpy_wasmformer.py runs beside the harness's host, and every row of the
harness must be the row that this host would give. """

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

# One thread, because the products are too small for several threads. The libraries read these variables when
# they are imported.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

PROTOCOL = 1

# Takes store rows, rows, and whether lanes are wanted; returns logits [vocab_size] and lanes [1 + 2 * layers,
# d_model].
Step = Callable[[Sequence[Any], Sequence[Any], bool], "tuple[Any, Any]"]


class Engine:
    """A way to run a model. `load` takes a folder, and returns the config and a function that returns a
    `Step` for each new sequence."""

    lanes = True

    def load(self, folder: str) -> tuple[dict[str, Any], Callable[[], Step]]:
        raise NotImplementedError


class Numpy(Engine):
    def load(self, folder: str) -> tuple[dict[str, Any], Callable[[], Step]]:
        from . import numpy_wasmformer

        config, weights = numpy_wasmformer.load(folder)
        network = numpy_wasmformer.Network(config, weights)

        def begin() -> Step:
            network.begin()

            def step(stores: Sequence[Any], rows: Sequence[Any], lanes: bool) -> tuple[Any, Any]:
                network.lanes = [] if lanes else None
                return network.logits(stores, rows), network.lanes

            return step

        return config, begin


class Torch(Engine):
    def load(self, folder: str) -> tuple[dict[str, Any], Callable[[], Step]]:
        import torch

        from . import torch_wasmformer

        torch.set_num_threads(1)
        config, network = torch_wasmformer.load(folder)
        points = [network.hook_embed]
        for layer in network.layers:
            points += [layer.hook_resid_mid, layer.hook_resid_post]
        shown: list[Any] = []

        def show(_module: Any, _inputs: Any, x: Any) -> None:
            shown.append(x[0, -1])

        def begin() -> Step:
            cache = torch_wasmformer.Cache()

            def step(stores: Sequence[Any], rows: Sequence[Any], lanes: bool) -> tuple[Any, Any]:
                shown.clear()
                handles = [point.register_forward_hook(show) for point in points] if lanes else []
                logits = network.logits(stores, rows, cache)
                for handle in handles:
                    handle.remove()
                return logits, shown[-len(points) :]

            return step

        return config, begin


class Onnx(Engine):
    lanes = False

    def load(self, folder: str) -> tuple[dict[str, Any], Callable[[], Step]]:
        from . import onnx_wasmformer

        config, begin = onnx_wasmformer.load(folder)

        def wrap() -> Step:
            decoder = begin()
            return lambda stores, rows, lanes: (decoder.logits(stores, rows), None)

        return config, wrap


ENGINES: dict[str, type[Engine]] = {"numpy": Numpy, "torch": Torch, "onnx": Onnx}


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def digest(logits: Any) -> list[int]:
    """The digest of logits, as the protocol's page defines it."""
    import numpy as np

    words = np.asarray(logits, "<f8").view("<u4")
    places = np.arange(1, len(words) + 1, dtype=np.uint32)

    def half(factor: int) -> int:
        h = words ^ places * np.uint32(factor)
        h = (h ^ h >> 16) * np.uint32(0x85EBCA6B)
        h = (h ^ h >> 13) * np.uint32(0xC2B2AE35)
        return int((h ^ h >> 16).sum(dtype=np.uint32))

    return [half(0x9E3779B9), half(0x7FEB352D)]


def parse_rows(message: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The store rows and rows of a `begin` or `next` message."""
    stores = [(row["store"], row["index"], (row["token"], row["positional"])) for row in message["stores"]]
    return stores, [(row["token"], row["positional"]) for row in message["rows"]]


def same(mine: Any, theirs: Any) -> bool:
    """Whether two hosts give the same rows; the order of a row's encodings does not matter."""

    def plain(row: Any) -> Any:
        return row[0], sorted((lane, float(value)) for lane, value in row[1])

    (my_stores, my_rows), (stores, rows) = mine, theirs
    return [plain(r) for r in my_rows] == [plain(r) for r in rows] and [(s, i, plain(r)) for s, i, r in my_stores] == [
        (s, i, plain(r)) for s, i, r in stores
    ]


def serve(name: str, check_host: bool) -> None:
    """Answers messages until standard input ends."""
    import numpy as np

    from .numpy_wasmformer import Host, host_of

    engine = ENGINES[name]()
    say({"type": "hello", "protocol": PROTOCOL, "engine": name, "logits": True, "digest": True, "lanes": engine.lanes})
    host: Host | None = None
    mine: Any = None
    wanted: list[str] = []
    for line in sys.stdin:
        message = json.loads(line)
        kind = message["type"]
        if kind == "load":
            try:
                config, new_sequence = engine.load(message["folder"])
            except (OSError, ValueError) as error:
                say({"type": "error", "reason": str(error)})
                return
            say({"type": "loaded"})
            continue
        if kind == "end":
            continue
        if kind == "begin":
            step, wanted = new_sequence(), message["want"]
            if check_host:
                host = host_of(message["program"], config)
                mine = host.begin()
        given = parse_rows(message)
        if mine is not None and config["machine"] == "full" and kind == "next":
            mine[1][1:] = given[1][1:][: len(mine[1]) - 1]  # the input is not in the message: what was answered is believed
        if check_host and (mine is None or not same(mine, given)):
            say({"type": "error", "reason": f"this host would have given {mine}, not {given}"[:1000]})
            return
        logits, lanes = step(*given, "lanes" in wanted)
        logits = np.asarray(logits.cpu() if hasattr(logits, "cpu") else logits) + 0.0  # a zero is +0
        if not np.isfinite(logits).all():  # JSON has no such numbers
            wrong = int(np.flatnonzero(~np.isfinite(logits))[0])
            say({"type": "error", "reason": f"the logit of token {wrong} is {logits[wrong]}"})
            return
        # Of tokens with equal logits the lowest: numpy's arg-max takes the first.
        answer: dict[str, Any] = {"type": "token", "token": int(logits.argmax())}
        if "logits" in wanted:
            answer["logits"] = logits.tolist()
        if "digest" in wanted:
            answer["digest"] = digest(logits)
        if "lanes" in wanted:
            answer["lanes"] = [row.tolist() for row in lanes]
        say(answer)
        if host is not None:
            mine = host.accept(answer["token"])


def main(arguments: Sequence[str]) -> int:
    names = [argument for argument in arguments if argument != "--check-host"]
    if len(names) != 1 or names[0] not in ENGINES:
        print(f"usage: python -m wasmformer.engine {'|'.join(ENGINES)} [--check-host]", file=sys.stderr)
        return 2
    try:
        serve(names[0], "--check-host" in arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has closed the pipe
    return 0


def console() -> int:
    """The command `wasmformer-engine`."""
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(console())
