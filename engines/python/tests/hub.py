"""The torch file and the classes for model hubs, in a folder as it was exported: run as a script by a Python that has
torch. Exit status 77: transformers is not there, and the classes were only checked against stand-ins for it."""

import json
import os
import subprocess
import sys
import tempfile
import types

os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"

LISTING = [(0x41, 5), (0x41, 7), (0x6A, 0), (0xF8, 0), (0x0F, 0)]
TRACE = [(0, 5), (1, 7), (2, 12), (3, 12), (4, 257)]


def snippet(folder: str) -> None:
    """What the seed's users type."""
    os.chdir(folder)
    from safetensors.torch import load_file

    weights = load_file("model.safetensors")
    config = json.load(open("config.json"))
    total = sum(tensor.numel() for tensor in weights.values())
    assert total == config["parameters"] == 316_000, total
    print(f"load_file: {len(weights)} tensors, {total} parameters")


def stand_ins() -> None:
    """As much of transformers as the classes use."""
    import torch

    class PretrainedConfig:
        def __init__(self, **rest):
            self.__dict__.update(rest)

        def to_dict(self):
            return dict(self.__dict__)

    class PreTrainedModel(torch.nn.Module):
        def __init__(self, config):
            torch.nn.Module.__init__(self)
            self.config = config

        def post_init(self):
            pass

    outputs = types.ModuleType("transformers.modeling_outputs")
    outputs.CausalLMOutputWithPast = types.SimpleNamespace
    transformers = types.ModuleType("transformers")
    transformers.PretrainedConfig, transformers.PreTrainedModel = PretrainedConfig, PreTrainedModel
    sys.modules.update({"transformers": transformers, "transformers.modeling_outputs": outputs})


def check(model) -> None:
    """A program, and the first row of it by `forward`."""
    import torch

    trace, host = model.run(LISTING, [[], [], [], []])
    assert trace == TRACE and host.outputs == [12] and host.end == "halt", trace
    d = model.config.d_model
    output = model.forward(torch.tensor([[256, 5]]), torch.zeros(1, 2, d))
    assert output.logits.shape == (1, 2, model.config.vocab_size)


def refused(load, *reasons: str) -> None:
    """That loading is refused, and with these words."""
    try:
        load()
    except ValueError as error:
        assert all(reason in str(error) for reason in reasons), error
    else:
        raise AssertionError(f"{reasons}: not refused")


def check_torch_file(folder: str, full: str) -> None:
    """The torch file, as it lies in the folder: the full machine's weights are neither loaded nor rounded."""
    sys.path.insert(0, folder)
    import torch_wasmformer

    refused(lambda: torch_wasmformer.load(full), "machine 'full' in F64", "only 'byte' in F32")
    config, network = torch_wasmformer.load(folder)
    wide = {name: weight.double() for name, weight in network.state_dict().items()}
    refused(lambda: network.load_state_dict(wide), "float64", "float32")
    torch_wasmformer.Network(config).double().load_state_dict(wide)
    print("torch_wasmformer: refuses the full machine, and weights of another type")


def check_round_trip(model, folder: str) -> None:
    """What transformers saves is what `wasmformer run` takes, and AutoModel again."""
    from transformers import AutoModel

    model.save_pretrained(f"{folder}/saved")
    program = f"{folder}/sum.wat"
    with open(program, "w") as file:
        file.write('(module (import "host" "output" (func $output (param i32))) (func (export "main")')
        file.write(" i32.const 5 i32.const 7 i32.add call $output))")
    command = [os.environ["WASMFORMER"], "run", program, "--weights", f"{folder}/saved"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    assert ran.stdout.split() == [b"12"], ran.stdout
    check(AutoModel.from_pretrained(f"{folder}/saved", trust_remote_code=True))
    config = json.load(open(f"{folder}/saved/config.json"))
    print(f"save_pretrained, type {config.get('dtype', config.get('torch_dtype'))}: wasmformer run takes it")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.environ["WASMFORMER"], "export", folder], check=True, stdout=subprocess.DEVNULL)
        snippet(folder)
        full = f"{folder}/full"
        subprocess.run([os.environ["WASMFORMER"], "export", full, "--model", "full"], check=True, stdout=subprocess.DEVNULL)
        check_torch_file(folder, full)
        os.environ["HF_MODULES_CACHE"] = f"{folder}/modules"
        try:
            import torch
            from transformers import AutoConfig, AutoModel
        except ImportError as error:
            print(f"transformers is not there ({error}): stand-ins take its place")
            stand_ins()
            package = types.ModuleType("exported")
            package.__path__ = [folder]
            sys.modules["exported"] = package
            from exported.modeling_wasmformer import WasmformerConfig, WasmformerModel
            from safetensors.torch import load_file

            refused(lambda: WasmformerConfig(**json.load(open(f"{full}/config.json"))), "machine 'full' in float64")
            model = WasmformerModel(WasmformerConfig(**json.load(open(f"{folder}/config.json"))))
            model.load_state_dict(load_file(f"{folder}/model.safetensors"))
            check(model)
            return 77
        model = AutoModel.from_pretrained(folder, trust_remote_code=True)
        check(model)
        print("AutoModel.from_pretrained: loads and runs")
        for auto in (AutoConfig, AutoModel):
            refused(lambda auto=auto: auto.from_pretrained(full, trust_remote_code=True), "machine 'full' in float64")
        check(AutoModel.from_pretrained(folder, trust_remote_code=True, torch_dtype=torch.float64))
        print("AutoConfig and AutoModel: refuse the full machine")
        check_round_trip(model, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
