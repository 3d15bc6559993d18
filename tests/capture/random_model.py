#!/usr/bin/env python3
"""Writes a GGUF file of a llama model with random weights, which llama-server loads and streams from.

    random_model.py OUT.gguf [--layers 8] [--width 512]

llama-server of Debian sid, in a directory of its own (needs debootstrap, root, and proc mounted there):

    debootstrap --variant=minbase --include=ca-certificates sid /tmp/sid
    chroot /tmp/sid apt-get install -y --no-install-recommends llama.cpp-tools
    random_model.py /tmp/sid/random.gguf
    chroot /tmp/sid llama-server -m /random.gguf --port 8080 --threads 1 --parallel 1 -c 4096

Its text is nonsense. More layers or width make a token take longer. Needs only the standard library.
"""

import argparse
import random
import struct

UINT32, FLOAT32, STRING, ARRAY, INT32 = 4, 6, 8, 9, 5
F32, F16 = 0, 1
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
ALIGNMENT = 32
WORDS = 4096
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def array(kind, packed):
    return struct.pack("<IIQ", ARRAY, kind, len(packed)) + b"".join(packed)


def vocabulary():
    """(text, score, kind) of each token of a SentencePiece vocabulary that can write any bytes."""
    tokens = [("<unk>", 0.0, UNKNOWN), ("<s>", 0.0, CONTROL), ("</s>", 0.0, CONTROL)]
    tokens += [(f"<0x{byte:02X}>", 0.0, BYTE) for byte in range(256)]
    tokens += [(chr(code), -1000.0 - code, NORMAL) for code in range(33, 127)] + [("▁", -1000.0, NORMAL)]
    pairs = [a + b for a in SYLLABLES for b in SYLLABLES][:WORDS]
    tokens += [("▁" + word, -float(rank), NORMAL) for rank, word in enumerate(pairs)]
    return tokens


def metadata(layers, width, tokens):
    def uint(value):
        return struct.pack("<II", UINT32, value)

    def text(value):
        return struct.pack("<I", STRING) + string(value)

    return {
        "general.architecture": text("llama"),
        "general.name": text("random"),
        "llama.context_length": uint(4096),
        "llama.embedding_length": uint(width),
        "llama.block_count": uint(layers),
        "llama.feed_forward_length": uint(3 * width),
        "llama.attention.head_count": uint(width // 64),
        "llama.attention.layer_norm_rms_epsilon": struct.pack("<If", FLOAT32, 1e-5),
        "llama.rope.dimension_count": uint(64),
        "tokenizer.ggml.model": text("llama"),
        "tokenizer.ggml.tokens": array(STRING, [string(token) for token, _, _ in tokens]),
        "tokenizer.ggml.scores": array(FLOAT32, [struct.pack("<f", score) for _, score, _ in tokens]),
        "tokenizer.ggml.token_type": array(INT32, [struct.pack("<i", kind) for _, _, kind in tokens]),
        "tokenizer.ggml.bos_token_id": uint(1),
        "tokenizer.ggml.eos_token_id": uint(2),
        "tokenizer.ggml.unknown_token_id": uint(0),
        "tokenizer.chat_template": text(
            "{% for message in messages %}{{ message['content'] }} {% endfor %}"),
    }


def tensors(layers, width, vocabulary_size):
    """(name, dimensions): a vector is a norm, a matrix holds weights."""
    yield "token_embd.weight", (width, vocabulary_size)
    for layer in range(layers):
        block = f"blk.{layer}."
        yield block + "attn_norm.weight", (width,)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield block + part + ".weight", (width, width)
        yield block + "ffn_norm.weight", (width,)
        yield block + "ffn_gate.weight", (width, 3 * width)
        yield block + "ffn_up.weight", (width, 3 * width)
        yield block + "ffn_down.weight", (3 * width, width)
    yield "output_norm.weight", (width,)
    yield "output.weight", (width, vocabulary_size)


def random_halves(count):
    """`count` half-precision floats of random sign, their magnitude uniform in [1/32, 1/16)."""
    bits = int.from_bytes(random.randbytes(2 * count), "little")
    mask = int.from_bytes(b"\xff\x83" * count, "little")
    exponent = int.from_bytes(b"\x00\x28" * count, "little")
    return ((bits & mask) | exponent).to_bytes(2 * count, "little")


def tensor_data(dimensions):
    if len(dimensions) == 1:
        return F32, struct.pack("<f", 1.0) * dimensions[0]
    return F16, random_halves(dimensions[0] * dimensions[1])


def padded(data):
    return data + b"\0" * (-len(data) % ALIGNMENT)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("out")
    arguments.add_argument("--layers", type=int, default=8)
    arguments.add_argument("--width", type=int, default=512, help="a multiple of 64")
    options = arguments.parse_args()
    random.seed(1)

    tokens = vocabulary()
    keys = metadata(options.layers, options.width, tokens)
    infos, blobs, offset = [], [], 0
    for name, dimensions in tensors(options.layers, options.width, len(tokens)):
        kind, data = tensor_data(dimensions)
        infos.append(string(name) + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions,
                                                kind, offset))
        blobs.append(padded(data))
        offset += len(blobs[-1])
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(keys))
    head += b"".join(string(key) + value for key, value in keys.items()) + b"".join(infos)
    with open(options.out, "wb") as file:
        file.write(padded(head))
        file.writelines(blobs)


if __name__ == "__main__":
    main()
