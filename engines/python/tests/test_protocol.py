"""Engines under `wasmformer diff --engine-cmd`: the example of engines/README.md, and engines wrong on
purpose."""

import json
import re
import sys
from pathlib import Path

from conftest import ROOT, wasmformer

TESTS = Path(__file__).parent
PROGRAMS = ROOT / "corpus/compliance/core-arithmetic-logic"


def diff(engine: str, programs: Path = PROGRAMS) -> tuple[int, dict]:
    result = wasmformer("diff", programs, "--json", "--engine-cmd", f"{sys.executable} {engine}")
    return result.returncode, json.loads(result.stdout)


def test_the_minimal_engine_conforms_and_is_the_one_of_the_page() -> None:
    code = (TESTS / "minimal_engine.py").read_text()
    assert code in re.findall(r"```python\n(.*?)```", (TESTS.parents[1] / "README.md").read_text(), re.DOTALL)
    assert len(code.splitlines()) < 40
    status, report = diff(f"{TESTS}/minimal_engine.py")
    assert status == 0, report
    [engine] = report["engines"]
    assert engine["agree"] == report["totals"]["agree"] == 24
    assert engine["logits"] == engine["steps"] > 1000


def test_one_operation_off_is_found_with_layer_and_lane() -> None:
    status, report = diff(f"{TESTS}/wrong_engine.py no-relu")
    assert status == 1
    assert report["engines"][0]["diverge"] > 0
    diverging = [line["engines"][0] for line in report["programs"] if line["engines"][0]["verdict"] == "diverge"]
    assert diverging[0]["report"]["origin"]["stage"] == "layer 4's FFN", diverging[0]
    assert diverging[0]["report"]["origin"]["expected"] != diverging[0]["report"]["origin"]["actual"]


def test_a_logit_that_changes_no_token_is_found() -> None:
    status, report = diff(f"{TESTS}/wrong_engine.py nudged", PROGRAMS / "addition")
    assert status == 1
    first = report["programs"][0]["engines"][0]
    assert first["report"]["difference"]["what"] == "logits" and first["report"]["difference"]["differing"] == 1
    assert first["report"]["reference"] == "dense" and "origin" not in first["report"]


def test_ties_to_the_earliest_are_found_where_the_page_says() -> None:
    _, report = diff(f"{TESTS}/wrong_engine.py earliest", PROGRAMS / "addition")
    diverging = [line["engines"][0] for line in report["programs"] if line["engines"][0]["verdict"] == "diverge"]
    origin = diverging[0]["report"]["origin"]
    page = (TESTS.parents[1] / "writing.md").read_text()
    assert origin["lane"] in ("cell_value", "local_value") and "attention" in origin["stage"], origin
    assert "`cell_value` or `local_value` after attention, tokens right so far | ties: the earliest row was found instead" in page


def test_a_logit_that_is_no_number_is_named() -> None:
    status, report = diff(f"{TESTS}/wrong_engine.py not-a-number", PROGRAMS / "addition")
    assert status == 1
    first = report["programs"][0]["engines"][0]
    assert first["verdict"] == "failed" and "the logit of token 7 is nan" in first["reason"], first


def test_engines_of_one_name_are_told_apart() -> None:
    result = wasmformer("diff", PROGRAMS / "addition", *["--engine-cmd", f"{sys.executable} {TESTS}/minimal_engine.py"] * 2)
    assert result.returncode == 0, result.stdout
    assert "engine minimal (" in result.stdout and "engine minimal #2 (" in result.stdout


def test_the_digest_is_the_one_of_the_page() -> None:
    from wasmformer.engine import digest

    page = (TESTS.parents[1] / "README.md").read_text()
    assert "Of three logits 0, 1 and −2.5 it is `[3453636453, 624699479]`" in page
    assert digest([0, 1, -2.5]) == [3453636453, 624699479]
