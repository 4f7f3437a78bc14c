"""The ONNX graphs: the whole-trace form on the suite, and that both are what they say."""

import numpy as np
import pytest
from conftest import PROGRAMS, listing_of, trace_of

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from wasmformer import numpy_wasmformer, onnx_graph, onnx_wasmformer  # noqa: E402

# Scores of a whole trace are rows squared for each head; longer ones would take a gigabyte.
ROWS = 1000


def test_teacher_forced_traces_of_the_suite(folder, capsys) -> None:
    config, weights = numpy_wasmformer.load(folder)
    session = onnx_wasmformer.session(onnx_graph.build(config, weights, teacher_forced=True))
    forced, skipped, writing = 0, 0, 0
    for program in PROGRAMS:
        source, trace = listing_of(program), trace_of(program)
        host = numpy_wasmformer.host_of(source, config)
        nexts = [host.begin()]
        prompt = len(nexts[0][1])
        if prompt + len(trace) > ROWS:
            skipped += 1
            continue
        for pc, token in trace:
            assert host.pc == pc
            following = host.accept(token)
            nexts += [following] if following else []
        inputs = onnx_wasmformer.forced_inputs(nexts, config["d_model"])
        result = session.run(["next"], inputs)[0]
        assert result[prompt - 1 :].tolist() == [token for _, token in trace], program
        forced += 1
        writing += any(stores for stores, _ in nexts[1:])
    with capsys.disabled():
        print(f"\nteacher-forced: {forced} traces, {writing} of them writing files; {skipped} skipped: more than {ROWS} rows")
    assert forced >= 90 and writing >= 8


def test_step_and_trace_give_the_same_logits(folder) -> None:
    config, weights = numpy_wasmformer.load(folder)
    program = next(path for path in PROGRAMS if path.stem == "overwrite-in-the-middle")
    source = listing_of(program)
    host = numpy_wasmformer.host_of(source, config)
    network = numpy_wasmformer.Network(config, weights)
    _, begin = onnx_wasmformer.load(folder)
    decoder, following, nexts, logits = begin(), host.begin(), [], []
    while following:
        nexts.append(following)
        logits.append(decoder.logits(*following))
        assert logits[-1].tobytes() == network.logits(*following).tobytes()
        following = host.accept(int(np.argmax(logits[-1])))
    session = onnx_wasmformer.session(onnx_graph.build(config, weights, teacher_forced=True))
    whole = session.run(["logits"], onnx_wasmformer.forced_inputs(nexts, config["d_model"]))[0]
    assert np.array_equal(whole[-len(logits) :], np.array(logits))


def test_the_documented_operators_are_those_used(folder) -> None:
    config, weights = numpy_wasmformer.load(folder)
    text = onnx_graph.__doc__ or ""
    documented = {word.strip(".,") for word in text[text.index("operators") : text.index("`ArgMax`")].split()} - {"operators", "and"}
    used = set()
    for teacher_forced in (False, True):
        model = onnx_graph.build(config, weights, teacher_forced)
        assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", onnx_graph.OPSET)]
        used |= {node.op_type for node in model.graph.node}
    assert documented == used


def test_the_files_are_deterministic(folder, tmp_path) -> None:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    onnx_wasmformer.main(str(tmp_path))
    first = [(tmp_path / f"{name}.onnx").read_bytes() for name in ("step", "trace")]
    onnx_wasmformer.main(str(tmp_path))
    assert first == [(tmp_path / f"{name}.onnx").read_bytes() for name in ("step", "trace")]


def test_a_reader_of_the_graph_finds_the_weights_names_and_where_a_node_belongs(folder) -> None:
    config, weights = numpy_wasmformer.load(folder)
    for teacher_forced in (False, True):
        model = onnx_graph.build(config, weights, teacher_forced)
        initializers = {tensor.name: tensor for tensor in model.graph.initializer}
        for name, weight in weights.items():
            held = onnx.numpy_helper.to_array(initializers[name])
            if name != "embedding":
                narrow, held = held, np.zeros_like(weight)
                held[:, onnx.numpy_helper.to_array(initializers[f"{name}.inputs"])] = narrow
                assert 0 < narrow.shape[1] <= weight.shape[1], name
            assert held.tobytes() == weight.tobytes(), name
        names = [node.name for node in model.graph.node]
        assert all(names) and len(set(names)) == len(names)
        assert {"layers.0.attention/scores", "layers.4.ffn/neurons", "unembedding/logits"} <= set(names)
        metadata = {entry.key: entry.value for entry in model.metadata_props}
        assert metadata["machine"] == "byte" and metadata["written_by"].startswith("wasmformer ")
        assert model.producer_version == metadata["written_by"].split()[1]


def test_the_full_step_graph_has_no_host_and_is_f64(full_folder) -> None:
    config, weights = numpy_wasmformer.load(full_folder)
    model = onnx_graph.build(config, weights, teacher_forced=False)
    inputs = {value.name: value.type.tensor_type.elem_type for value in model.graph.input}
    assert {name.split(".")[0] for name in inputs} == {"tokens", "keys", "values", "sum"}
    assert {kind for name, kind in inputs.items() if name != "tokens"} == {onnx.TensorProto.DOUBLE}
