"""The forward pass as a torch module, with the three kinds of attention: hard-max, sum and cross.

Works with torch 1.13 and later. Parameters have the names of `model.safetensors`, so its state dict can be loaded
unchanged:

    from safetensors.torch import load_file
    network = Network(json.load(open("config.json")))
    network.load_state_dict(load_file("model.safetensors"))

The host, which supplies positional encodings, files and branches, is `Host` in `numpy_wasmformer.py`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

Row = Any  # (token, [(lane, value), ...]), as in numpy_wasmformer.py
# The number of rows of a long prompt passed at once, which bounds the size of the score tensors.
CHUNK = 256


class Attention(nn.Module):
    """One layer's heads. `kinds` names each head's attention. Letters in shapes: r rows, n rows so far, d lanes, h
    heads of the layer, g heads computed together, k the width of a head."""

    def __init__(self, kinds: Sequence[str], d: int, k: int) -> None:
        super().__init__()
        self.kinds, self.k, width = list(kinds), k, len(kinds) * k
        self.query = nn.Parameter(torch.zeros(width, d))
        self.key = nn.Parameter(torch.zeros(width, d))
        self.value = nn.Parameter(torch.zeros(width, d))
        self.output = nn.Parameter(torch.zeros(d, width))
        self.own = {kind: [h for h, own in enumerate(kinds) if own == kind] for kind in ("sum", "hard_max") if kind in kinds}

    def project(self, x: Tensor, cache: dict[str, Any]) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of all heads, [h, r, k] each. The three weights are joined once per sequence."""
        if "qkv" not in cache:
            cache["qkv"] = torch.cat([self.query, self.key, self.value])
        query, key, value = linear(x, cache["qkv"]).view(x.shape[0], 3, -1, self.k).permute(1, 2, 0, 3).unbind(0)
        return query, key, value

    def of_stores(self, cache: dict[str, Any], stores: dict[str, Tensor]) -> list[tuple[list[int], Tensor, Tensor]]:
        """Heads, keys and values of the cross heads. Heads whose stores have the same number of rows are computed
        together."""
        by_size: dict[int, list[tuple[int, Tensor, Tensor]]] = {}
        for head, kind in enumerate(self.kinds):
            if kind in stores:  # an empty store gives 0
                _, key, value = self.project(stores[kind], cache)
                by_size.setdefault(len(stores[kind]), []).append((head, key[head].T, value[head]))
        return [(list(heads), torch.stack(keys), torch.stack(values)) for heads, keys, values in (zip(*group) for group in by_size.values())]

    def forward(self, x: Tensor, cache: dict[str, Any], stores: dict[str, Tensor]) -> Tensor:
        """The values that the heads retrieve for the latest rows, after the output projection, [r, d]. `cache` holds
        keys [g, k, n] and values [g, n, k] of the hard-max and cross heads, and the sums so far of the sum heads."""
        query, key, value = self.project(x, cache)
        searches: list[tuple[list[int], Tensor, Tensor]] = []
        results: list[tuple[list[int], Tensor]] = []
        for kind, heads in self.own.items():
            whole = len(heads) == len(self.kinds)
            keys, values = (key.transpose(1, 2), value) if whole else (key[heads].transpose(1, 2), value[heads])
            if kind == "sum":
                sums = values.cumsum(1) + cache.get(kind, 0)
                cache[kind] = sums[:, -1:]
                results.append((heads, sums))
                continue
            if kind in cache:
                keys, values = torch.cat([cache[kind][0], keys], 2), torch.cat([cache[kind][1], values], 1)
            cache[kind] = keys, values
            searches.append((heads, keys, values))
        if "cross" not in cache:
            cache["cross"] = self.of_stores(cache, stores)
        for heads, keys, values in [*searches, *cache["cross"]]:
            scores = (query if len(heads) == len(self.kinds) else query[heads]) @ keys  # [g, r, n]
            r, n = scores.shape[1:]
            if r > 1 and self.kinds[heads[0]] == "hard_max":  # a row sees the rows before it and itself
                later = torch.arange(n, device=x.device) > torch.arange(n - r, n, device=x.device).unsqueeze(1)
                scores = scores.masked_fill(later, float("-inf"))
            best = (n - 1) - scores.flip(2).argmax(2, keepdim=True)  # the latest of equal scores: arg-max promises the first
            results.append((heads, values.gather(1, best.expand(-1, -1, self.k))))
        if len(results) == 1 and len(results[0][0]) == len(self.kinds):
            out = results[0][1]
        else:
            out = torch.zeros_like(query)
            for heads, result in results:
                out[heads] = result
        return linear(out.transpose(0, 1).reshape(x.shape[0], -1), self.output)


class Ffn(nn.Module):
    """The gated feed-forward network: down · (relu(gate · x) ⊙ (value · x))."""

    def __init__(self, d: int, neurons: int) -> None:
        super().__init__()
        self.gate = nn.Parameter(torch.zeros(neurons, d))
        self.value = nn.Parameter(torch.zeros(neurons, d))
        self.down = nn.Parameter(torch.zeros(d, neurons))

    def forward(self, x: Tensor) -> Tensor:
        return linear(torch.relu(linear(x, self.gate)) * linear(x, self.value), self.down)


