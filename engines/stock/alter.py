"""Alters the stock machine's GGUF file, to show that a change is noticed.

    alter.py FILE.gguf TO.gguf spoil LAYER HEAD    # the sign of one key dimension of this head
    alter.py FILE.gguf TO.gguf q8_0                # all matrices in 8 bits
"""

import sys

import gguf
import numpy as np

HEAD_DIM = 64


def main():
    source, target, what, *where = sys.argv[1:]
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, "llama")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind, *parts = field.types
        value = field.contents()
        if what == "q8_0" and field.name == "general.file_type":
            value = int(gguf.LlamaFileType.MOSTLY_Q8_0)
        writer.add_key_value(field.name, value, kind, parts[-1] if parts else None)
    for tensor in reader.tensors:
        data = np.array(tensor.data)
        if what == "spoil" and tensor.name == f"blk.{where[0]}.attn_k.weight":
            head = data[int(where[1]) * HEAD_DIM :][:HEAD_DIM]
            # Of the dimensions that tell rows apart by content, not by position, the first.
            dimension = next(row for row in range(HEAD_DIM // 2, HEAD_DIM) if head[row].any())
            head[dimension] *= -1
        if what == "q8_0" and data.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(tensor.name, gguf.quants.quantize(data, kind), raw_dtype=kind)
        else:
            writer.add_tensor(tensor.name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
