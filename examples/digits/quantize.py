"""Post-training quantisation in the QDQ form, as ONNX Runtime and TFLite do it.

Weights: int8, symmetric, one scale per output channel. Biases: int32 with the scale
input * weight. Activations: int8, asymmetric, ranges from calibration images.
"""

import numpy as np

from network import convolve, forward, max_pool


class Parameters:
    """Scale and zero point of an activation: real = (q - zero_point) * scale."""

    def __init__(self, values):
        low, high = min(values.min(), 0.0), max(values.max(), 0.0)
        self.scale = np.float32((high - low) / 255)
        self.zero_point = np.int8(np.clip(np.rint(-128 - low / self.scale), -128, 127))

    def quantize(self, x):
        # rint() rounds half to even, as QuantizeLinear does.
        q = np.rint(x.astype(np.float32) / self.scale) + self.zero_point
        return np.clip(q, -128, 127).astype(np.int8)

    def fake(self, x):
        """Through int8 and back."""
        q = self.quantize(x).astype(np.float32)
        return (q - np.float32(self.zero_point)) * self.scale


def quantize_weights(weights):
    """int8 values and one scale per output channel."""
    scale = np.abs(weights.reshape(len(weights), -1)).max(axis=1).astype(np.float32) / 127
    shape = (-1,) + (1,) * (weights.ndim - 1)
    return np.clip(np.rint(weights / scale.reshape(shape)), -127, 127).astype(np.int8), scale


def quantize(p, images):
    """Calibrates on `images`; returns what the model file needs."""
    v = forward(p, images)
    q = {name: Parameters(v[name]) for name in ("image", "relu1", "relu2", "logits")}
    for layer, source in (("conv1", "image"), ("conv2", "relu1"), ("dense", "relu2")):
        weights, scale = quantize_weights(p[layer + ".weight"])
        bias_scale = q[source].scale * scale
        q[layer] = {
            "weight": weights,
            "scale": scale,
            "bias": np.rint(p[layer + ".bias"] / bias_scale).astype(np.int32),
            "bias_scale": bias_scale,
        }
    return q


def forward_quantized(q, images):
    """What the QDQ model computes, in floating point."""

    def weights(layer):
        w = q[layer]["weight"].astype(np.float32)
        return w * q[layer]["scale"].reshape((-1,) + (1,) * (w.ndim - 1))

    def bias(layer):
        return q[layer]["bias"].astype(np.float32) * q[layer]["bias_scale"]

    x = q["image"].fake(images)
    x = q["relu1"].fake(np.maximum(convolve(x, weights("conv1"), bias("conv1"))[0], 0))
    x = q["relu2"].fake(np.maximum(convolve(x, weights("conv2"), bias("conv2"))[0], 0))
    x = max_pool(x).reshape(len(x), -1)
    return q["logits"].fake(x @ weights("dense").T + bias("dense"))


def build(graph, q):
    """Fills `graph` with the QDQ model."""

    def activation(name, value, result=None):
        """Quantises the value `name` with the parameters of `value` and back."""
        scale = graph.constant(name + ".scale", q[value].scale)
        zero = graph.constant(name + ".zero_point", q[value].zero_point)
        quantized = graph.node("QuantizeLinear", [name, scale, zero], name + ".quantized")
        result = result or name + ".dequantized"
        return graph.node("DequantizeLinear", [quantized, scale, zero], result)

    def constant(name, values, scale):
        zeros = graph.constant(name + ".zero", np.zeros(len(scale), values.dtype))
        inputs = [graph.constant(name, values), graph.constant(name + ".scales", scale), zeros]
        return graph.node("DequantizeLinear", inputs, name + ".dequantized", axis=0)

    def layer(op, name, x, **attributes):
        weight = constant(name + ".weight", q[name]["weight"], q[name]["scale"])
        bias = constant(name + ".bias", q[name]["bias"], q[name]["bias_scale"])
        return graph.node(op, [x, weight, bias], name, **attributes)

    convolution = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [1, 1]}
    x = activation(graph.input("image", [1, 1, 8, 8]), "image")
    x = graph.node("Relu", [layer("Conv", "conv1", x, **convolution)], "relu1")
    x = activation(x, "relu1")
    x = graph.node("Relu", [layer("Conv", "conv2", x, **convolution)], "relu2")
    x = activation(x, "relu2")
    x = graph.node("MaxPool", [x], "pool", kernel_shape=[2, 2], strides=[2, 2])
    # The pool keeps its input's parameters, so that it works on the integers.
    x = activation(x, "relu2")
    x = graph.node("Flatten", [x], "flat", axis=1)
    activation(layer("Gemm", "dense", x, transB=1), "logits", result="logits")
    graph.output("logits", [1, 10])
