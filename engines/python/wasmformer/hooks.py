"""A look inside: activations of the torch engine by the names that TransformerLens gives them, and changes to
them.

    hooked = Hooked.load(FOLDER)
    trace, cache = hooked.run_with_cache(listing(PROGRAM))
    cache["blocks.0.attn.hook_pattern"]      # [1, h, n, n]: which row each row of each head attends to
    hooked.run(listing(PROGRAM), {"blocks.4.mlp.hook_post": lambda x: x.index_fill(2, torch.tensor([5]), 0)})

| name, of block L | shape | |
| --- | --- | --- |
| `hook_embed` | [1, n, d] | embedded rows, positional encodings included |
| `blocks.L.hook_resid_pre`, `_mid`, `_post` | [1, n, d] | the residual stream before, between and after the block's parts |
| `blocks.L.hook_attn_out`, `blocks.L.hook_mlp_out` | [1, n, d] | what the parts add to it |
| `blocks.L.attn.hook_q`, `hook_k`, `hook_v`, `hook_z` | [1, h, n, k] | queries, keys, values, and what heads retrieve |
| `blocks.L.attn.hook_pattern` | [1, h, n, n] | 1 where a row attends to a row: one of a hard-max head, all so far of a sum head |
| `blocks.L.attn.hook_store_pattern` | [1, h, n, s] | likewise of a cross head, over the rows of its store |
| `blocks.L.mlp.hook_gate`, `hook_value`, `hook_post` | [1, n, neurons] | a neuron's gate, value, and relu(gate) · value |

`labels.json` of the folder says what each lane, head and neuron is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from . import torch_wasmformer
from .numpy_wasmformer import Host, Next, host_of
from .torch_wasmformer import Attention, Cache

# Takes the value at a hook; returns a value in its place, or None to leave it.
Change = Callable[[Tensor], "Tensor | None"]
STORE_PATTERN = "hook_store_pattern"


class Activations(dict[str, Tensor]):
    """The activations of a run by the names of their hooks, with the folder's labels."""

    def __init__(self, labels: dict[str, Any]) -> None:
        super().__init__()
        self.labels = labels

    def lane(self, name: str) -> int:
        """The number of a lane."""
        return self.index(self.labels["lanes"], name)

    def head(self, layer: int, name: str) -> int:
        """The number of a head of a layer."""
        return self.index(self.labels["layers"][layer]["heads"], name)

    def neuron(self, layer: int, name: str) -> int:
        """The number of a neuron of a layer."""
        return self.index(self.labels["layers"][layer]["neurons"], name)

    @staticmethod
    def index(labels: list[dict[str, Any]], name: str) -> int:
        """The number of what has a name; several can share one, then the first."""
        for index, label in enumerate(labels):
            if label["name"] == name:
                return index
        raise KeyError(f"{name!r} is none of {', '.join(sorted({label['name'] for label in labels}))[:500]}")


class Hooked:
    """A network of the torch engine, its hooks by name."""

    def __init__(self, config: dict[str, Any], network: torch_wasmformer.Network, labels: dict[str, Any]) -> None:
        self.config, self.network, self.labels = config, network, labels
        self.points: dict[str, nn.Module] = {}
        for name, module in network.named_modules():
            if name.rpartition(".")[2].startswith("hook_"):
                for own, theirs in (("layers.", "blocks."), (".attention.", ".attn."), (".ffn.", ".mlp.")):
                    name = name.replace(own, theirs)
                self.points[name] = module

    @classmethod
    def load(cls, folder: str | Path, device: str = "cpu") -> Hooked:
        """The network of a model folder."""
        config, network = torch_wasmformer.load(folder, device)
        labels = Path(folder) / "labels.json"
        return cls(config, network, json.loads(labels.read_text(encoding="utf-8")) if labels.exists() else {})

    def point(self, name: str) -> nn.Module:
        if name not in self.points:
            raise KeyError(f"{name!r} is no hook; there are {', '.join(sorted(self.points))[:500]}")
        return self.points[name]

    def run(self, program: dict[str, Any], changes: Mapping[str, Change] | None = None, limit: int = 100_000) -> tuple[list[int], Host]:
        """Runs a program, as `listing` gives it, with changes at hooks, for `limit` tokens at most: with
        other activations it may never end. Returns the tokens, and the host with the outputs and the end. A
        change at `hook_pattern` is given the pattern of each group of neighbouring heads of one kind."""

        def hook(change: Change) -> Callable[..., Any]:
            return lambda _module, _inputs, value: change(value)

        handles = [self.point(name).register_forward_hook(hook(change)) for name, change in (changes or {}).items()]
        try:
            return self.emit(program, limit)
        finally:
            for handle in handles:
                handle.remove()

    def run_with_cache(
        self, program: dict[str, Any], names: Iterable[str] | None = None, changes: Mapping[str, Change] | None = None, limit: int = 100_000
    ) -> tuple[list[int], Activations]:
        """Runs a program; returns its tokens, and the activations of all rows at some hooks, or at all. A
        pattern has a number for each pair of rows: of a long run take only what you need."""
        names = list(self.points) if names is None else list(names)
        seen: dict[str, list[list[Tensor]]] = {name: [] for name in names}

        def record(name: str) -> Callable[..., None]:
            return lambda _module, _inputs, value: seen[name][-1].append(value.detach().clone())

        def begin_pass(_module: Any, _inputs: Any, _value: Any) -> None:
            for passes in seen.values():
                passes.append([])

        # The first hook of a pass begins a list for each hook, since that of a pattern is passed once a group
        # of heads.
        handles = [self.points["hook_embed"].register_forward_hook(begin_pass)]
        handles += [self.point(name).register_forward_hook(record(name)) for name in names]
        try:
            tokens, _ = self.run(program, changes, limit)
        finally:
            for handle in handles:
                handle.remove()
        cache = Activations(self.labels)
        for name, passes in seen.items():
            if name.endswith("hook_pattern"):
                self.join_patterns(name, passes, cache)
            elif passes and passes[0]:
                of_heads = passes[0][0].dim() == 4
                cache[name] = torch.cat([value for values in passes for value in values], 2 if of_heads else 1)
        return tokens, cache

    def join_patterns(self, name: str, passes: list[list[Tensor]], cache: Activations) -> None:
        """Joins the patterns of groups of heads and of passes, which saw ever more rows."""
        attention = self.network.layers[int(name.split(".")[1])].attention
        assert isinstance(attention, Attention)
        for end, is_cross in (("hook_pattern", False), (STORE_PATTERN, True)):
            groups = [index for index, (kind, _) in enumerate(attention.groups) if kind.startswith("cross:") == is_cross]
            if groups:
                most = max(values[index].shape[3] for values in passes for index in groups)
                rows = []
                for values in passes:
                    whole = values[0].new_zeros(1, len(attention.kinds), values[0].shape[2], most)
                    for index in groups:
                        heads = attention.groups[index][1]
                        whole[:, heads] = pad(values[index], (0, most - values[index].shape[3]))
                    rows.append(whole)
                cache[name.removesuffix("hook_pattern") + end] = torch.cat(rows, 2)

    def emit(self, program: dict[str, Any], limit: int) -> tuple[list[int], Host]:
        host, cache = host_of(program, self.config), Cache()
        tokens: list[int] = []
        following: Next | None = host.begin()
        while following is not None and len(tokens) < limit:
            tokens.append(int(self.network.logits(*following, cache).argmax()))
            following = host.accept(tokens[-1])
        return tokens, host
