"""The finder's networks: how they run in TensorFlow, go on from a written file, and are written as ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]

CROP = 64  # px: input of the judge


class Net:
    """Convolutions of 3 × 3 with batch norm and ReLU, then one last layer."""

    def __init__(self, layers: tuple[tuple[int, int, int], ...], outputs: int, pooled: bool) -> None:
        self.layers, self.pooled = layers, pooled
        self.kernels, self.norms = [], []
        before = 3
        for channels, _, _ in layers:
            spread = (2 / (9 * before)) ** 0.5
            self.kernels.append(tf.Variable(tf.random.normal((3, 3, before, channels), stddev=spread)))
            self.norms.append([tf.Variable(tf.ones(channels)), tf.Variable(tf.zeros(channels))])
            before = channels
        self.means = [tf.Variable(tf.zeros(c), trainable=False) for c, _, _ in layers]
        self.spreads = [tf.Variable(tf.ones(c), trainable=False) for c, _, _ in layers]
        inputs = before * 16 if pooled else before
        self.last = tf.Variable(tf.random.normal((inputs, outputs), stddev=0.02))
        self.bias = tf.Variable(tf.zeros(outputs) if pooled else tf.constant([-3.0] + [0.0] * (outputs - 1)))

    @property
    def variables(self) -> list[Any]:
        return [*self.kernels, *(v for pair in self.norms for v in pair), self.last, self.bias]

    def __call__(self, x: Any, training: bool) -> Any:
        """In training the convolutions run in bfloat16, four times as fast; the norms are fused and move their means."""
        kind = tf.bfloat16 if training else tf.float32
        x = tf.cast(x, kind)
        for (_, stride, spread), kernel, (gamma, beta), mean, var in zip(
            self.layers, self.kernels, self.norms, self.means, self.spreads, strict=True
        ):
            pad = spread if stride == 1 else 1
            x = tf.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
            x = tf.nn.conv2d(x, tf.cast(kernel, kind), stride, "VALID", dilations=spread)
            if training:
                x, m, v = tf.compat.v1.nn.fused_batch_norm(x, gamma, beta, epsilon=1e-3, is_training=True)
                mean.assign(0.98 * mean + 0.02 * m)
                var.assign(0.98 * var + 0.02 * v)
            else:
                x = tf.nn.batch_normalization(x, mean, var, beta, gamma, 1e-3)
            x = tf.nn.relu(x)
        x = tf.cast(x, tf.float32)
        if self.pooled:
            x = tf.nn.avg_pool2d(x, 2, 2, "VALID")
            x = tf.transpose(x, (0, 3, 1, 2))
            x = tf.reshape(x, (tf.shape(x)[0], -1))
            if training:
                x = tf.nn.dropout(x, 0.2)
        return x @ self.last + self.bias


def adopt(net: Net, path: Path, x: Floats) -> None:
    """Go on with a written net: its kernels, and norms that on a batch give what its biases gave.

    A wider net keeps what the written one does: its further channels begin by chance and count little.
    """
    kept = {
        t.name.removesuffix("_h"): numpy_helper.to_array(t).astype(np.float32)
        for t in onnx.load(path).graph.initializer
    }
    at = tf.constant(x)
    for index, (_, stride, spread) in enumerate(net.layers):
        kernel = net.kernels[index].numpy()
        written = kept[f"k{index}"].transpose(2, 3, 1, 0)
        inputs, outputs = written.shape[2:]
        kernel[:, :, inputs:, :outputs] *= 0.1
        kernel[:, :, :inputs, :outputs] = written
        net.kernels[index].assign(kernel)
        bias = np.pad(kept[f"b{index}"], (0, kernel.shape[3] - outputs))
        pad = spread if stride == 1 else 1
        at = tf.pad(at, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        at = tf.nn.conv2d(at, net.kernels[index], stride, "VALID", dilations=spread)
        mean, var = tf.nn.moments(at, (0, 1, 2))
        net.means[index].assign(mean)
        net.spreads[index].assign(var)
        net.norms[index][0].assign(tf.sqrt(var + 1e-3))
        net.norms[index][1].assign(mean + bias)
        at = tf.nn.relu(at + bias)
    last = np.zeros(net.last.shape, np.float32)
    written = kept["w"] if net.pooled else kept["w"][:, :, 0, 0].T
    last[: len(written)] = written
    net.last.assign(last)
    net.bias.assign(kept["wb"])


def mean(paths: Sequence[Path], into: Path) -> None:
    """Write the mean of some networks that one training wrote: it is as still as one whose rate fell to the end."""
    models = [onnx.load(path) for path in paths]
    stored = [{t.name: numpy_helper.to_array(t).astype(np.float32) for t in m.graph.initializer} for m in models]
    values = {name: np.mean([one[name] for one in stored], axis=0).astype(np.float16) for name in stored[0]}
    del models[0].graph.initializer[:]
    models[0].graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in values.items())
    onnx.checker.check_model(models[0])
    into.write_bytes(models[0].SerializeToString())


def export(net: Net, path: Path, names: tuple[str, str]) -> None:
    """Write the net with its norms folded into the kernels, kept in half precision; bytes 0 … 255 go in as float."""
    nodes, stored = [], []

    def keep(name: str, value: NDArray[Any]) -> str:
        stored.append(
            helper.make_tensor(
                name + "_h", TensorProto.FLOAT16, value.shape, value.astype(np.float16).tobytes(), raw=True
            )
        )
        nodes.append(helper.make_node("Cast", [name + "_h"], [name], to=TensorProto.FLOAT))
        return name

    at = names[0]
    for index, (_, stride, spread) in enumerate(net.layers):
        gamma, beta = (v.numpy() for v in net.norms[index])
        scale = gamma / np.sqrt(net.spreads[index].numpy() + 1e-3)
        kernel = (net.kernels[index].numpy() * scale).transpose(3, 2, 0, 1)
        bias = beta - net.means[index].numpy() * scale
        pad = spread if stride == 1 else 1
        inputs = [at, keep(f"k{index}", kernel), keep(f"b{index}", bias)]
        nodes.append(
            helper.make_node(
                "Conv",
                inputs,
                [f"c{index}"],
                kernel_shape=[3, 3],
                strides=[stride] * 2,
                dilations=[spread] * 2,
                pads=[pad] * 4,
            )
        )
        nodes.append(helper.make_node("Relu", [f"c{index}"], [f"r{index}"]))
        at = f"r{index}"
    last, bias = net.last.numpy(), net.bias.numpy()
    if net.pooled:
        nodes.append(helper.make_node("AveragePool", [at], ["p"], kernel_shape=[2, 2], strides=[2, 2]))
        nodes.append(helper.make_node("Flatten", ["p"], ["f"]))
        nodes.append(helper.make_node("Gemm", ["f", keep("w", last), keep("wb", bias)], [names[1]]))
        shapes = ([None, 3, CROP, CROP], [None, last.shape[1]])
    else:
        nodes.append(
            helper.make_node(
                "Conv", [at, keep("w", last.T[:, :, None, None]), keep("wb", bias)], [names[1]], kernel_shape=[1, 1]
            )
        )
        shapes = ([1, 3, None, None], [1, last.shape[1], None, None])
    given = helper.make_tensor_value_info(names[0], TensorProto.FLOAT, shapes[0])
    taken = helper.make_tensor_value_info(names[1], TensorProto.FLOAT, shapes[1])
    graph = helper.make_graph(nodes, path.stem, [given], [taken], stored)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="gimonitor", ir_version=8
    )
    onnx.checker.check_model(model)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(model.SerializeToString())
