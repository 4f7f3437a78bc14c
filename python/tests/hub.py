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


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.environ["WASMFORMER"], "export", folder], check=True, stdout=subprocess.DEVNULL)
        snippet(folder)
        try:
            from transformers import AutoModel
        except ImportError as error:
            print(f"transformers is not there ({error}): stand-ins take its place")
            stand_ins()
            package = types.ModuleType("exported")
            package.__path__ = [folder]
            sys.modules["exported"] = package
            from exported.modeling_wasmformer import WasmformerConfig, WasmformerModel
            from safetensors.torch import load_file

            model = WasmformerModel(WasmformerConfig(**json.load(open(f"{folder}/config.json"))))
            model.load_state_dict(load_file(f"{folder}/model.safetensors"))
            check(model)
            return 77
        os.environ["HF_MODULES_CACHE"] = f"{folder}/modules"
        model = AutoModel.from_pretrained(folder, trust_remote_code=True)
        check(model)
        print("AutoModel.from_pretrained: loads and runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
