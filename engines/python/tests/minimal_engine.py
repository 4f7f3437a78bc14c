import json
import sys

import numpy as np

from wasmformer.numpy_wasmformer import Network, load


def say(**message):
    print(json.dumps(message), flush=True)


def row(message):
    return message["token"], message["positional"]


say(type="hello", protocol=1, engine="minimal", logits=True)
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "load":
        model = load(message["folder"])
        say(type="loaded")
    if message["type"] == "begin":
        network, want = Network(*model), message["want"]
    if message["type"] in ("begin", "next"):
        stores = [(s["store"], s["index"], row(s)) for s in message["stores"]]
        logits = network.logits(stores, [row(r) for r in message["rows"]])
        answer = {"logits": logits.tolist()} if "logits" in want else {}
        say(type="token", token=int(np.argmax(logits)), **answer)
