"""Folders of `wasmformer specialize`: the weights hold the program."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROGRAMS, ROOT, listing_of, trace_of, wasmformer

import wasmformer as package
from wasmformer import numpy_wasmformer

BYTE = ROOT / "corpus/compliance/loop-edge-cases/iteration-limits/third-entry-traps.wat"
FULL = ROOT / "engines/python/tests/programs/factorial.wat"


@pytest.fixture(scope="module", params=["byte", "full"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    """The machine, the program and the folder that holds it."""
    program = BYTE if request.param == "byte" else FULL
    written = tmp_path_factory.mktemp(request.param) / "weights"
    ran = wasmformer("specialize", program, written, "--machine", request.param)
    assert ran.returncode == 0, ran.stderr
    return request.param, program, written


def test_the_folder_alone_runs_its_program(folder: tuple[str, Path, Path]) -> None:
    machine, program, written = folder
    model = package.load(written)
    trace = model.run()
    if machine == "byte":
        assert trace.pcs is not None
        assert list(zip(trace.pcs.tolist(), trace.tokens.tolist())) == trace_of(program)
    else:
        universal = package.compile("full").run(program)
        assert trace.tokens.tolist() == universal.tokens.tolist() and trace.end == universal.end
    names = numpy_wasmformer.token_names(model.config)
    printed = subprocess.run([sys.executable, written / "numpy_wasmformer.py", written], capture_output=True, text=True, timeout=300)
    assert printed.stdout.split()[: len(trace.tokens)] == [names[token] for token in trace.tokens], printed.stderr


def test_another_program_is_refused(folder: tuple[str, Path, Path]) -> None:
    machine, program, written = folder
    model = package.load(written)
    assert model.run(listing_of(program, machine)).tokens.tolist() == model.run().tokens.tolist()
    with pytest.raises(ValueError, match="specialised to another program"):
        model.run(listing_of(PROGRAMS[0], machine))


def test_the_protocol_agrees(folder: tuple[str, Path, Path]) -> None:
    _, program, written = folder
    engine = f"{sys.executable} -m wasmformer.engine numpy --check-host"
    ran = wasmformer("diff", program, "--weights", written, "--engine-cmd", engine)
    assert ran.returncode == 0 and " 0 diverge" in ran.stdout, ran.stdout + ran.stderr


def test_transformers_generates_from_one_token(folder: tuple[str, Path, Path]) -> None:
    torch = pytest.importorskip("torch")
    auto = pytest.importorskip("transformers").AutoModelForCausalLM
    _, _, written = folder
    model = package.load(written)
    prompt = torch.tensor([model.config["specialized"]["prompt"]])
    hub = auto.from_pretrained(written, trust_remote_code=True)
    generated = hub.generate(prompt)[0, prompt.shape[1] :].tolist()
    assert generated == model.run().tokens.tolist()
