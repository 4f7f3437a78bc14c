"""The command under test, a model folder that it exported, and programs of its corpus."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAMS = sorted((ROOT / "corpus/compliance").rglob("*.wat"))


def wasmformer(*arguments: object) -> subprocess.CompletedProcess:
    """Runs the command, by default the release build."""
    command = os.environ.get("WASMFORMER", ROOT / "target/release/wasmformer")
    return subprocess.run([command, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=300)


def trace_of(program: Path) -> list[tuple[int, int]]:
    """The reference VM's trace: pc and token of each step."""
    names = {"start": 256, "halt": 257, "trap": 258, "pad": 259}
    lines = [line.split() for line in wasmformer("trace", program, "--engine", "vm").stdout.splitlines()[1:]]
    return [(int(words[1]), names[words[-2]] if words[-2] in names else int(words[-2])) for words in lines]


def listing_of(program: Path, machine: str = "byte") -> dict:
    """The program as hosts take it."""
    return json.loads(wasmformer("listing", program, "--json", "--machine", machine).stdout)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    result = wasmformer("export", path)
    assert result.returncode == 0, result.stderr
    return path


@pytest.fixture(scope="session")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The full machine's, 170 MB."""
    path = tmp_path_factory.mktemp("full")
    result = wasmformer("export", path, "--machine", "full")
    assert result.returncode == 0, result.stderr
    return path
