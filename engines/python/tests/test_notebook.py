"""The notebook runs from its first cell to its last."""

import os
from pathlib import Path

import pytest
from conftest import ROOT

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("torch")

BOOK = Path(__file__).parents[1] / "notebooks/look_inside.ipynb"


def test_the_notebook_runs(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "engines/python"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("WASMFORMER", os.environ.get("WASMFORMER", str(ROOT / "target/release/wasmformer")))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    book = nbformat.read(BOOK, as_version=4)
    nbclient.NotebookClient(book, timeout=1800, kernel_name="python3", resources={"metadata": {"path": str(BOOK.parent)}}).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert "5 7 35 200 235 235 halt" in "".join(output.get("text", "") for output in outputs)


def test_the_stored_outputs_are_small() -> None:
    assert BOOK.stat().st_size < 60_000
