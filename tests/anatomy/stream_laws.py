"""What must hold between the points of a stream, worked out in float64 without knowing how the model is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from embstudio.anatomy.anatomy import Anatomy
from embstudio.modelfile.graph import Graph

Values = Mapping[str, np.ndarray]
_EPSILONS = (1e-12, 1e-8, 1e-7, 1e-6, 1e-5)
_READ_BY = {"attn": ("resid_pre",), "cross_attn": ("resid_mid",), "mlp": ("resid_cross", "resid_mid", "resid_pre")}


def relative(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest difference, beside the largest magnitude expected where that is above 1."""
    return float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))


def sums_apart(anatomy: Anatomy, values: Values) -> Iterator[tuple[str, float]]:
    """How far each addition is from its sum."""
    for each in anatomy.sums:
        total = each.scale * values[each.before].astype(np.float64)
        for added in each.added:
            total = total + values[added]
        yield each.sum, relative(total, values[each.sum])


def norms_apart(values: Values) -> Iterator[tuple[str, float]]:
    """How far each norm is from gain · normalised(stream) + bias, with whatever gain and bias fit best."""
    for name, value in values.items():
        source = _source(name, values)
        if source:
            yield name, _norm_apart(values[source], value)


def _source(name: str, values: Values) -> str | None:
    stem, _, last = name.rpartition(".")
    if last == "final_norm":
        layers = [int(each.split(".")[-2]) for each in values if each.startswith(f"{stem}.blocks."[not stem :])
                  and each.endswith(".resid_post")]  # fmt: skip
        return f"{stem}.blocks.{max(layers)}.resid_post"[not stem :]
    if last != "norm":
        return None
    block, _, part = stem.rpartition(".")
    return next(f"{block}.{each}" for each in _READ_BY[part] if f"{block}.{each}" in values)


def _norm_apart(stream: np.ndarray, norm: np.ndarray) -> float:
    x = stream.reshape(-1, stream.shape[-1]).astype(np.float64)
    y = norm.reshape(-1, norm.shape[-1]).astype(np.float64)
    apart = []
    for centred in (x - x.mean(-1, keepdims=True), x):
        for epsilon in _EPSILONS:
            n = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
            apart.append(relative(_fitted(n, y), y))
    return min(apart)


def _fitted(n: np.ndarray, y: np.ndarray) -> np.ndarray:
    """gain · n + bias, one of each for a feature, by least squares."""
    deviation = n - n.mean(0)
    gain = (deviation * (y - y.mean(0))).sum(0) / np.maximum((deviation**2).sum(0), 1e-30)
    return gain * deviation + y.mean(0)


def hidden_apart(anatomy: Anatomy, graph: Graph, values: Values) -> Iterator[tuple[str, float]]:
    """How far each hidden layer times the matrix of the file that suits it best is from what its MLP adds, up to a bias
    that is the same at all positions, or a norm that follows."""
    for block in anatomy.blocks:
        prefix = f"{block.stack}.blocks.{block.layer}.mlp".lstrip(".")
        if f"{prefix}.hidden" not in values:
            continue
        hidden = values[f"{prefix}.hidden"].astype(np.float64)
        hidden = hidden.reshape(-1, hidden.shape[-1])
        out = values[f"{prefix}.out"].astype(np.float64)
        out = out.reshape(-1, out.shape[-1])
        assert block.d_mlp == hidden.shape[-1]
        yield prefix, min(_product_apart(hidden @ W, out) for W in _matrices(graph, hidden.shape[-1], out.shape[-1]))


def _matrices(graph: Graph, rows: int, columns: int) -> Iterator[np.ndarray]:
    for weight in graph.weights.values():
        if len(weight.shape) == 2 and weight.dtype == "float32":
            if weight.shape == (rows, columns):
                yield weight.values.astype(np.float64)
            if weight.shape == (columns, rows):
                yield weight.values.astype(np.float64).T


def _product_apart(product: np.ndarray, out: np.ndarray) -> float:
    difference = product - out
    with_bias = relative(product - difference.mean(0), out)
    return min(with_bias, _norm_apart(product, out))
