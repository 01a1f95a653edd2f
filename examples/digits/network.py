"""A small CNN in numpy, forward and backward.

image [N,1,8,8] -> conv 3x3 (16) -> relu -> conv 3x3 (32) -> relu -> max pool 2x2
-> dense -> 10 logits
"""

import numpy as np


def convolve(x, weights, bias):
    """3x3, stride 1, padding 1; x [N,C,H,W], weights [O,C,3,3]."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    n, c, h, w = windows.shape[:4]
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, c * 9)
    y = columns @ weights.reshape(len(weights), -1).T + bias
    return y.reshape(n, h, w, -1).transpose(0, 3, 1, 2), columns


def convolve_backward(dy, columns, weights):
    """Gradients of x, weights and bias."""
    flat = dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])
    dw = (flat.T @ columns).reshape(weights.shape)
    # The gradient of x is a convolution with the kernel turned around.
    turned = weights[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    dx, _ = convolve(dy, turned, np.zeros(weights.shape[1], dy.dtype))
    return dx, dw, flat.sum(axis=0)


def max_pool(x):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


def initial_parameters(random):
    """He initialisation."""

    def normal(shape, fan_in):
        return (random.standard_normal(shape) * np.sqrt(2 / fan_in)).astype(np.float32)

    return {
        "conv1.weight": normal((16, 1, 3, 3), 9),
        "conv1.bias": np.zeros(16, np.float32),
        "conv2.weight": normal((32, 16, 3, 3), 144),
        "conv2.bias": np.zeros(32, np.float32),
        "dense.weight": normal((10, 512), 512),
        "dense.bias": np.zeros(10, np.float32),
    }


def forward(p, images):
    """All intermediate values, by name."""
    v = {"image": images}
    y, v["columns1"] = convolve(images, p["conv1.weight"], p["conv1.bias"])
    v["relu1"] = np.maximum(y, 0)
    y, v["columns2"] = convolve(v["relu1"], p["conv2.weight"], p["conv2.bias"])
    v["relu2"] = np.maximum(y, 0)
    v["pool"] = max_pool(v["relu2"])
    v["flat"] = v["pool"].reshape(len(images), -1)
    v["logits"] = v["flat"] @ p["dense.weight"].T + p["dense.bias"]
    return v


def gradients(p, v, labels):
    """Of the mean cross entropy."""
    logits = v["logits"] - v["logits"].max(axis=1, keepdims=True)
    d = np.exp(logits)
    d /= d.sum(axis=1, keepdims=True)
    d[np.arange(len(labels)), labels] -= 1
    d /= len(labels)
    g = {"dense.weight": d.T @ v["flat"], "dense.bias": d.sum(axis=0)}
    d = (d @ p["dense.weight"]).reshape(v["pool"].shape)
    d = d.repeat(2, axis=2).repeat(2, axis=3)
    winners = v["relu2"] == v["pool"].repeat(2, axis=2).repeat(2, axis=3)
    d = d * winners * (v["relu2"] > 0)
    d, g["conv2.weight"], g["conv2.bias"] = convolve_backward(d, v["columns2"], p["conv2.weight"])
    d = d * (v["relu1"] > 0)
    _, g["conv1.weight"], g["conv1.bias"] = convolve_backward(d, v["columns1"], p["conv1.weight"])
    return g


def train(images, labels, epochs, random):
    """Adam with a cosine schedule; images are moved by up to one pixel."""
    p = initial_parameters(random)
    first = {name: np.zeros_like(value) for name, value in p.items()}
    second = {name: np.zeros_like(value) for name, value in p.items()}
    batch, step = 64, 0
    steps = epochs * (len(images) // batch)
    for epoch in range(epochs):
        order = random.permutation(len(images))
        for start in range(0, len(images) - batch + 1, batch):
            pick = order[start : start + batch]
            dy, dx = random.integers(-1, 2, 2)
            moved = np.pad(images[pick], ((0, 0), (0, 0), (1, 1), (1, 1)))
            moved = moved[:, :, 1 + dy : 9 + dy, 1 + dx : 9 + dx]
            g = gradients(p, forward(p, moved), labels[pick])
            rate = 0.003 * 0.5 * (1 + np.cos(np.pi * step / steps))
            step += 1
            for name in p:
                first[name] += 0.1 * (g[name] - first[name])
                second[name] += 0.001 * (g[name] ** 2 - second[name])
                mean = first[name] / (1 - 0.9**step)
                spread = np.sqrt(second[name] / (1 - 0.999**step))
                p[name] -= (rate * (mean / (spread + 1e-8) + 1e-4 * p[name])).astype(np.float32)
    return p