class Layer(nn.Module):
    """Attention, if the layer has heads, then the feed-forward network."""

    def __init__(self, kinds: Sequence[str], d: int, k: int, neurons: int) -> None:
        super().__init__()
        self.attention = Attention(kinds, d, k) if kinds else None
        self.ffn = Ffn(d, neurons)


class Cache:
    """The state of a sequence in progress: keys and values of each layer, and the embedded rows of the stores,
    [rows, d]."""

    def __init__(self, layers: int) -> None:
        self.layers: list[dict[str, Any]] = [{} for _ in range(layers)]
        self.stores: dict[str, Tensor] = {}

    def write_store(self, store: int, index: int, lanes: Tensor) -> None:
        """Replaces or adds a row of a store, and drops the keys and values that were computed from the stores
        before."""
        kind = f"cross:{store}"
        old = self.stores.get(kind, lanes[:0])
        self.stores[kind] = torch.cat([old[:index], lanes, old[index + 1 :]])
        for layer in self.layers:
            layer.pop("cross", None)


class Transformer:
    """The network's parts and its pass, a mixin for any `nn.Module`."""

    layers: nn.ModuleList
    embedding: nn.Parameter
    unembedding: nn.Parameter

    def build(self, attention: Sequence[Sequence[str]], d_model: int, d_head: int, d_ffn: int, vocab_size: int) -> None:
        """Creates the parameters, all zero."""
        self.embedding = nn.Parameter(torch.zeros(vocab_size, d_model))
        self.layers = nn.ModuleList([Layer(kinds, d_model, d_head, d_ffn) for kinds in attention])
        self.unembedding = nn.Parameter(torch.zeros(vocab_size, d_model))

    def embed(self, tokens: Tensor, positional: Tensor) -> Tensor:
        """Token embedding plus positional encoding: [r], [r, d] -> [r, d]."""
        return self.embedding[tokens] + positional

    def rows(self, rows: Sequence[Row]) -> Tensor:
        """The embedded rows, [r, d]."""
        positional = torch.zeros(len(rows), self.embedding.shape[1])
        at = [(row, lane, value) for row, (_, encoding) in enumerate(rows) for lane, value in encoding]
        if at:
            row, lane, value = zip(*at)
            positional[list(row), list(lane)] = torch.tensor(value, dtype=torch.float32)
        return self.embed(torch.tensor([token for token, _ in rows]), positional)

    def pass_rows(self, x: Tensor, cache: Cache, lanes: list[Tensor] | None = None) -> Tensor:
        """Passes embedded rows through all layers, [r, d]. The last row's lanes after each part are appended to
        `lanes`."""
        shown = lanes if lanes is not None else []
        shown.append(x[-1])
        for layer, cached in zip(self.layers, cache.layers):
            if layer.attention is not None:
                x = x + layer.attention(x, cached, cache.stores)
            shown.append(x[-1])
            x = x + layer.ffn(x)
            shown.append(x[-1])
        return x

    def logits(self, stores: Sequence[Any], rows: Sequence[Row], cache: Cache, lanes: list[Tensor] | None = None) -> Tensor:
        """Passes the rows that a host gives; returns the logits of the last row, [vocab_size]."""
        with torch.inference_mode():
            for store, index, row in stores:
                cache.write_store(store, index, self.rows([row]))
            for start in range(0, len(rows), CHUNK):
                if lanes is not None:
                    lanes.clear()
                x = self.pass_rows(self.rows(rows[start : start + CHUNK]), cache, lanes)
            return self.unembedding @ x[-1]


class Network(Transformer, nn.Module):
    """The transformer of a `config.json`."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.build(*(config[name] for name in ("attention", "d_model", "d_head", "d_ffn", "vocab_size")))

    def load_state_dict(self, state_dict: Any, *rest: Any, **named: Any) -> Any:
        """Does the same as torch, but refuses weights of another type, which torch would round without a message."""
        own = self.embedding.dtype
        for name, weight in state_dict.items():
            if weight.dtype != own:
                raise ValueError(f"{name} is of type {weight.dtype}, the network of {own}; `.double()` makes it float64")
        return super().load_state_dict(state_dict, *rest, **named)


def load(folder: str | Path) -> tuple[dict[str, Any], Network]:
    """The config and network of a model folder. Another machine or number type would give wrong tokens, and is
    refused."""
    from safetensors.torch import load_file

    config = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    machine, dtype = config.get("machine"), config.get("dtype", config.get("torch_dtype"))
    if (machine, dtype) not in (("byte", "F32"), ("byte", "float32")):  # F32 in safetensors, float32 in torch
        raise ValueError(f"{folder}: machine {machine!r} in {dtype}; only 'byte' in F32 runs here, any by `wasmformer run --weights`")
    network = Network(config)
    network.load_state_dict(load_file(str(Path(folder) / "model.safetensors")))
    return config, network
