"""The models for `transformers` with `trust_remote_code=True`.

    model = AutoModelForCausalLM.from_pretrained(FOLDER, trust_remote_code=True)
    tokenizer = AutoTokenizer.from_pretrained(FOLDER, trust_remote_code=True)
    tokens = model.generate(**tokenizer(listing, return_tensors="pt"))

A prompt is a program; generating runs it. The full machine needs nothing else, but for a program that asks
for input, where generation ends unless `input_bytes` are given. On the byte machine each row has a positional
encoding that its host computes from the tokens so far: the host of `numpy_wasmformer.py` runs within
`forward`, its state in the cache. """

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor
from transformers import GenerationConfig, GenerationMixin, LogitsProcessor, LogitsProcessorList, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.utils import cached_file

from .configuration_wasmformer import EXACT, WasmformerConfig
from .numpy_wasmformer import ByteHost, Host, Next, Row, dense, held_rows, host_of, parts, token_names
from .torch_wasmformer import Cache, Transformer

# The name of the cache in a model's output: another in older versions.
CACHE = "cache" if "cache" in CausalLMOutputWithPast.__dataclass_fields__ else "past_key_values"
# What `generate` hands on to `forward`, beside tokens, mask and cache.
KEPT = ("files", "logits_to_keep", "use_cache", "output_hidden_states", "output_attentions")
# What says where a model of a hub is.
HUB = ("cache_dir", "force_download", "local_files_only", "token", "revision", "subfolder")


class WasmformerCache(Cache):
    """The state of a batch in progress, as `generate` keeps it: beside keys and values the hosts of the byte
    machine, of each sequence."""

    is_compileable, is_croppable, is_linear = False, False, [False]

    def __init__(self, batch: int = 1) -> None:
        super().__init__(batch)
        self.hosts: list[ByteHost] = []

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return self.length

    def reorder_cache(self, beam_idx: Tensor) -> None:
        raise ValueError("no beam search here: a run has one next token")


class Answers(LogitsProcessor):
    """Answers each question for input: after it comes the next byte, or the end."""

    def __init__(self, config: WasmformerConfig, inputs: Sequence[bytes]) -> None:
        names = token_names(config.to_dict())
        # A question to the system, for files or the time, has no answer here: generation stops at it.
        self.questions, self.inputs = set(config.input_token_id), [list(data) for data in inputs]
        self.end, self.first = names.index("X0:255"), names.index("V0:0")

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        for sequence, last in enumerate(input_ids[:, -1].tolist()):
            if last in self.questions:
                data = self.inputs[sequence]
                scores[sequence] = float("-inf")
                scores[sequence, self.first + data.pop(0) if data else self.end] = 0
        return scores


