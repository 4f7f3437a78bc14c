"""The exported folder, as its users meet it."""

import json
import subprocess
import sys
from pathlib import Path

from conftest import PROGRAMS, listing_of, trace_of, wasmformer


def test_tensors_add_up_to_the_stated_parameters(folder: Path) -> None:
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text())
    weights = load_file(folder / "model.safetensors")
    assert sum(tensor.size for tensor in weights.values()) == config["parameters"] == 316_000
    assert all(tensor.dtype == "float32" for tensor in weights.values())


def test_two_exports_are_the_same_to_the_byte(folder: Path, tmp_path: Path) -> None:
    assert wasmformer("export", tmp_path).returncode == 0
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    assert all((folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_the_numpy_file_runs_a_program_by_itself(folder: Path, tmp_path: Path) -> None:
    program = next(path for path in PROGRAMS if path.stem == "filter-above-threshold")
    (tmp_path / "program.json").write_text(json.dumps(listing_of(program)))
    command = [sys.executable, "-I", folder / "numpy_wasmformer.py", folder, tmp_path / "program.json"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    names = {257: "halt", 258: "trap"}
    assert lines[:-1] == [names.get(token, str(token)) for _, token in trace_of(program)]
    outputs = wasmformer("run", program, "--engine", "vm").stdout.split()
    assert lines[-1].split() == ["halt", "outputs", *outputs]


def test_the_card_has_front_matter_and_figures(folder: Path) -> None:
    card = (folder / "README.md").read_text()
    _, front, text = card.split("---\n", 2)
    assert "license: mit" in front and "library_name:" in front and "tags:" in front
    assert "316000" in text and "[13, 1, 0, 8, 2, 1, 1, 4]" in text and "i32.add" in text
