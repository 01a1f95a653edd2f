"""Writes ONNX files without the onnx package: protobuf's wire format is small.

Field numbers are those of onnx.proto3. Everything is written in call order, so that the
same model gives the same bytes.
"""

import struct

import numpy as np

_TYPES = {
    np.dtype(np.float32): 1,
    np.dtype(np.uint8): 2,
    np.dtype(np.int8): 3,
    np.dtype(np.int32): 6,
    np.dtype(np.int64): 7,
}


def _varint(value):
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _int(field, value):
    return _varint(field << 3) + _varint(value)


def _bytes(field, value):
    if isinstance(value, str):
        value = value.encode()
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _attribute(name, value):
    body = _bytes(1, name)
    if isinstance(value, float):
        return body + _varint(2 << 3 | 5) + struct.pack("<f", value) + _int(20, 1)
    if isinstance(value, int):
        return body + _int(3, value) + _int(20, 2)
    return body + b"".join(_int(8, item) for item in value) + _int(20, 7)


def _value_info(name, shape):
    dims = b"".join(_bytes(1, _int(1, size)) for size in shape)
    tensor = _int(1, 1) + _bytes(2, dims)
    return _bytes(1, name) + _bytes(2, _bytes(1, tensor))


class Graph:
    """Collects nodes and initializers; every method returns the name of its result."""

    def __init__(self, name):
        self.name = name
        self.nodes = []
        self.initializers = []
        self.inputs = []
        self.outputs = []

    def input(self, name, shape):
        self.inputs.append(_value_info(name, shape))
        return name

    def output(self, name, shape):
        self.outputs.append(_value_info(name, shape))

    def constant(self, name, array):
        array = np.asarray(array)
        dims = b"".join(_int(1, size) for size in array.shape)
        self.initializers.append(
            dims + _int(2, _TYPES[array.dtype]) + _bytes(8, name) + _bytes(9, array.tobytes())
        )
        return name

    def node(self, op, inputs, result, **attributes):
        body = b"".join(_bytes(1, name) for name in inputs) + _bytes(2, result)
        body += _bytes(3, result) + _bytes(4, op)
        body += b"".join(_bytes(5, _attribute(*item)) for item in sorted(attributes.items()))
        self.nodes.append(body)
        return result

    def save(self, path, opset=13):
        graph = b"".join(_bytes(1, node) for node in self.nodes) + _bytes(2, self.name)
        graph += b"".join(_bytes(5, tensor) for tensor in self.initializers)
        graph += b"".join(_bytes(11, value) for value in self.inputs)
        graph += b"".join(_bytes(12, value) for value in self.outputs)
        model = _int(1, 7) + _bytes(2, "burin-digits") + _bytes(7, graph)
        model += _bytes(8, _bytes(1, "") + _int(2, opset))
        with open(path, "wb") as file:
            file.write(model)
