"""The forward pass as a torch module, of either machine, with the three kinds of attention: hard-max, sum and
cross.

Works on any device, on batches, in the weights' own type: f32 of the byte machine, f64 of the full one.
Parameters have the names of `model.safetensors`:

    config, network = load(FOLDER, device="cuda")
    logits = network(tokens, cache=cache)         # [b, r] -> [b, r, vocab_size]

Every value that a reader may want to see or change passes through a module of its own, named `hook_…`, which
returns it unchanged: torch's forward hooks attach to it (`hooks.py` names them as TransformerLens does).
Letters in shapes: b sequences, r rows, n rows so far, d lanes, h heads of the layer, g neighbouring heads of
one kind, k the width of a head, s rows of a store. The hosts are in `numpy_wasmformer.py`. """

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, one_hot

from . import numpy_wasmformer
from .numpy_wasmformer import Row, StoreRow, parts


class Past:
    """Keys and values of a group of heads, [b, g, n, k] each, in tensors with room for more rows."""

    def __init__(self) -> None:
        self.length = 0
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    def append(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Adds rows, [b, g, r, k] each; returns all."""
        start, end = self.length, self.length + keys.shape[2]
        if keys.requires_grad:  # in place of rows with room, since gradients pass through each tensor as it was
            first = self.keys is None or self.values is None
            self.keys, self.values = (keys, values) if first else (torch.cat([self.keys, keys], 2), torch.cat([self.values, values], 2))
            self.length = end
            return self.keys, self.values
        if self.keys is None or self.values is None:
            room = [*keys.shape[:2], max(64, end), keys.shape[3]]
            self.keys, self.values = keys.new_zeros(room), keys.new_zeros(room)
        while end > self.keys.shape[2]:
            self.keys, self.values = (torch.cat([old, torch.zeros_like(old)], 2) for old in (self.keys, self.values))
        self.keys[:, :, start:end], self.values[:, :, start:end] = keys, values
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]


class Cache:
    """The state of a batch of sequences in progress: keys and values, running sums, and the rows of the
    stores."""

    def __init__(self, batch: int = 1) -> None:
        self.batch, self.length = batch, 0
        self.hidden: Tensor | None = None  # [b, n]: rows that no row sees, because they pad their sequence
        self.past: dict[tuple[int, int], Past] = {}  # by layer and group
        self.sums: dict[tuple[int, int], Tensor] = {}  # [b, g, 1, k]
        self.stores: dict[str, Tensor] = {}  # by kind of head, [b, s, d]
        self.crossed: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}  # keys and values of the stores as they are
        self.narrow: dict[nn.Parameter, tuple[Any, Tensor, Tensor]] = {}  # state of the weight, its inputs, their columns

    def product(self, x: Tensor, weight: nn.Parameter) -> Tensor:
        """x @ weight.T: [..., in] -> [..., out]. Most columns of a weight are 0. Where no gradient is wanted
        only the others are read, which leaves sums of exact integers the same. They are found once a
        sequence, and again after any change that torch counts; it does not count those of `weight.data`,
        which the next sequence sees."""
        if torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad):
            return linear(x, weight)
        state = weight.data_ptr(), None if weight.is_inference() else weight._version
        if weight not in self.narrow or self.narrow[weight][0] != state:
            inputs = weight.detach().any(0).nonzero().squeeze(1)
            self.narrow[weight] = state, inputs, weight.detach()[:, inputs].contiguous()
        _, inputs, columns = self.narrow[weight]
        return linear(x[..., inputs], columns)

    def extend_store(self, store: int, lanes: Tensor) -> None:
        """Adds rows to a store of all sequences, [n, d]."""
        kind, rows = f"cross:{store}", lanes.expand(self.batch, -1, -1)
        self.stores[kind] = torch.cat([self.stores[kind], rows], 1) if kind in self.stores else rows
        self.crossed.clear()

    def store_length(self, store: int) -> int:
        """The number of rows of a store."""
        kind = f"cross:{store}"
        return self.stores[kind].shape[1] if kind in self.stores else 0

    def write_store(self, store: int, index: int, lanes: Tensor, sequence: int | slice = slice(None)) -> None:
        """Replaces or adds a row of a store, [d], of one sequence or of all."""
        kind, row = f"cross:{store}", lanes.expand(self.batch, 1, -1)
        rows = self.stores.get(kind, row[:, :0])
        if index == rows.shape[1]:
            rows = torch.cat([rows, row], 1)
        else:
            rows = rows.clone()
            rows[sequence, index] = lanes
        self.stores[kind] = rows
        self.crossed.clear()

    def hide(self, hidden: Tensor | None, b: int, r: int, device: torch.device) -> Tensor | None:
        """Notes which of r new rows no row sees. Returns what the new rows do not see, broadcast to [b, h, r,
        n]."""
        start, n = self.length, self.length + r
        self.length = n
        if hidden is not None or self.hidden is not None:
            old = self.hidden if self.hidden is not None else torch.zeros(b, start, dtype=torch.bool, device=device)
            self.hidden = torch.cat([old, torch.zeros(b, r, dtype=torch.bool, device=device) if hidden is None else hidden], 1)
        mask = None
        if r > 1:  # a row sees the rows before it and itself
            mask = torch.arange(n, device=device) > torch.arange(start, n, device=device)[:, None]
        if self.hidden is not None:
            mask = self.hidden[:, None, None, :] if mask is None else mask | self.hidden[:, None, None, :]
        return mask


class Attention(nn.Module):
    """One layer's heads. `kinds` names each head's attention. Head h has rows h * k to h * k + k - 1 of
    `query`, `key` and `value`, and these columns of `output`."""

    def __init__(self, kinds: Sequence[str], d: int, k: int, layer: int) -> None:
        super().__init__()
        self.kinds, self.k, self.layer, width = list(kinds), k, layer, len(kinds) * k
        self.query = nn.Parameter(torch.zeros(width, d))
        self.key = nn.Parameter(torch.zeros(width, d))
        self.value = nn.Parameter(torch.zeros(width, d))
        self.output = nn.Parameter(torch.zeros(d, width))
        starts = [h for h in range(len(kinds)) if h == 0 or kinds[h] != kinds[h - 1]]
        self.groups = [(kinds[i], slice(i, j)) for i, j in zip(starts, [*starts[1:], len(kinds)])]
        self.hook_q, self.hook_k, self.hook_v = nn.Identity(), nn.Identity(), nn.Identity()  # [b, h, r, k]
        self.hook_pattern = nn.Identity()  # [b, g, r, n], of each group: how much a row takes of each row, or row of a store
        self.hook_z = nn.Identity()  # [b, h, r, k]: what the heads retrieve

    def forward(self, x: Tensor, cache: Cache, mask: Tensor | None) -> Tensor:
        """What the heads add to the residual stream, [b, r, d]. `mask` is what the rows do not see."""
        b, r, _ = x.shape
        query, key, value = (cache.product(x, w).view(b, r, -1, self.k).transpose(1, 2) for w in (self.query, self.key, self.value))
        query, key, value = self.hook_q(query), self.hook_k(key), self.hook_v(value)
        found = []
        for index, (kind, heads) in enumerate(self.groups):
            at, values = (self.layer, index), value[:, heads]
            if kind == "sum":
                found.append(self.sum(values, cache, at))
            elif kind == "hard_max":
                past = cache.past.setdefault(at, Past())
                found.append(self.search(query[:, heads], *past.append(key[:, heads], values), mask))
            elif kind in cache.stores:
                if at not in cache.crossed:
                    cache.crossed[at] = self.of_store(cache.stores[kind], heads)
                found.append(self.search(query[:, heads], *cache.crossed[at], None))
            else:  # an empty store gives 0
                found.append(torch.zeros_like(values))
        z = self.hook_z(found[0] if len(found) == 1 else torch.cat(found, 1))
        return cache.product(z.transpose(1, 2).reshape(b, r, -1), self.output)

    def of_store(self, rows: Tensor, heads: slice) -> tuple[Tensor, Tensor]:
        """Keys and values of a store's rows, which heads see as embedded: [b, s, d] -> [b, g, s, k]."""
        own = slice(heads.start * self.k, heads.stop * self.k)
        keys, values = (linear(rows, w[own]).view(*rows.shape[:2], -1, self.k).transpose(1, 2) for w in (self.key, self.value))
        return keys, values

    def sum(self, values: Tensor, cache: Cache, at: tuple[int, int]) -> Tensor:
        """The sums of all values so far."""
        if cache.hidden is not None:
            values = values.masked_fill(cache.hidden[:, None, -values.shape[2] :, None], 0)
        sums = values.cumsum(2) + cache.sums.get(at, 0)
        cache.sums[at] = sums[:, :, -1:]
        if self.hook_pattern._forward_hooks:
            r = values.shape[2]
            past = values.new_ones(r, cache.length).tril(cache.length - r)
            self.hook_pattern(past.expand(*values.shape[:2], -1, -1))
        return sums

    def search(self, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        """Hard-max: the value of the row whose key scores highest, and of equal scores of the latest. There
        is no division by a root. A changed pattern is obeyed."""
        # The rows in reverse, because arg-max promises the first of equal scores.
        scores = query @ keys.flip(2).transpose(2, 3)  # [b, g, r, n]
        if mask is not None:
            scores = scores.masked_fill_(mask.flip(-1), float("-inf"))
        n = scores.shape[3]
        best = (n - 1) - scores.argmax(3, keepdim=True)
        if self.hook_pattern._forward_hooks:
            return self.hook_pattern(one_hot(best.squeeze(3), n).to(values.dtype)) @ values
        return values.expand(len(best), -1, -1, -1).gather(2, best.expand(-1, -1, -1, self.k))


class Ffn(nn.Module):
    """The gated feed-forward network: down · (relu(gate · x) ⊙ (value · x))."""

    def __init__(self, d: int, neurons: int) -> None:
        super().__init__()
        self.gate = nn.Parameter(torch.zeros(neurons, d))
        self.value = nn.Parameter(torch.zeros(neurons, d))
        self.down = nn.Parameter(torch.zeros(d, neurons))
        self.hook_gate, self.hook_value, self.hook_post = nn.Identity(), nn.Identity(), nn.Identity()  # [b, r, neurons]

    def forward(self, x: Tensor, cache: Cache) -> Tensor:
        gate, value = self.hook_gate(cache.product(x, self.gate)), self.hook_value(cache.product(x, self.value))
        return cache.product(self.hook_post(torch.relu(gate) * value), self.down)


class Layer(nn.Module):
    """Attention, if the layer has heads, then the feed-forward network; each is added to the residual
    stream."""

    def __init__(self, kinds: Sequence[str], d: int, k: int, neurons: int, layer: int) -> None:
        super().__init__()
        self.attention = Attention(kinds, d, k, layer) if kinds else None
        self.ffn = Ffn(d, neurons)
        self.hook_resid_pre, self.hook_resid_mid, self.hook_resid_post = nn.Identity(), nn.Identity(), nn.Identity()  # [b, r, d]
        self.hook_attn_out, self.hook_mlp_out = nn.Identity(), nn.Identity()  # [b, r, d]

    def forward(self, x: Tensor, cache: Cache, mask: Tensor | None) -> Tensor:
        x = self.hook_resid_pre(x)
        if self.attention is not None:
            x = x + self.hook_attn_out(self.attention(x, cache, mask))
        x = self.hook_resid_mid(x)
        x = x + self.hook_mlp_out(self.ffn(x, cache))
        residual: Tensor = self.hook_resid_post(x)
        return residual


class Transformer:
    """The network's parts and its pass, a mixin for any `nn.Module`."""

    layers: nn.ModuleList
    embedding: nn.Parameter
    unembedding: nn.Parameter
    hook_embed: nn.Module

    def build(self, attention: Sequence[Sequence[str]], d_model: int, d_head: int, d_ffn: int, vocab_size: int) -> None:
        """Creates the parameters, all zero."""
        self.embedding = nn.Parameter(torch.zeros(vocab_size, d_model))
        self.layers = nn.ModuleList([Layer(kinds, d_model, d_head, d_ffn, layer) for layer, kinds in enumerate(attention)])
        self.unembedding = nn.Parameter(torch.zeros(vocab_size, d_model))
        self.hook_embed = nn.Identity()

    def embed(self, tokens: Tensor, positional: Tensor | None) -> Tensor:
        """Token embedding plus positional encoding: [b, r], [b, r, d] -> [b, r, d]."""
        x = self.embedding[tokens]
        residual: Tensor = self.hook_embed(x if positional is None else x + positional)
        return residual

    def encode(self, rows: Sequence[Row]) -> tuple[Tensor, Tensor | None]:
        """Tokens and positional encodings of a host's rows, [r] and [r, d]."""
        tokens = torch.tensor([token for token, _ in rows], device=self.embedding.device)
        at = [(row, lane, value) for row, (_, encoding) in enumerate(rows) for lane, value in encoding]
        if not at:
            return tokens, None
        row, lane, value = zip(*at)
        positional = self.embedding.new_zeros(len(rows), self.embedding.shape[1])
        positional[list(row), list(lane)] = self.embedding.new_tensor(value)
        return tokens, positional

    def pass_rows(self, x: Tensor, cache: Cache, hidden: Tensor | None = None) -> Tensor:
        """Passes embedded rows through all layers, [b, r, d]. `hidden` [b, r] marks rows that no row sees."""
        mask = cache.hide(hidden, x.shape[0], x.shape[1], x.device)
        for layer in self.layers:
            x = layer(x, cache, mask)
        return x

    def write_stores(self, stores: Sequence[StoreRow], cache: Cache, sequence: int | slice = slice(None)) -> None:
        """Writes the store rows that a host gives."""
        if stores:
            tokens, positional = self.encode([row for _, _, row in stores])
            rows = self.embedding[tokens] if positional is None else self.embedding[tokens] + positional
            # Rows that are new to a store of all sequences are added together.
            start = 0
            while start < len(stores) and sequence == slice(None):
                store, length = stores[start][0], cache.store_length(stores[start][0])
                end = start
                while end < len(stores) and stores[end][:2] == (store, length + end - start):
                    end += 1
                if end == start:
                    break
                cache.extend_store(store, rows[start:end])
                start = end
            for (store, index, _), row in zip(stores[start:], rows[start:]):
                cache.write_store(store, index, row, sequence)

    def logits(self, stores: Sequence[StoreRow], rows: Sequence[Row], cache: Cache) -> Tensor:
        """Passes the rows that a host gives; returns the logits of the last row, [vocab_size]."""
        with torch.inference_mode():
            self.write_stores(stores, cache)
            for part in parts(cache.length, len(rows)):
                tokens, positional = self.encode(rows[part])
                x = self.pass_rows(self.embed(tokens[None], None if positional is None else positional[None]), cache)
            return cache.product(x[0, -1], self.unembedding)


class Network(Transformer, nn.Module):
    """The transformer of a `config.json`, its parameters all 0."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.build(*(config[name] for name in ("attention", "d_model", "d_head", "d_ffn", "vocab_size")))

    def forward(self, tokens: Tensor, positional: Tensor | None = None, cache: Cache | None = None) -> Tensor:
        """The logits after each row: tokens [b, r], positional encodings [b, r, d] -> [b, r, vocab_size]."""
        cache = cache if cache is not None else Cache()
        return cache.product(self.pass_rows(self.embed(tokens, positional), cache), self.unembedding)

    def load_state_dict(self, state_dict: Any, *rest: Any, **named: Any) -> Any:
        """Does the same as torch, but refuses weights of another type, which torch would round without a
        message."""
        own = self.embedding.dtype
        for name, weight in state_dict.items():
            if weight.dtype != own:
                raise ValueError(f"{name} is of type {weight.dtype}, the network of {own}; `.double()` makes it float64")
        return super().load_state_dict(state_dict, *rest, **named)


def load(folder: str | Path, device: str | torch.device = "cpu") -> tuple[dict[str, Any], Network]:
    """The config and network of a model folder, in the folder's number type."""
    config, weights = numpy_wasmformer.load(folder)
    network = Network(config).to(getattr(torch, str(weights["embedding"].dtype)))
    network.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})
    return config, network.to(device)
