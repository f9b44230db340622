"""Layer normalisation and its root-mean-square form in primitive operators, for every operator set.

Sources: Ba et al. 2016, https://arxiv.org/abs/1607.06450; Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467.
Half precision is normalised in single precision, as onnxruntime's kernels do.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from embstudio.session.graph_writer import GraphWriter


def layer_norm(
    out: GraphWriter, x: str, weight: str, bias: str, epsilon: float, dtype: np.dtype, output: str = ""
) -> str:
    """(x - mean) / √(variance + ε) ⊙ weight + bias over the last axis. bias: "" for none."""
    if out.opset >= 17:
        given = [x, weight, *([bias] if bias else [])]
        return out.add("LayerNormalization", given, output, axis=-1, epsilon=epsilon)
    wide = _in_single(out, x, dtype)
    centred = out.add("Sub", [wide, out.mean(wide, -1)])
    variance = out.mean(out.add("Mul", [centred, centred]), -1)
    normed = _in_own(out, out.add("Div", [centred, _root(out, variance, epsilon)]), dtype)
    if not bias:
        return out.add("Mul", [normed, weight], output)
    return out.add("Add", [out.add("Mul", [normed, weight]), bias], output)


def root_mean_square_norm(
    out: GraphWriter, x: str, weight: str, epsilon: float, dtype: np.dtype, output: str = ""
) -> str:
    """x / √(mean x² + ε) ⊙ weight over the last axis."""
    wide = _in_single(out, x, dtype)
    square = out.mean(out.add("Mul", [wide, wide]), -1)
    normed = _in_own(out, out.add("Div", [wide, _root(out, square, epsilon)]), dtype)
    return out.add("Mul", [normed, weight], output)


def _root(out: GraphWriter, square: str, epsilon: float) -> str:
    return out.add("Sqrt", [out.add("Add", [square, out.constant(np.array(epsilon, np.float32))])])


def _in_single(out: GraphWriter, x: str, dtype: np.dtype) -> str:
    return x if dtype == np.float32 else out.add("Cast", [x], to=TensorProto.FLOAT)


def _in_own(out: GraphWriter, x: str, dtype: np.dtype) -> str:
    return x if dtype == np.float32 else out.add("Cast", [x], to=TensorProto.FLOAT16)
