"""The config of a wasmformer model, for `transformers.AutoConfig` with `trust_remote_code=True`."""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig

# `config.json` names the number type as the safetensors format does; transformers names it as torch does.
DTYPES = {"F32": "float32", "F64": "float64"}
# The number types that hold all numbers of a machine exactly.
EXACT = {"byte": ("float32", "float64"), "full": ("float64",)}


class WasmformerConfig(PretrainedConfig):
    """The shape of the model, and the names of its lanes and tokens. Another machine or number type would
    give wrong tokens, and is refused."""

    model_type = "wasmformer"

    def __init__(
        self,
        machine: str = "byte",
        d_model: int = 100,
        d_head: int = 2,
        d_ffn: int = 100,
        vocab_size: int = 260,
        attention: list[list[str]] | None = None,
        special_tokens: dict[str, int] | None = None,
        lanes: list[str] | None = None,
        token_families: list[dict[str, Any]] | None = None,
        eos_token_id: list[int] | None = None,
        pad_token_id: int | None = None,
        input_token_id: list[int] | None = None,
        dtype: Any = None,
        **rest: Any,
    ) -> None:
        dtype = rest.pop("torch_dtype", None) or dtype or EXACT.get(machine, ("",))[0]  # the name in transformers 4
        dtype = DTYPES.get(str(dtype), str(dtype).removeprefix("torch."))
        if dtype not in EXACT.get(machine, ()):
            raise ValueError(f"machine {machine!r} in {dtype}; only 'byte' in float32 or float64 and 'full' in float64 run here")
        self.machine = machine
        self.d_model = d_model
        self.d_head = d_head
        self.d_ffn = d_ffn
        self.vocab_size = vocab_size
        self.attention = attention or []
        self.special_tokens = special_tokens or {}
        self.lanes = lanes or []
        self.token_families = token_families or []
        self.input_token_id = input_token_id or []
        super().__init__(dtype=dtype, eos_token_id=eos_token_id, pad_token_id=pad_token_id, **rest)

    # What tools of transformers ask any model for.
    @property
    def hidden_size(self) -> int:
        return self.d_model

    @property
    def num_hidden_layers(self) -> int:
        return len(self.attention)
