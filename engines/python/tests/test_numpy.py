"""The numpy network on small models whose results are known by hand, and the host on its own."""

import numpy as np
import pytest
from conftest import PROGRAMS, listing_of, trace_of
from wasmformer.numpy_wasmformer import Host, Network, load, run


def one_head(kind: str, query: tuple[int, int]) -> Network:
    """Lane 0 is a row's number, lane 1 the constant 1; one head with key (number, 1) writes what it finds to lane 2."""
    config = {"attention": [[kind]], "d_model": 4, "d_head": 2, "d_ffn": 1, "vocab_size": 1, "lanes": []}
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
    whole, parts = one_head("hard_max", (1, 0)), one_head("hard_max", (1, 0))
    numbers = [(7 * i) % 101 for i in range(600)]
    expected = found(whole, *numbers)
    parts.logits([], rows(*numbers[:-1]))
    assert found(parts, numbers[-1]) == expected[-1:]


@pytest.mark.parametrize("name", ["overwrite-in-the-middle", "third-entry-traps", "thirty-third-write", "read-after-close"])
def test_program_in_trace_out(folder, name: str) -> None:
    program = next(path for path in PROGRAMS if path.stem == name)
    model, source = load(folder), listing_of(program)
    host = Host(source["listing"], source["files"], model[0])
    assert list(run(Network(*model), host)) == trace_of(program)
    assert host.end in ("halt", "trap")