class WasmformerModel(Transformer, PreTrainedModel):
    """A transformer, compiled and never trained, whose forward passes execute WebAssembly."""

    config_class = WasmformerConfig
    main_input_name = "input_ids"
    _no_split_modules = ["Layer"]

    def __init__(self, config: WasmformerConfig) -> None:
        PreTrainedModel.__init__(self, config)
        self.build(config.attention, config.d_model, config.d_head, config.d_ffn, config.vocab_size)
        self.post_init()

    def _init_weights(self, module: Any) -> None:
        """Weights are compiled, not initialised."""

    @classmethod
    def from_pretrained(cls, path: Any, *arguments: Any, **named: Any) -> Any:
        """Does the same as transformers, and takes sparse folders too."""
        hub = {name: named[name] for name in HUB if name in named}
        file = cached_file(path, "model.safetensors", _raise_exceptions_for_missing_entries=False, **hub)
        if file is None or "state_dict" in named:
            return super().from_pretrained(path, *arguments, **named)
        with safe_open(file, "np") as tensors:
            if "embedding.values" not in tensors.keys():
                return super().from_pretrained(path, *arguments, **named)
            config = named.pop("config", None) or cls.config_class.from_pretrained(path, **hub)
            weights = dense(config.to_dict(), {name: tensors.get_tensor(name) for name in tensors.keys()})
        state = {name: torch.from_numpy(weight) for name, weight in weights.items()}
        model = super().from_pretrained(None, *arguments, config=config, state_dict=state, **named)
        if cached_file(path, "generation_config.json", _raise_exceptions_for_missing_entries=False, **hub):
            (model[0] if isinstance(model, tuple) else model).generation_config = GenerationConfig.from_pretrained(path, **hub)
        return model

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        positional: Tensor | None = None,
        cache: WasmformerCache | None = None,
        past_key_values: WasmformerCache | None = None,
        files: Sequence[Any] | None = None,
        logits_to_keep: int = 0,
        use_cache: bool | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        **_: Any,
    ) -> CausalLMOutputWithPast:
        """The logits after rows, less the highest of each row, so that a cast to f32 keeps the arg-max:
        tokens [b, r] -> [b, r, vocab_size], or after the last `logits_to_keep` rows.

        `positional` [b, r, d_model] is added to the embedded tokens. If it is not given, the byte machine's
        host gives it: the rows of the first pass are then the prompt, and `files` may hold the contents of
        each sequence's files."""
        state = cache if cache is not None else past_key_values if past_key_values is not None else WasmformerCache(len(input_ids))
        if str(self.dtype).removeprefix("torch.") not in EXACT[self.config.machine]:
            raise ValueError(f"the weights are in {self.dtype}, which does not hold the numbers of machine {self.config.machine!r}")
        if output_attentions:
            raise ValueError("output_attentions is not given here: wasmformer.hooks shows the pattern of each head")
        hidden = None
        if attention_mask is not None and not attention_mask.all():
            hidden = attention_mask[:, -input_ids.shape[1] :] == 0
        states: list[Tensor] = []
        points = [self.hook_embed, *(layer.hook_resid_post for layer in self.layers)] if output_hidden_states else []
        handles = [point.register_forward_hook(lambda _module, _inputs, x: states.append(x)) for point in points]
        try:
            if self.config.machine == "byte" and positional is None:
                x = self.pass_hosted(input_ids, hidden, state, files)
            else:
                specialized = getattr(self.config, "specialized", None)
                if specialized and self.config.machine == "full" and state.length == 0:
                    self.write_stores(held_rows(specialized), state)
                x = self.pass_parts(input_ids, positional, hidden, state)
        finally:
            for handle in handles:
                handle.remove()
        logits = state.product(x[:, -logits_to_keep:], self.unembedding)
        logits = logits - logits.amax(-1, keepdim=True)
        shown = tuple(torch.cat(states[i :: len(points)], 1) for i in range(len(points))) or None
        return CausalLMOutputWithPast(logits=logits, hidden_states=shown, **{CACHE: state if use_cache is not False else None})

    def pass_parts(self, tokens: Tensor, positional: Tensor | None, hidden: Tensor | None, cache: Cache) -> Tensor:
        """Passes rows in parts that bound the memory; returns their residual streams, [b, r, d]."""
        passed = []
        for part in parts(cache.length, tokens.shape[1]):
            x = self.embed(tokens[:, part], None if positional is None else positional[:, part])
            passed.append(self.pass_rows(x, cache, None if hidden is None else hidden[:, part]))
        return torch.cat(passed, 1)

    def pass_hosted(self, tokens: Tensor, hidden: Tensor | None, cache: WasmformerCache, files: Sequence[Any] | None) -> Tensor:
        """Passes rows of the byte machine, with what the hosts of their sequences give."""
        if not cache.hosts:
            listings = self.listings(tokens, hidden)
            empty: list[list[int]] = [[], [], [], []]
            of_each = files or [empty] * len(listings)
            cache.hosts = [ByteHost(listing, own, self.config.to_dict()) for listing, own in zip(listings, of_each)]
            return self.pass_parts(tokens, self.encoded([host.begin() for host in cache.hosts], tokens, cache), hidden, cache)
        passed = []
        for row in range(tokens.shape[1]):
            column = tokens[:, row : row + 1]
            nexts = [host.accept(token) if host.end is None else None for host, token in zip(cache.hosts, column[:, 0].tolist())]
            # What follows the end of a run is padding.
            given: list[Next] = [([], [(0, [])]) if following is None else following for following in nexts]
            positional = self.encoded(given, column, cache)
            passed.append(self.pass_parts(column, positional, None if hidden is None else hidden[:, row : row + 1], cache))
        return torch.cat(passed, 1)

    def listings(self, tokens: Tensor, hidden: Tensor | None) -> list[list[tuple[int, int]]]:
        """The programs of prompts: `start`, then opcode and operand of each instruction. Where the weights
        hold the program, the prompt is `start`."""
        specialized = getattr(self.config, "specialized", None)
        if specialized:
            if tokens.shape[1] != 1:
                raise ValueError("the weights hold the program: the prompt is `start` alone")
            return [specialized["host"]["listing"]] * len(tokens)
        listings = []
        for sequence, row in enumerate(tokens.tolist()):
            prompt = row if hidden is None else [token for token, hides in zip(row, hidden[sequence].tolist()) if not hides]
            if prompt[:1] != [self.config.special_tokens["start"]] or len(prompt) % 2 == 0:
                raise ValueError(f"sequence {sequence} is no prompt: `start`, then two tokens for each instruction")
            listings.append(list(zip(prompt[1::2], prompt[2::2])))
        return listings

    def encoded(self, nexts: Sequence[Next], tokens: Tensor, cache: Cache) -> Tensor:
        """Writes the stores' rows that hosts give; returns the rows' positional encodings, [b, r, d]. A
        sequence that is padded on the left has rows for the end of `tokens`."""
        positional = self.embedding.new_zeros(*tokens.shape, self.config.d_model)
        for sequence, (stores, rows) in enumerate(nexts):
            self.write_stores(stores, cache, sequence)
            _, encoding = self.encode(rows)
            if encoding is not None:
                positional[sequence, -len(rows) :] = encoding
        return positional

    def run(self, program: Any, files: Any = None, limit: int = 1_000_000) -> tuple[list[Any], Host]:
        """Runs a program, as `wasmformer listing FILE --json` prints it, or a byte program's listing and
        files. Returns the trace (the tokens; of the byte machine the pc and the token of each step), and the
        host with the outputs and the end."""
        program = program if isinstance(program, dict) else {"listing": program, "files": files or [[], [], [], []]}
        host, cache = host_of(program, self.config.to_dict()), Cache()
        trace: list[Any] = []
        following: tuple[Any, list[Row]] | None = host.begin()
        while following is not None and len(trace) < limit:
            token = int(self.logits(*following, cache).argmax())
            trace.append((host.pc, token) if isinstance(host, ByteHost) else token)
            following = host.accept(token)
        return trace, host


