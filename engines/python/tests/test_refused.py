"""Folders that would give wrong tokens in silence: of another machine, or of another number type. All refuse
them by name."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import PROGRAMS, ROOT, listing_of, wasmformer
from wasmformer import engine, numpy_wasmformer

LOADERS = {"numpy": numpy_wasmformer.load, "engine numpy": engine.Numpy().load}
try:
    from wasmformer import onnx_wasmformer

    LOADERS |= {"onnx": onnx_wasmformer.load, "onnx files": onnx_wasmformer.main, "engine onnx": engine.Onnx().load}
except ImportError:
    pass
try:
    from wasmformer import torch_wasmformer

    LOADERS |= {"torch": torch_wasmformer.load, "engine torch": engine.Torch().load}
except ImportError:
    pass


def edited(folder: Path, to: Path, **entries: object) -> Path:
    """A copy of a folder whose config says something else; an entry of None is taken out."""
    shutil.copytree(folder, to)
    config = json.loads((to / "config.json").read_text()) | entries
    (to / "config.json").write_text(json.dumps({name: entry for name, entry in config.items() if entry is not None}))
    return to


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("entries", [{"machine": "full"}, {"machine": None}, {"dtype": "F64"}, {"dtype": "float64"}, {"dtype": None}])
def test_another_machine_or_type_is_refused(folder: Path, tmp_path: Path, loader: str, entries: dict) -> None:
    other = edited(folder, tmp_path / "other", **entries)
    files = sorted(other.iterdir())
    with pytest.raises((ValueError, SystemExit), match=r"machine .* in .*; only 'byte' in F32 and 'full' in F64 run here"):
        LOADERS[loader](str(other))
    assert sorted(other.iterdir()) == files, "nothing is written"


def test_the_type_may_be_spelled_as_torch_does(folder: Path, tmp_path: Path) -> None:
    for index, entries in enumerate([{"dtype": "float32"}, {"dtype": None, "torch_dtype": "float32"}]):
        other = edited(folder, tmp_path / str(index), **entries)
        _, weights = numpy_wasmformer.load(other)
        assert len(weights) == len(numpy_wasmformer.load(folder)[1])
        program = next(path for path in PROGRAMS if path.stem == "wrap-at-256")
        ran, expected = (wasmformer("run", program, *more).stdout for more in (["--weights", other], []))
        assert ran == expected != ""


def test_weights_of_another_type_are_refused(folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    other = edited(folder, tmp_path / "wide")
    weights = load_file(folder / "model.safetensors")
    save_file(weights | {"embedding": weights["embedding"].astype(np.float64)}, other / "model.safetensors")
    for name, loader in LOADERS.items():
        with pytest.raises((ValueError, SystemExit), match="embedding is of type float64, expected F32"):
            loader(str(other))


def test_an_engine_says_so_to_the_harness(folder: Path, tmp_path: Path) -> None:
    other = edited(folder, tmp_path / "other", dtype="F64")
    question = json.dumps({"type": "load", "protocol": 1, "folder": str(other)})
    command = [sys.executable, "-m", "wasmformer.engine", "numpy"]
    ran = subprocess.run(command, input=question, cwd=ROOT / "engines/python", capture_output=True, text=True, check=True)
    answer = json.loads(ran.stdout.splitlines()[-1])
    assert answer["type"] == "error" and "machine 'byte' in F64" in answer["reason"] and ran.stderr == ""


def test_the_numpy_file_by_itself_says_so_in_a_line(folder: Path, full_folder: Path, tmp_path: Path) -> None:
    listing, tokens = tmp_path / "listing.json", tmp_path / "tokens.json"
    listing.write_text(json.dumps(listing_of(PROGRAMS[0])))
    tokens.write_text(json.dumps({"tokens": [1, 2, 3]}))
    for model, program, reason in [(full_folder, listing, "not for the full machine"), (folder, tokens, "not for the byte machine")]:
        command = [sys.executable, "-I", folder / "numpy_wasmformer.py", model, program]
        ran = subprocess.run(command, capture_output=True, text=True)
        assert ran.returncode == 1 and reason in ran.stderr and len(ran.stderr.splitlines()) == 1, ran.stderr
