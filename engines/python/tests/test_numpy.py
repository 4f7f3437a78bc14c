"""The numpy network on small models whose results are known by hand, and the host on its own."""

import numpy as np
import pytest
from conftest import PROGRAMS, ROOT, listing_of, trace_of
from wasmformer.model import sparse_tensors
from wasmformer.numpy_wasmformer import SCORES, ByteHost, FullHost, Network, dense, host_of, load, parts, run


def one_head(kind: str, query: tuple[int, int]) -> Network:
    """Lane 0 is a row's number, lane 1 the constant 1; one head with key (number, 1) writes what it finds to
    lane 2."""
    config = {"machine": "byte", "attention": [[kind]], "d_model": 4, "d_head": 2, "d_ffn": 1, "vocab_size": 1, "lanes": []}
    a = np.float32
    weights = {
        "embedding": np.zeros((1, 4), a),
        "unembedding": np.zeros((1, 4), a),
        "layers.0.attention.query": np.array([[0, query[0], 0, 0], [0, query[1], 0, 0]], a),
        "layers.0.attention.key": np.array([[1, 0, 0, 0], [0, 1, 0, 0]], a),
        "layers.0.attention.value": np.array([[1, 0, 0, 0], [1, 0, 0, 0]], a),
        "layers.0.attention.output": np.array([[0, 0], [0, 0], [1, 0], [0, 1]], a),
        **{f"layers.0.ffn.{part}": np.zeros(shape, a) for part, shape in (("gate", (1, 4)), ("value", (1, 4)), ("down", (4, 1)))},
    }
    return Network(config, weights)


def rows(*numbers: int) -> list:
    return [(0, [(0, number), (1, 1)]) for number in numbers]


def found(network: Network, *numbers: int) -> list[int]:
    return network.forward(rows(*numbers))[:, 2].tolist()


def test_hard_max_takes_the_highest() -> None:
    assert found(one_head("hard_max", (1, 0)), 3, 1, 7, 2) == [3, 3, 7, 7]


def test_of_equal_scores_the_latest_wins() -> None:
    assert found(one_head("hard_max", (0, 1)), 4, 9, 9, 0, 2) == [4, 9, 9, 0, 2]


def test_sum_adds_all_rows_so_far() -> None:
    network = one_head("sum", (0, 0))
    assert found(network, 3, 1) == [3, 4]
    assert found(network, 7) == [11]


def test_cross_sees_the_store_only() -> None:
    network = one_head("cross:0", (-1, 0))
    assert found(network, 1) == [0], "an empty store gives 0"
    for index, number in [(0, 5), (1, 4), (2, 8), (1, 6)]:
        network.write_store(0, index, rows(number)[0])
    assert found(network, 1, 9) == [5, 5]


@pytest.mark.parametrize("kind", ["hard_max", "sum"])
def test_a_batch_gives_what_its_rows_give_one_by_one(kind: str) -> None:
    numbers = [4, 9, 9, 0, 2, 5, 9, 1, 3]
    one_by_one = one_head(kind, (1, 3))
    assert found(one_head(kind, (1, 3)), *numbers) == [found(one_by_one, number)[0] for number in numbers]


def test_a_long_prompt_is_passed_in_parts() -> None:
    whole, by_parts = one_head("hard_max", (1, 0)), one_head("hard_max", (1, 0))
    numbers = [(7 * i) % 101 for i in range(600)]
    expected = found(whole, *numbers)
    by_parts.logits([], rows(*numbers[:-1]))
    assert found(by_parts, numbers[-1]) == expected[-1:]


@pytest.mark.parametrize("past, count", [(0, 1), (0, 256), (0, 1000), (5000, 700), (400_000, 3)])
def test_parts_are_all_rows_once_and_bounded(past: int, count: int) -> None:
    slices = list(parts(past, count))
    assert [row for part in slices for row in range(part.start, part.stop)] == list(range(count))
    assert all(part.stop - part.start == 1 or (part.stop - part.start) * (past + part.stop) <= SCORES for part in slices)


