#!/usr/bin/env python3
"""Trains the digits example and writes digits.onnx, digits_int8.onnx, held_back.h.

    train.py [digits.csv.gz]

Needs numpy. The data are scikit-learn's handwritten digits (1797 images of 8x8 pixels;
E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning
Repository, CC BY 4.0), which Debian's package python3-sklearn carries. Without the
package installed:

    apt-get download python3-sklearn && dpkg-deb -x python3-sklearn_*.deb sklearn

The seed is fixed, and the same numpy on the same kind of machine writes the same files.
"""

import gzip
import pathlib
import sys

import numpy as np

from network import forward, train
from onnx_writer import Graph
from quantize import build, forward_quantized, quantize

HERE = pathlib.Path(__file__).resolve().parent
DATA = "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"
HELD_BACK = 360


def load(path):
    """Images [N,8,8] of 0..16, labels [N], shuffled."""
    with gzip.open(path, "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.int64)
    table = table[np.random.default_rng(1).permutation(len(table))]
    return table[:, :-1].reshape(-1, 8, 8), table[:, -1]


def save_float(p, path):
    graph = Graph("digits")
    for name, value in p.items():
        graph.constant(name, value)
    convolution = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [1, 1]}
    x = graph.input("image", [1, 1, 8, 8])
    x = graph.node("Conv", [x, "conv1.weight", "conv1.bias"], "conv1", **convolution)
    x = graph.node("Relu", [x], "relu1")
    x = graph.node("Conv", [x, "conv2.weight", "conv2.bias"], "conv2", **convolution)
    x = graph.node("Relu", [x], "relu2")
    x = graph.node("MaxPool", [x], "pool", kernel_shape=[2, 2], strides=[2, 2])
    x = graph.node("Flatten", [x], "flat", axis=1)
    graph.node("Gemm", [x, "dense.weight", "dense.bias"], "logits", transB=1)
    graph.output("logits", [1, 10])
    graph.save(path)


def save_images(images, labels, path):
    """One line per image: its label and 64 pixels from 'a' (0) to 'q' (16)."""
    lines = [
        '    {%d, "%s"},' % (label, "".join(chr(ord("a") + value) for value in image.flat))
        for image, label in zip(images, labels)
    ]
    path.write_text(
        "// Images that training did not see. Written by train.py; do not edit.\n"
        "// Data: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits,\n"
        "// UCI Machine Learning Repository, CC BY 4.0.\n"
        "#pragma once\n\n"
        "struct HeldBackImage {\n  int label;\n  const char *pixels; // 8 rows of 8, 'a' to 'q'\n};\n\n"
        "inline constexpr HeldBackImage kHeldBack[] = {\n" + "\n".join(lines) + "\n};\n"
    )


def accuracy(logits, labels):
    return 100 * np.mean(logits.argmax(axis=1) == labels)


def main():
    pixels, labels = load(sys.argv[1] if len(sys.argv) > 1 else DATA)
    images = (pixels[:, None] / 16).astype(np.float32)
    training, held_back = slice(HELD_BACK, None), slice(0, HELD_BACK)
    p = train(images[training], labels[training], epochs=40, random=np.random.default_rng(2))
    q = quantize(p, images[training][:512])
    save_float(p, HERE / "digits.onnx")
    graph = Graph("digits_int8")
    build(graph, q)
    graph.save(HERE / "digits_int8.onnx")
    save_images(pixels[held_back], labels[held_back], HERE / "held_back.h")

    for name, run in (("float", lambda x: forward(p, x)["logits"]),
                      ("int8", lambda x: forward_quantized(q, x))):
        print(f"{name:5}: {accuracy(run(images[training]), labels[training]):.2f} % in training, "
              f"{accuracy(run(images[held_back]), labels[held_back]):.2f} % held back")


if __name__ == "__main__":
    main()
