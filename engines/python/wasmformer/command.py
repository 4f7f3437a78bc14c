"""The command `wasmformer`: it compiles machines and reads programs. It is found in $WASMFORMER or on the
PATH."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# A program: the path of a .wat or .wasm file, or the module itself as text or bytes.
Program = str | bytes | Path


def find() -> str:
    """The path of the command."""
    given = os.environ.get("WASMFORMER")
    found = given or shutil.which("wasmformer")
    if not found:
        raise FileNotFoundError("the command wasmformer is neither in $WASMFORMER nor on the PATH; `cargo install wasmformer` brings it")
    return found


def call(*arguments: object, data: bytes | None = None, statuses: Sequence[int] = (0,)) -> str:
    """Runs the command; returns what it prints. An exit status that is not expected is an error with its
    reason."""
    ran = subprocess.run([find(), *map(str, arguments)], input=data, capture_output=True)
    if ran.returncode not in statuses:
        raise ValueError(ran.stderr.decode(errors="replace").strip().removeprefix("error: ") or f"exit status {ran.returncode}")
    return ran.stdout.decode()


def source(program: Program) -> tuple[str, bytes | None]:
    """How the command is given a program: a path, or `-` and the module."""
    if isinstance(program, bytes):
        return "-", program
    if isinstance(program, str) and program.lstrip().startswith(("(", ";")):
        return "-", program.encode()
    return str(program), None


def listing(program: Program, machine: str | None = None, invoke: str | None = None, arguments: Sequence[object] = ()) -> dict[str, Any]:
    """A program as hosts take it: `listing` (opcode and operand of each instruction) and `files` of the byte
    machine, `tokens` (the prompt) and `input` of the full one. Without `machine`, of the smallest that has
    the program."""
    path, data = source(program)
    options = [*(["--machine", machine] if machine else []), *(["--invoke", invoke] if invoke else [])]
    found: dict[str, Any] = json.loads(call("listing", path, "--json", *options, *arguments, data=data))
    return found


def listing_text(program: Program, machine: str | None = None) -> str:
    """A program as the tokenizer reads it, and as a person does."""
    path, data = source(program)
    return call("listing", path, *(["--machine", machine] if machine else []), data=data)


def diff(*programs: Program, engine: str | None = None, weights: str | Path | None = None) -> dict[str, Any]:
    """Runs programs on all engines in lockstep, and on the process `engine` too; returns the report. Its
    `["totals"]` count what agrees and what diverges."""
    options = [*(["--engine-cmd", engine] if engine else []), *(["--weights", str(weights)] if weights else [])]
    paths: list[str] = []
    data: bytes | None = None
    for program in programs:
        path, own = source(program)
        if own is not None and len(programs) > 1:
            raise ValueError("a module that is no file is compared alone")
        paths, data = [*paths, path], own
    report: dict[str, Any] = json.loads(call("diff", *paths, "--json", *options, data=data, statuses=(0, 1)))
    return report


def export(machine: str = "byte", sparse: bool = False) -> Path:
    """The folder of a machine's model, compiled once for each version of the command and kept in the user's
    cache."""
    version = call("--version").splitlines()[0].replace(" ", "-")
    built = Path(find()).stat()
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wasmformer"
    folder = root / f"{version}-{built.st_size}-{int(built.st_mtime)}" / (machine + ("-sparse" if sparse else ""))
    if not (folder / "config.json").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Written beside it and then renamed, so that there is never half of a folder.
        with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
            call("export", f"{beside}/model", "--machine", machine, *(["--sparse"] if sparse else []))
            try:
                os.rename(f"{beside}/model", folder)
            except OSError:
                if not (folder / "config.json").exists():
                    raise
    return folder
