#!/usr/bin/env python3
"""Compiles a generated model of 500 MB with external data within 10 s and 1.5 GB.

usage: big_model.py BURIN

Four products with weights of 4096 x 8192 f32 in one external file. Skips with a
word where the disk has less than 3 GB.
"""
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

ROWS, COLUMNS, LAYERS = 4096, 8192, 4
BYTES = ROWS * COLUMNS * 4
MAX_SECONDS, MAX_BYTES = 10, 1.5e9


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, value):
    """A protobuf field: varint for integers, length-delimited for bytes and text."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def value_info(name, dims):
    shape = b"".join(field(1, field(1, dim)) for dim in dims)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def external(name, dims, offset):
    entries = {"location": "big.data", "offset": str(offset), "length": str(BYTES)}
    tensor = b"".join(field(1, dim) for dim in dims) + field(2, 1) + field(8, name)
    for key, value in entries.items():
        tensor += field(13, field(1, key) + field(2, value))
    return tensor + field(14, 1)


def main():
    burin = sys.argv[1]
    if shutil.disk_usage(tempfile.gettempdir()).free < 3e9:
        print("skipped: less than 3 GB of disk")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        graph, current = b"", "x"
        for i in range(LAYERS):
            dims = (ROWS, COLUMNS) if i % 2 == 0 else (COLUMNS, ROWS)
            target = "y" if i == LAYERS - 1 else f"t{i}"
            graph += field(1, field(1, current) + field(1, f"w{i}") + field(2, target)
                           + field(3, f"product{i}") + field(4, "MatMul"))
            graph += field(5, external(f"w{i}", dims, i * BYTES))
            current = target
        graph += field(2, "big") + field(11, value_info("x", (1, ROWS)))
        graph += field(12, value_info("y", (1, ROWS)))
        with open(os.path.join(folder, "big.onnx"), "wb") as model:
            model.write(field(1, 8) + field(8, field(2, 13)) + field(7, graph))
        # A pattern that differs everywhere it matters, written quickly.
        block = struct.pack("<65536f", *((i * 2654435761 % 4096) / 65536 for i in range(65536)))
        with open(os.path.join(folder, "big.data"), "wb") as data:
            for _ in range(LAYERS * BYTES // len(block)):
                data.write(block)
        started = time.monotonic()
        code = subprocess.run([burin, "compile", os.path.join(folder, "big.onnx"), "-o",
                               os.path.join(folder, "out")]).returncode
        seconds = time.monotonic() - started
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        size = os.path.getsize(os.path.join(folder, "out", "libbig.a")) if code == 0 else 0
        print(f"{LAYERS * BYTES / 1e6:.0f} MB of weights: {seconds:.1f} s, peak {peak / 1e6:.0f} MB, "
              f"library {size / 1e6:.0f} MB")
        good = code == 0 and size >= LAYERS * BYTES and seconds < MAX_SECONDS and peak < MAX_BYTES
        print("1 passed, 0 failed" if good else "0 passed, 1 failed")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