class WasmformerForCausalLM(WasmformerModel, GenerationMixin):
    """The same model, for `generate` and `pipeline("text-generation")`."""

    _is_stateful = True  # a cache is not rolled back

    @classmethod
    def _supports_default_dynamic_cache(cls) -> bool:
        return False

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, cache: Any = None, past_key_values: Any = None, **kwargs: Any
    ) -> dict[str, Any]:
        """The rows that are new to the cache. transformers asks for the name of `kwargs`."""
        state = cache if cache is not None else past_key_values
        if kwargs.get("use_cache") is False:
            raise ValueError("use_cache=False: generation needs the cache here, which the host's state is in too")
        new = input_ids if state is None else input_ids[:, state.get_seq_length() :]
        kept: dict[str, Any] = {name: kwargs[name] for name in KEPT if name in kwargs}
        return {"input_ids": new, "attention_mask": attention_mask, CACHE: state, **kept}

    def generate(self, *arguments: Any, input_bytes: bytes | Sequence[bytes] | None = None, **named: Any) -> Any:
        """Does the same as transformers: runs the programs. `input_bytes` are what they read, one for all
        sequences or one each; without, generation ends at a question for input. `files` are the files of each
        byte program."""
        if input_bytes is not None:
            tokens = named.get("input_ids", named.get("inputs", arguments[0] if arguments else ()))
            inputs = [input_bytes] * len(tokens) if isinstance(input_bytes, bytes) else list(input_bytes)
            processors = LogitsProcessorList(named.pop("logits_processor", None) or [])
            processors.append(Answers(self.config, inputs))
            stops = [*self.config.eos_token_id, *getattr(self.config, "system_token_id", [])]
            named = {"eos_token_id": stops, **named, "logits_processor": processors}
        return super().generate(*arguments, **named)
