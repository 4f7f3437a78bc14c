"""The activations by hook name: what they are, and that changes to them change runs."""

import numpy as np
import pytest
from conftest import PROGRAMS, ROOT, listing_of, trace_of
from wasmformer import numpy_wasmformer

torch = pytest.importorskip("torch")

from wasmformer.hooks import Hooked  # noqa: E402

ADD = next(path for path in PROGRAMS if path.stem == "wrap-at-256")


def test_a_cache_has_every_row_and_adds_up(folder) -> None:
    hooked = Hooked.load(folder)
    tokens, cache = hooked.run_with_cache(listing_of(ADD))
    assert tokens == [token for _, token in trace_of(ADD)]
    rows = 1 + 2 * len(listing_of(ADD)["listing"]) + len(tokens) - 1
    config = hooked.config
    for layer, kinds in enumerate(config["attention"]):
        block = f"blocks.{layer}."
        assert cache[block + "hook_resid_pre"].shape == (1, rows, config["d_model"])
        assert torch.equal(cache[block + "hook_resid_mid"] + cache[block + "hook_mlp_out"], cache[block + "hook_resid_post"])
        gate, value = cache[block + "mlp.hook_gate"], cache[block + "mlp.hook_value"]
        assert torch.equal(torch.relu(gate) * value, cache[block + "mlp.hook_post"])
        if kinds:
            assert cache[block + "attn.hook_z"].shape == (1, len(kinds), rows, config["d_head"])
            assert torch.equal(cache[block + "hook_resid_pre"] + cache[block + "hook_attn_out"], cache[block + "hook_resid_mid"])
        for head, kind in enumerate(kinds):
            store = kind.startswith("cross:")
            pattern = cache[block + ("attn.hook_store_pattern" if store else "attn.hook_pattern")][0, head]
            assert pattern.shape == (rows, 33 if store else rows)
            per_row = pattern.sum(1).tolist()
            assert per_row == (list(range(1, rows + 1)) if kind == "sum" else [1] * rows), (layer, head)
            if kind == "hard_max":
                found = pattern @ cache[block + "attn.hook_v"][0, head]
                assert torch.equal(found, cache[block + "attn.hook_z"][0, head])


def test_lanes_are_those_of_the_specification(folder) -> None:
    config, weights = numpy_wasmformer.load(folder)
    network, host = numpy_wasmformer.Network(config, weights), numpy_wasmformer.host_of(listing_of(ADD), config)
    network.lanes = []
    stores, rows = host.begin()
    network.logits(stores, rows)
    _, cache = Hooked.load(folder).run_with_cache(listing_of(ADD), limit=1)
    assert np.array_equal(network.lanes[0], cache["hook_embed"][0, -1])
    for layer in range(len(config["attention"])):
        assert np.array_equal(network.lanes[2 + 2 * layer], cache[f"blocks.{layer}.hook_resid_post"][0, -1])


def test_an_ablated_neuron_breaks_what_needs_it(folder) -> None:
    hooked = Hooked.load(folder)
    program = {"listing": [[0x41, 5], [0x41, 7], [0x6C, 0], [0xF8, 0], [0x0F, 0]], "files": [[], [], [], []]}
    _, cache = hooked.run_with_cache(program, ["blocks.4.mlp.hook_post"])
    [product] = (cache["blocks.4.mlp.hook_post"][0, -3] == 35).nonzero().ravel().tolist()

    def dead(x):
        x[..., product] = 0
        return x

    assert hooked.run(program)[1].outputs == [35]
    assert hooked.run(program, {"blocks.4.mlp.hook_post": dead})[1].outputs == [0]
    assert hooked.run(program)[1].outputs == [35], "the change is gone"


def test_a_changed_pattern_is_obeyed(folder) -> None:
    hooked = Hooked.load(folder)
    same, _ = hooked.run(listing_of(ADD), {"blocks.0.attn.hook_pattern": lambda x: x})
    other, host = hooked.run(listing_of(ADD), {"blocks.0.attn.hook_pattern": lambda x: x * 0}, limit=100)
    assert same == [token for _, token in trace_of(ADD)] != other


def test_the_full_machine_is_shown_too(full_folder) -> None:
    hooked = Hooked.load(full_folder)
    program = listing_of(ROOT / "corpus/full/traps/unreachable.wat", "full")
    tokens, cache = hooked.run_with_cache(program, ["blocks.1.attn.hook_pattern", "blocks.0.attn.hook_pattern"])
    rows = len(program["tokens"]) + len(tokens) - 1
    assert cache["blocks.1.attn.hook_pattern"].sum(3).unique().tolist() == [1.0]
    assert cache["blocks.0.attn.hook_pattern"][0, 0].sum(1).tolist() == list(range(1, rows + 1))


def test_an_unknown_name_is_an_error(folder) -> None:
    with pytest.raises(KeyError, match="blocks.0.hook_resid_post"):
        Hooked.load(folder).run(listing_of(ADD), {"blocks.0.attn.hook_probs": lambda x: x})