@pytest.mark.parametrize("name", ["overwrite-in-the-middle", "third-entry-traps", "thirty-third-write", "read-after-close"])
def test_program_in_trace_out(folder, name: str) -> None:
    program = next(path for path in PROGRAMS if path.stem == name)
    config, weights = load(folder)
    host = host_of(listing_of(program), config)
    assert isinstance(host, ByteHost)
    pcs_and_tokens, tokens = [], run(Network(config, weights), host)
    pc = host.pc
    for token in tokens:
        pcs_and_tokens.append((pc, token))
        pc = host.pc
    assert trace_of(program) == [(host_pc, token) for host_pc, token in pcs_and_tokens]
    assert host.end in ("halt", "trap")


@pytest.mark.parametrize(
    "name, outputs, end",
    [("features/input-to-its-end", list(b"echo"), "halt"), ("traps/division-by-zero", [3, 2, 1], "trap:division-by-zero")],
)
def test_a_full_program_runs_to_its_end(full_folder, name: str, outputs: list[int], end: str) -> None:
    config, weights = load(full_folder)
    host = host_of(listing_of(ROOT / f"corpus/full/{name}.wat", "full"), config)
    tokens = list(run(Network(config, weights), host))
    assert isinstance(host, FullHost) and (host.outputs, host.end) == (outputs, end) and len(tokens) > 40


def test_a_run_can_be_limited(folder) -> None:
    config, weights = load(folder)
    host = host_of(listing_of(next(path for path in PROGRAMS if path.stem == "wrap-at-256")), config)
    assert len(list(run(Network(config, weights), host, limit=7))) == 7 and host.end is None


def test_a_bad_program_is_refused(folder, full_folder) -> None:
    files, halt = [[], [], [], []], [15, 0]
    byte, full = load(folder)[0], load(full_folder)[0]
    for program, reason in [
        ({"listing": [[0x99, 0], halt], "files": files}, "instruction 0 is"),
        ({"listing": [[0x41, 300], halt], "files": files}, "instruction 0 is"),
        ({"listing": [], "files": files}, "listing is empty"),
        ({"listing": [[0x03, 0], [0x0B, 0]], "files": files}, "has no step"),
        ({"listing": [[0x0D, 0], halt], "files": files}, "instruction 0 branches out of no loop"),
        ({"listing": [halt], "files": [[1] * 33, [], [], []]}, "4 files of at most 32 bytes"),
        ({"tokens": [1]}, "not for the byte machine"),
    ]:
        with pytest.raises(ValueError, match=reason):
            host_of(program, byte)
    for program, reason in [({"listing": [halt], "files": files}, "not for the full machine"), ({"tokens": [10**6]}, "no token")]:
        with pytest.raises(ValueError, match=reason):
            host_of(program, full)


def test_sparse_and_dense_weights_turn_into_each_other(folder) -> None:
    config, weights = load(folder)
    again = dense(config, sparse_tensors(weights))
    assert weights.keys() == again.keys()
    assert all(weights[name].dtype == again[name].dtype and weights[name].tobytes() == again[name].tobytes() for name in weights)


def test_sparse_tensors_that_do_not_fit_are_refused(folder) -> None:
    config, weights = load(folder)
    tensors = sparse_tensors(weights)
    indices, codes, values = (tensors[f"embedding.{part}"] for part in ("indices", "codes", "values"))
    without = {name: tensor for name, tensor in tensors.items() if name != "embedding.codes"}
    for damaged, reason in [
        (without, "no tensor embedding.codes"),
        (tensors | {"embedding.codes": codes[1:]}, f"embedding has {len(indices)} indices and {len(codes) - 1} codes"),
        (tensors | {"embedding.values": values[:-1]}, f"embedding.codes has {len(values) - 1}, expected 0 to {len(values) - 2}"),
        (tensors | {"embedding.indices": indices - 1 - indices[0]}, "embedding.indices has -1, expected 0 to 25999"),
        (tensors | {"embedding.indices": indices - indices[-1] + 26_000}, "embedding.indices has 26000, expected 0 to 25999"),
    ]:
        with pytest.raises(ValueError, match=reason):
            dense(config, damaged)


def test_a_weight_has_as_many_distinct_numbers_as_codes() -> None:
    numbers = np.arange(1, (1 << 16) + 2, dtype=np.float32)
    assert sparse_tensors({"w": numbers[:-1]})["w.codes"][-1] == (1 << 16) - 1
    with pytest.raises(ValueError, match="w has 65537 distinct numbers"):
        sparse_tensors({"w": numbers})
