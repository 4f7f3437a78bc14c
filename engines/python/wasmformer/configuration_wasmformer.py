"""The config of a wasmformer model, for `transformers.AutoConfig` with `trust_remote_code=True`."""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig

# `config.json` names the number type as the safetensors format does; transformers names it as torch does.
DTYPES = {"F32": "float32", "F64": "float64"}


class WasmformerConfig(PretrainedConfig):
    """The shape of the model, and the names of its lanes and special tokens. Another machine or number type would give
    wrong tokens, and is refused."""

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
        dtype: Any = "F32",
        **rest: Any,
    ) -> None:
        dtype = rest.pop("torch_dtype", None) or dtype  # the name in transformers 4
        dtype = DTYPES.get(str(dtype), str(dtype).removeprefix("torch."))
        # float64 is accepted (`from_pretrained(FOLDER, dtype="float64")`), because it is as exact as float32.
        if machine != "byte" or dtype not in ("float32", "float64"):
            raise ValueError(f"machine {machine!r} in {dtype}; only 'byte' in float32 or float64 runs here, any by `wasmformer run`")
        self.machine = machine
        self.d_model = d_model
        self.d_head = d_head
        self.d_ffn = d_ffn
        self.vocab_size = vocab_size
        self.attention = attention or []
        self.special_tokens = special_tokens or {}
        self.lanes = lanes or []
        super().__init__(torch_dtype=dtype, **rest)
