"""The model for `transformers.AutoModel` with `trust_remote_code=True`.

    model = AutoModel.from_pretrained(FOLDER, trust_remote_code=True)
    trace, host = model.run(listing, files)

`generate` of transformers cannot run the model, because after each token a host must give the next row its positional
encoding. `run` does this with the host of `numpy_wasmformer.py`.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

from .configuration_wasmformer import WasmformerConfig
from .numpy_wasmformer import Host, Next
from .torch_wasmformer import Cache, Transformer


class WasmformerModel(Transformer, PreTrainedModel):
    """A transformer, compiled and never trained, whose forward passes execute WebAssembly."""

    config_class = WasmformerConfig
    main_input_name = "input_ids"

    def __init__(self, config: WasmformerConfig) -> None:
        PreTrainedModel.__init__(self, config)
        self.build(config.attention, config.d_model, config.d_head, config.d_ffn, config.vocab_size)
        self.post_init()

    def _init_weights(self, module: Any) -> None:
        """Weights are compiled, not initialised: a weight that is not loaded stays zero."""

    def forward(
        self, input_ids: torch.Tensor, positional: torch.Tensor, past_key_values: Cache | None = None, **_: Any
    ) -> CausalLMOutputWithPast:
        """The logits of one sequence's rows: tokens [1, r] and positional encodings [1, r, d_model] ->
        [1, r, vocab_size]."""
        if input_ids.dim() != 2 or len(input_ids) != 1:
            raise ValueError(f"input_ids has shape {list(input_ids.shape)}; this model takes one sequence, [1, rows]")
        cache = past_key_values if past_key_values is not None else Cache(len(self.layers))
        x = self.pass_rows(self.embed(input_ids[0], positional[0]), cache)
        return CausalLMOutputWithPast(logits=(x @ self.unembedding.T)[None], past_key_values=cache)

    def run(self, listing: list[tuple[int, int]], files: list[list[int]], limit: int = 1_000_000) -> tuple[list[tuple[int, int]], Host]:
        """Runs a program. Returns the trace, as pc and token of each step, and the host with outputs, files and the
        end."""
        host, cache = Host(listing, files, self.config.to_dict()), Cache(len(self.layers))
        trace: list[tuple[int, int]] = []
        following: Next | None = host.begin()
        while following is not None and len(trace) < limit:
            token = int(self.logits(*following, cache).argmax())
            trace.append((host.pc, token))
            following = host.accept(token)
        return trace, host
