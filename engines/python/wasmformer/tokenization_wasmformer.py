"""The tokenizer, for `transformers.AutoTokenizer` with `trust_remote_code=True`.

The text of a prompt is a program as `wasmformer listing` prints it, with or without the numbers at the lines'
beginning. The text of tokens is their names with blanks between them, and is itself taken as a prompt.

On the byte machine a token has one name for what it is as an opcode, an operand and a value: its byte. So a
listing

    i32.const 5
    output
    halt

is the tokens `start 65 5 248 0 15 0`, and these are what `decode` gives.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizer

from .numpy_wasmformer import OPCODES

INSTRUCTION = re.compile(r"\s*(?:\d+\s+)?([a-z_][a-z0-9_.]*)(?:\s+(\d+))?\s*")


def token_names(file: str | Path) -> dict[str, int]:
    """The vocabulary of a `tokenizer.json`."""
    vocabulary: dict[str, int] = json.loads(Path(file).read_text(encoding="utf-8"))["model"]["vocab"]
    return vocabulary


class WasmformerTokenizer(PreTrainedTokenizer):
    """Turns listings into tokens, and tokens into their names."""

    vocab_files_names = {"tokenizer_file": "tokenizer.json"}
    model_input_names = ["input_ids", "attention_mask"]
    padding_side = "left"

    def __init__(self, tokenizer_file: str, **rest: Any) -> None:
        self.vocabulary = token_names(tokenizer_file)
        self.names = {id: name for name, id in self.vocabulary.items()}
        self.machine = "byte" if "start" in self.vocabulary else "full"
        rest.setdefault("pad_token", "pad" if self.machine == "byte" else "halt")
        rest.setdefault("eos_token", "halt")
        rest["padding_side"] = "left"  # the last row must be the program's
        super().__init__(tokenizer_file=tokenizer_file, special_tokens_pattern="none", **rest)

    @property
    def vocab_size(self) -> int:
        return len(self.vocabulary)

    def get_vocab(self) -> dict[str, int]:
        return dict(self.vocabulary)

    def tokenize(self, text: str, **_: Any) -> list[str]:
        """The names of a text's tokens. A word that is none is an error: there is no token for unknown
        words."""
        words = text.split()
        if self.machine == "byte" and words[:1] != ["start"] and any(word in OPCODES for word in words if word not in self.vocabulary):
            return self.of_listing(text)
        # Numbers of no token stand before the names in a listing of the full machine.
        following = [*words[1:], ""]
        names = [word for word, after in zip(words, following) if word in self.vocabulary or word != str(self.vocabulary.get(after))]
        for name in names:
            if name not in self.vocabulary:
                raise ValueError(f"{name!r} is no token of the {self.machine} machine")
        return names

    def of_listing(self, text: str) -> list[str]:
        """The tokens of a byte program's listing: `start`, then opcode and operand of each line."""
        names = ["start"]
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                parts = INSTRUCTION.fullmatch(line)
                if parts is None or parts[1] not in OPCODES or int(parts[2] or 0) > 255:
                    raise ValueError(f"line {number}: {line.strip()!r} is no instruction of the byte machine")
                names += [str(OPCODES[parts[1]]), str(int(parts[2] or 0))]
        return names

    def _convert_token_to_id(self, token: str) -> int:
        return self.vocabulary[token]

    def _convert_id_to_token(self, index: int) -> str:
        return self.names[index]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        return " ".join(tokens)

    def save_vocabulary(self, save_directory: str, filename_prefix: str | None = None) -> tuple[str, ...]:
        path = Path(save_directory) / f"{filename_prefix + '-' if filename_prefix else ''}tokenizer.json"
        path.write_text(json.dumps({"version": "1.0", "model": {"type": "WordLevel", "vocab": self.vocabulary, "unk_token": ""}}))
        return (str(path),)
