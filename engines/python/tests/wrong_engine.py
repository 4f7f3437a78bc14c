"""Engines that are wrong on purpose: the numpy engine with one operation off.

python wrong_engine.py no-relu|nudged|not-a-number|earliest
"""

import sys

import numpy as np
import wasmformer.numpy_wasmformer
from wasmformer import engine
from wasmformer.numpy_wasmformer import Network


class NoRelu(Network):
    """The gates of layer 4, which does arithmetic, are not cut at 0."""

    def forward(self, rows):
        x = self.embed(rows)
        self.show(x)
        for layer, groups in enumerate(self.groups):
            if groups:
                x = x + self.weights[f"layers.{layer}.attention.output"](self.attention(layer, x))
            self.show(x)
            gate, value, down = (self.weights[f"layers.{layer}.ffn.{part}"] for part in ("gate", "value", "down"))
            gates = gate(x) if layer == 4 else np.maximum(gate(x), 0)
            x = x + down(gates * value(x))
            self.show(x)
        return x


class Nudged(Network):
    """One logit is off by half, which changes no token."""

    def logits(self, stores, rows):
        logits = super().logits(stores, rows)
        logits[np.argmin(logits)] -= 0.5
        return logits


class NotANumber(Network):
    """One logit is NaN."""

    def logits(self, stores, rows):
        logits = super().logits(stores, rows)
        logits[7] = np.nan
        return logits


class Earliest(Network):
    """Of rows with equal scores the earliest is found."""

    def highest(self, scores):
        return scores.argmax(axis=2)


if __name__ == "__main__":
    wrong = {"no-relu": NoRelu, "nudged": Nudged, "not-a-number": NotANumber, "earliest": Earliest}
    wasmformer.numpy_wasmformer.Network = wrong[sys.argv[1]]
    engine.serve("numpy", check_host=False)
