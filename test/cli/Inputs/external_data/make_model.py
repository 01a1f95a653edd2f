"""Writes a model, y = x + w, with w in `some weights.bin` beside it.

    make_model.py MODEL.onnx
"""
import os
import struct
import sys


def number(field, value):
    assert 0 <= value < 128
    return bytes([field << 3, value])


def data(field, content):
    content = content.encode() if isinstance(content, str) else content
    assert len(content) < 128
    return bytes([field << 3 | 2, len(content)]) + content


def value(name):
    shape = data(2, data(1, number(1, 4)))  # [4]
    return data(1, name) + data(2, data(1, number(1, 1) + shape))  # of float


def main(path):
    name = "some weights.bin"
    with open(os.path.join(os.path.dirname(path), name), "wb") as file:
        file.write(struct.pack("<4f", 1, 2, 3, 4))
    location = data(13, data(1, "location") + data(2, name))
    weights = number(1, 4) + number(2, 1) + data(8, "w") + location + number(14, 1)
    node = data(1, "x") + data(1, "w") + data(2, "y") + data(4, "Add")
    graph = data(1, node) + data(2, "g") + data(5, weights) + data(11, value("x"))
    graph += data(12, value("y"))
    with open(path, "wb") as file:
        # The graph is longer than one byte of length tells.
        length = bytes([len(graph) & 127 | 128, len(graph) >> 7])
        file.write(number(1, 8) + bytes([7 << 3 | 2]) + length + graph + data(8, number(2, 17)))


main(sys.argv[1])
