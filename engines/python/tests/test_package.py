"""The package as its users import it."""

import numpy as np
import pytest
import wasmformer as package
from conftest import PROGRAMS, ROOT, trace_of

ADD = next(path for path in PROGRAMS if path.stem == "wrap-at-256")
MODULE = '(module (import "host" "output" (func $o (param i32))) (func (export "main") (call $o (i32.const 42))))'


@pytest.fixture(autouse=True)
def command(tmp_path_factory, monkeypatch):
    from conftest import wasmformer

    monkeypatch.setenv("WASMFORMER", wasmformer.__globals__["os"].environ.get("WASMFORMER", str(ROOT / "target/release/wasmformer")))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def test_run_gives_a_trace_in_arrays() -> None:
    trace = package.run(ADD)
    assert trace.pcs is not None and trace.tokens.dtype == trace.pcs.dtype == np.int64
    assert list(zip(trace.pcs.tolist(), trace.tokens.tolist())) == trace_of(ADD)
    assert trace.end == "halt" and trace.outputs[-1] == 44 and trace.text().endswith("44 halt")


def test_run_takes_modules_and_chooses_the_machine() -> None:
    assert package.run(MODULE).outputs == bytes([42])
    echo = package.run(ROOT / "corpus/full/features/input-to-its-end.wat", input_bytes=b"hi")
    assert (echo.outputs, echo.end, echo.pcs) == (b"hi", "halt", None)
    assert package.run(ADD, limit=3).end is None


def test_a_model_is_compiled_once_and_kept() -> None:
    first, second = package.compile("byte"), package.compile("byte")
    assert first.folder == second.folder and first.machine == "byte"
    assert package.load(first.folder).run(ADD).end == "halt"


def test_dense_and_sparse_folders_turn_into_each_other(folder, tmp_path) -> None:
    model = package.load(folder)
    model.save(tmp_path / "sparse", sparse=True)
    package.load(tmp_path / "sparse").save(tmp_path / "dense")
    for name, weight in package.load(tmp_path / "dense").weights.items():
        assert weight.tobytes() == model.weights[name].tobytes()
    assert package.load(tmp_path / "sparse").run(ADD).end == "halt"


def test_diff_reports_and_listing_lists() -> None:
    report = package.diff(ADD)
    assert report["totals"]["agree"] == 1
    assert package.listing(MODULE)["listing"][0] == [0x41, 42]
    assert package.listing_text(MODULE).split()[1:3] == ["i32.const", "42"]


def test_what_cannot_be_is_said_in_a_line(tmp_path) -> None:
    with pytest.raises(ValueError, match="no-such.wat"):
        package.run(tmp_path / "no-such.wat")
    with pytest.raises(ValueError, match="compared alone"):
        package.diff(MODULE, ADD)
