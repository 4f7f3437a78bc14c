"""The torch network reads only the columns of a weight that are not 0, and gives what whole weights give."""

import pytest

torch = pytest.importorskip("torch")

from wasmformer.torch_wasmformer import Cache, load  # noqa: E402


def test_columns_that_are_left_out_are_0_also_after_changes(folder) -> None:
    network = load(folder)[1].double()
    narrow, whole = Cache(), Cache()

    def compare(tokens) -> None:
        with torch.no_grad():
            logits = network(tokens, cache=narrow)
        wanted = network(tokens, cache=whole)  # with gradients, which need all columns
        assert torch.equal(logits, wanted.detach()) and narrow.narrow and not whole.narrow

    first, rest = torch.arange(40)[None], torch.arange(40, 60)[None]
    compare(first)
    _, inputs, columns = narrow.narrow[network.unembedding]
    assert columns.shape == (260, len(inputs)) and len(inputs) < 50
    with torch.no_grad():
        network.unembedding.add_(1)
    compare(rest)
    assert len(narrow.narrow[network.unembedding][1]) == 100

    network.layers[-1].ffn.down.data.add_(1)  # torch does not count this change: the next sequence sees it
    narrow, whole = Cache(), Cache()
    compare(first)
    network(rest, cache=whole).sum().backward()
    assert network.unembedding.grad.any(0).sum() > len(inputs)
