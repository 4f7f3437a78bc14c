"""What users of transformers do with an exported folder: both machines, alone and in batches, dense and
sparse."""

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import PROGRAMS, ROOT, listing_of, trace_of, wasmformer

# Read when transformers is imported: nothing is fetched, and the folders' code is not copied into the user's
# cache.
modules = tempfile.TemporaryDirectory()
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_MODULES_CACHE": modules.name}
transformers = pytest.importorskip("transformers")
torch = pytest.importorskip("torch")
torch.set_num_threads(1)

FACTORIAL = Path(__file__).parent / "programs/factorial.wat"
ECHO = ROOT / "corpus/full/features/input-to-its-end.wat"
TRAP = ROOT / "corpus/full/traps/integer-overflow.wat"
ADD = next(path for path in PROGRAMS if path.stem == "wrap-at-256")
FILES = next(path for path in PROGRAMS if path.stem == "overwrite-in-the-middle")


def load(folder: Path):
    """The model and tokenizer by the Auto classes."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)
    return model, transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=True)


@pytest.fixture(scope="session")
def byte(folder):
    return load(folder)


@pytest.fixture(scope="session")
def full(full_folder):
    return load(full_folder)


def text_of(program: Path, machine: str = "full") -> str:
    return wasmformer("listing", program, "--machine", machine).stdout


def generated(loaded, *texts: str, **options) -> list[list[int]]:
    """The tokens generated for some prompts at once, up to the end of each."""
    model, tokenizer = loaded
    batch = tokenizer(list(texts), return_tensors="pt", padding=True)
    tokens = model.generate(**batch, **options)[:, batch["input_ids"].shape[1] :].tolist()
    ends = set(options.get("eos_token_id", model.generation_config.eos_token_id))
    return [row[: next((i + 1 for i, token in enumerate(row) if token in ends), len(row))] for row in tokens]


def agree_with_the_indexed_engine(program: Path, tokens: list[int], scratch: Path) -> bool:
    """Whether the tokens are those of the indexed engine, from the first to the one that ends the run."""
    (scratch / "tokens.json").write_text(json.dumps(tokens))
    engine = f"{sys.executable} {Path(__file__).parent}/recorded_engine.py {scratch}/tokens.json"
    result = wasmformer("diff", program, "--machine", "full", "--engine", "indexed", "--engine-cmd", engine)
    return result.returncode == 0 and "engine recorded (" in result.stdout


def test_generate_runs_a_factorial(full, tmp_path) -> None:
    model, tokenizer = full
    assert model.dtype == torch.float64
    [tokens] = generated(full, text_of(FACTORIAL))
    assert agree_with_the_indexed_engine(FACTORIAL, tokens, tmp_path)
    assert not agree_with_the_indexed_engine(FACTORIAL, [*tokens[:-2], tokens[-2] + 1, tokens[-1]], tmp_path)
    words = tokenizer.decode(tokens).split()
    outputs = [int(word.removeprefix("out:")) for word in words if word.startswith("out:")]
    assert bytes(outputs) == wasmformer("run", FACTORIAL, "--engine", "indexed").stdout.encode()[:2] == bytes([6, 120])
    assert words[-1] == "halt"


def test_generate_runs_a_batch_of_two(full, tmp_path) -> None:
    long, short = generated(full, text_of(FACTORIAL), text_of(TRAP))
    assert agree_with_the_indexed_engine(FACTORIAL, long, tmp_path) and agree_with_the_indexed_engine(TRAP, short, tmp_path)
    assert len(long) > len(short) and full[1].decode(short).endswith("trap:integer-overflow")


def test_generate_stops_at_a_question_or_answers_it(full) -> None:
    [tokens] = generated(full, text_of(ECHO))
    assert full[1].decode(tokens[-1:]) == "ask"
    answered = generated(full, text_of(ECHO), text_of(ECHO), input_bytes=[b"echo", b"a"], eos_token_id=full[0].config.eos_token_id)
    for tokens, data in zip(answered, (b"echo", b"a")):
        words = full[1].decode(tokens).split()
        assert bytes(int(word[4:]) for word in words if word.startswith("out:")) == data


def test_the_tokenizer_reads_listings_and_names(full, byte) -> None:
    text = text_of(FACTORIAL)
    ids = full[1](text)["input_ids"]
    assert ids == listing_of(FACTORIAL, "full")["tokens"]
    assert full[1](full[1].decode(ids))["input_ids"] == ids
    pairs = byte[1](text_of(ADD, "byte"))["input_ids"]
    assert pairs == [256, *(byte for pair in listing_of(ADD)["listing"] for byte in pair)]
    assert byte[1](byte[1].decode(pairs))["input_ids"] == pairs
    for tokenizer, wrong in ((full[1], "go nonsense"), (byte[1], "i32.const 5\ni32.nonsense"), (byte[1], "i32.const 300")):
        with pytest.raises(ValueError, match="nonsense|300"):
            tokenizer(wrong)


def test_the_pipeline_runs_a_program(full) -> None:
    pipe = transformers.pipeline("text-generation", model=full[0], tokenizer=full[1])
    text = pipe(text_of(TRAP), return_full_text=False)[0]["generated_text"]
    assert text.split()[-1] == "trap:integer-overflow"


def test_generate_runs_the_byte_machine_with_its_host(byte) -> None:
    files = listing_of(FILES)["files"]
    empty = [[], [], [], []]
    first, second = generated(byte, text_of(ADD, "byte"), text_of(FILES, "byte"), files=[empty, files])
    assert first == [token for _, token in trace_of(ADD)]
    assert second == [token for _, token in trace_of(FILES)]


def test_what_would_be_wrong_is_refused(byte, full, full_folder) -> None:
    model, tokenizer = full
    prompt = tokenizer("go", return_tensors="pt")
    with pytest.raises(ValueError, match="use_cache=False"):
        model.generate(**prompt, use_cache=False)
    with pytest.raises(ValueError, match="output_attentions"):
        model(**prompt, output_attentions=True)
    with pytest.raises(ValueError, match="machine 'full' in float32|does not hold the numbers"):
        transformers.AutoModelForCausalLM.from_pretrained(full_folder, trust_remote_code=True, dtype=torch.float32)(**prompt)
    with pytest.raises(ValueError, match="is no prompt"):
        byte[0](torch.tensor([[256, 5]]))


def test_hidden_states_and_logits(byte) -> None:
    model, tokenizer = byte
    batch = tokenizer(text_of(ADD, "byte"), return_tensors="pt")
    output = model(**batch, output_hidden_states=True)
    assert len(output.hidden_states) == 1 + len(model.config.attention)
    assert output.hidden_states[-1].shape == (1, batch["input_ids"].shape[1], model.config.d_model)
    assert output.logits[0, -1].argmax() == 255 and output.logits.max() == 0


def test_auto_model_runs_and_what_it_saves_is_taken(folder, tmp_path) -> None:
    model = transformers.AutoModel.from_pretrained(folder, trust_remote_code=True)
    trace, host = model.run(listing_of(ADD)["listing"])
    assert trace == trace_of(ADD) and host.end == "halt"
    model.save_pretrained(tmp_path)
    ran = wasmformer("run", ADD, "--weights", tmp_path)
    assert ran.returncode == 0 and ran.stdout == wasmformer("run", ADD).stdout
    again = transformers.AutoModel.from_pretrained(tmp_path, trust_remote_code=True)
    assert again.run(listing_of(ADD)["listing"])[0] == trace


@pytest.mark.parametrize("machine", ["byte", "full"])
def test_a_sparse_folder_loads_to_the_same_model(machine, folder, full_folder, tmp_path) -> None:
    from wasmformer import load as load_folder

    whole = folder if machine == "byte" else full_folder
    load_folder(whole).save(tmp_path / "sparse", sparse=True)
    size = (tmp_path / "sparse/model.safetensors").stat().st_size
    assert size < (whole / "model.safetensors").stat().st_size / 20
    dense, sparse = (transformers.AutoModelForCausalLM.from_pretrained(f, trust_remote_code=True) for f in (whole, tmp_path / "sparse"))
    assert sparse.dtype == dense.dtype and sparse.generation_config.eos_token_id == dense.generation_config.eos_token_id
    for name, weight in dense.state_dict().items():
        assert torch.equal(weight, sparse.state_dict()[name]), name


def test_the_configs_are_read_and_others_refused(folder, tmp_path) -> None:
    config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=True)
    assert config.hidden_size == 100 and config.num_hidden_layers == 8
    other = json.loads((folder / "config.json").read_text()) | {"machine": "other"}
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "config.json").write_text(json.dumps(other))
    with pytest.raises(ValueError, match="machine 'other'"):
        transformers.AutoConfig.from_pretrained(tmp_path, trust_remote_code=True)
