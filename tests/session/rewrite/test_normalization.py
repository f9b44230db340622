"""Fused sums, embeddings and norms written out, against onnxruntime's kernels of them and float64."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.session.rewrite.kernels import check_same, one_node, opened, operators, run

BATCH, POS, WIDTH, WORDS = 2, 5, 16, 11
SKIP = ["input", "skip", "gamma", "beta", "bias"]
SIMPLE = ["input", "skip", "gamma", "bias"]
OPSETS = pytest.mark.parametrize("opset", [11, 13, 16, 17, 18, 21])


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def skip_parts(skip_shape: tuple[int, ...] = (BATCH, POS, WIDTH)) -> tuple[dict, dict]:
    feeds = {"input": normal(BATCH, POS, WIDTH), "skip": normal(*skip_shape) + 0.3}
    return feeds, {"gamma": normal(WIDTH) + 1, "beta": normal(WIDTH), "bias": normal(WIDTH) - 0.2}


@OPSETS
@pytest.mark.parametrize(
    "left_out", [(), ("bias",), ("beta", "bias"), ("beta",)], ids=lambda names: "no " + " ".join(names)
)
def test_skip_layer_normalization(opset: int, left_out: tuple[str, ...]) -> None:
    feeds, weights = skip_parts()
    weights = {name: value for name, value in weights.items() if name not in left_out}
    outputs = ["y", "", "", "sum"]
    model = one_node("SkipLayerNormalization", SKIP, outputs, feeds, weights, opset=opset, epsilon=1e-5)
    check_same(model, feeds)
    check_same(one_node("SkipLayerNormalization", SKIP, ["y"], feeds, weights, opset=opset, epsilon=1e-5), feeds)


@pytest.mark.parametrize("shape", [(1, POS, WIDTH), (POS, WIDTH)])
def test_a_skip_that_is_the_same_for_all(shape: tuple[int, ...]) -> None:
    feeds, weights = skip_parts(shape)
    check_same(one_node("SkipLayerNormalization", SKIP, ["y"], feeds, weights, epsilon=1e-5), feeds)


@OPSETS
@pytest.mark.parametrize("biased", [False, True])
def test_skip_simplified_layer_normalization(opset: int, biased: bool) -> None:
    feeds, weights = skip_parts()
    weights = {name: weights[name] for name in (["gamma", "bias"] if biased else ["gamma"])}
    outputs = ["y", "", "", "sum"]
    model = one_node("SkipSimplifiedLayerNormalization", SIMPLE, outputs, feeds, weights, opset=opset, epsilon=1e-5)
    found = check_same(model, feeds)
    total = sum(value.astype(np.float64) for value in (*feeds.values(), *([weights["bias"]] if biased else [])))
    expected = total / np.sqrt((total**2).mean(axis=-1, keepdims=True) + 1e-5) * weights["gamma"]
    np.testing.assert_allclose(found["y"], expected, atol=2e-6)


@pytest.mark.parametrize("operator", ["SkipLayerNormalization", "SkipSimplifiedLayerNormalization"])
@pytest.mark.parametrize("opset", [16, 17])
def test_half_precision(operator: str, opset: int) -> None:
    feeds, weights = ({n: v.astype(np.float16) for n, v in part.items()} for part in skip_parts())
    names = SKIP if operator == "SkipLayerNormalization" else SIMPLE
    check_same(one_node(operator, names, ["y"], feeds, weights, opset=opset, epsilon=1e-5), feeds, atol=5e-3)


@pytest.mark.parametrize("place", [0, 1], ids=["first", "second"])
def test_the_bias_belongs_to_the_projection(place: int) -> None:
    """The sum is of the stream itself and of the projection with its bias, wherever each of them stands."""
    feeds, weights = skip_parts()
    weights["matrix"] = normal(WIDTH, WIDTH)
    model = one_node("SkipLayerNormalization", SKIP, ["y", "", "", "sum"], feeds, weights, epsilon=1e-5)
    model.graph.initializer.append(onnx.numpy_helper.from_array(weights["matrix"], "matrix"))
    given = ["input", "skip"][place]
    model.graph.node.insert(0, helper.make_node("MatMul", [given, "matrix"], ["made"]))
    model.graph.node[1].input[place] = "made"
    check_same(model, feeds, atol=1e-5)
    found = {name: node for node in opened(model).graph.node for name in node.output}
    stream, added = sorted(found["sum"].input, key=lambda name: name in found)
    assert stream == ["input", "skip"][1 - place]
    assert set(found[added].input) == {"made", "bias"}


EMBED = ["ids", "kinds", "words", "positions", "segments", "gamma", "beta", "mask", "at"]


def embed_parts(dtype: type = np.int32) -> tuple[dict, dict]:
    rng = np.random.default_rng(3)
    feeds = {
        "ids": rng.integers(0, WORDS, (BATCH, POS)).astype(dtype),
        "kinds": rng.integers(0, 2, (BATCH, POS)).astype(dtype),
        "mask": np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], dtype),
    }
    weights = {"words": normal(WORDS, WIDTH), "positions": normal(8, WIDTH), "segments": normal(2, WIDTH)}
    return feeds, weights | {"gamma": normal(WIDTH) + 1, "beta": normal(WIDTH)}


@OPSETS
def test_embed_layer_normalization(opset: int) -> None:
    feeds, weights = embed_parts()
    outputs = ["y", "lengths", "sum"]
    model = one_node("EmbedLayerNormalization", EMBED, outputs, feeds, weights, opset=opset, epsilon=1e-5)
    found = check_same(model, feeds)
    assert found["lengths"].tolist() == [5, 3]
    assert operators(opened(model)).count("Gather") >= 3


@pytest.mark.parametrize("without", [("mask",), ("kinds", "segments"), ("kinds", "segments", "mask")])
def test_embeddings_without_some_parts(without: tuple[str, ...]) -> None:
    feeds, weights = ({n: v for n, v in part.items() if n not in without} for part in embed_parts())
    check_same(one_node("EmbedLayerNormalization", EMBED, ["y", "lengths"], feeds, weights, epsilon=1e-5), feeds)


@pytest.mark.parametrize("rows", [1, BATCH])
def test_positions_of_their_own(rows: int) -> None:
    feeds, weights = embed_parts()
    feeds["at"] = np.array([[3, 4, 5, 6, 7], [0, 2, 4, 6, 1]], np.int32)[:rows]
    check_same(one_node("EmbedLayerNormalization", EMBED, ["y", "lengths"], feeds, weights, epsilon=1e-5), feeds)


QUANTISED = ["ids", "kinds", "words", "positions", "segments", "gamma", "beta", "mask",
             *(f"{part}_scale" for part in ("words", "positions", "segments", "gamma", "beta")),
             *(f"{part}_zero" for part in ("words", "positions", "segments", "gamma", "beta"))]  # fmt: skip


@pytest.mark.parametrize("opset", [11, 17])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_quantised_embeddings(dtype: type, opset: int) -> None:
    feeds, floats = embed_parts()
    weights: dict[str, np.ndarray] = {}
    for name, value in floats.items():
        scale, zero = np.float32(0.03), 128 if dtype is np.uint8 else 3
        limits = np.iinfo(dtype)
        weights[name] = np.clip(np.round(value / scale) + zero, limits.min, limits.max).astype(dtype)
        weights |= {f"{name}_scale": np.array(scale), f"{name}_zero": np.array(zero, dtype)}
    model = one_node("QEmbedLayerNormalization", QUANTISED, ["y", "lengths"], feeds, weights, opset=opset, epsilon=1e-5)
    check_same(model, feeds)


def test_norms_of_large_means_are_nearer_to_float64_than_the_kernel_is() -> None:
    """onnxruntime's kernel takes mean² from mean of squares, which loses digits; the written-out form does not."""
    feeds, weights = skip_parts()
    feeds["input"] = feeds["input"] * 80 + 30000
    model = one_node("SkipLayerNormalization", SKIP, ["y"], feeds, weights, epsilon=1e-5, opset=16)
    total = sum(value.astype(np.float64) for value in (feeds["input"], feeds["skip"], weights["bias"]))
    centred = total - total.mean(axis=-1, keepdims=True)
    expected = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5) * weights["gamma"] + weights["beta"]
    assert np.abs(run(opened(model), feeds)["y"] - expected).max() < np.abs(run(model, feeds)["y"] - expected).max()
