"""com.microsoft.MultiHeadAttention and its decoder's form written out, against onnxruntime's kernels of them."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.session.rewrite.open_up import open_up
from tests.session.rewrite.kernels import Arrays, check_same, one_node, opened, run

BATCH, QUERY, KEY, HEADS, D_HEAD, PAST = 2, 5, 7, 4, 8, 3
WIDTH = HEADS * D_HEAD
INPUTS = ["query", "key", "value", "bias", "mask", "attention_bias", "past_key", "past_value"]
OUTPUTS = ("y", "present_key", "present_value")
CAUSAL = {"unidirectional": 1}
BOTH = pytest.mark.parametrize("attributes", [{}, CAUSAL], ids=["both ways", "causal"])


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def projected(keys: int = QUERY, v_width: int = WIDTH, queries: int = QUERY) -> dict[str, np.ndarray]:
    return {
        "query": normal(BATCH, queries, WIDTH),
        "key": normal(BATCH, keys, WIDTH) + 0.1,
        "value": normal(BATCH, keys, v_width) - 0.1,
    }


def cached(length: int = PAST) -> dict[str, np.ndarray]:
    return {name: normal(BATCH, HEADS, PAST, D_HEAD)[:, :, :length] for name in ("past_key", "past_value")}


def padding(keys: int) -> np.ndarray:
    mask = np.ones((BATCH, keys), np.int32)
    mask[1, -2:] = 0
    return mask


def check(
    feeds: Arrays, *, bias: int = 0, outputs: tuple[str, ...] = ("y",), opset: int = 17, **attributes: object
) -> None:
    """bias: entries of the bias of all projections, 0 for none."""
    weights = {"bias": normal(bias)} if bias else {}
    model = one_node(
        "MultiHeadAttention", INPUTS, outputs, feeds, weights, opset=opset, num_heads=HEADS, **attributes
    )  # fmt: skip
    check_same(model, feeds)


@pytest.mark.parametrize("opset", [11, 12, 13, 17, 18, 21])
@BOTH
def test_every_operator_set(opset: int, attributes: dict) -> None:
    check(projected() | {"mask": padding(QUERY)}, bias=3 * WIDTH, opset=opset, **attributes)


@BOTH
@pytest.mark.parametrize(
    "mask",
    [
        np.array([5, 3], np.int32),
        np.array([5, 3, 0, 5, 8, 0, 5, 8], np.int32),
        padding(QUERY),
        np.tril(np.ones((BATCH, QUERY, QUERY), np.int32)),
    ],
    ids=["lengths", "lengths and offsets", "padding", "each query its own"],
)
def test_every_form_of_mask(mask: np.ndarray, attributes: dict) -> None:
    check(projected() | {"mask": mask}, **attributes)


@BOTH
def test_cross_attention(attributes: dict) -> None:
    check(projected(KEY), bias=3 * WIDTH, **attributes)
    check(projected(KEY) | {"mask": padding(KEY)}, outputs=OUTPUTS)


@pytest.mark.parametrize("bias", [0, 3 * WIDTH])
def test_cross_attention_with_keys_from_a_cache(bias: int) -> None:
    feeds = {"query": normal(BATCH, QUERY, WIDTH)}
    feeds |= {name: normal(BATCH, HEADS, KEY, D_HEAD) for name in ("key", "value")}
    check(feeds, bias=bias)
    check(feeds | {"mask": padding(KEY)}, bias=bias)


@pytest.mark.parametrize("length", [0, PAST])
@BOTH
def test_past_and_present(length: int, attributes: dict) -> None:
    check(projected() | cached(length), bias=3 * WIDTH, outputs=OUTPUTS, **attributes)


def test_one_token_after_a_padded_past() -> None:
    feeds = projected(1, queries=1) | cached() | {"mask": np.array([[1, 1, 1, 1], [0, 0, 1, 1]], np.int32)}
    check(feeds, outputs=OUTPUTS)


@pytest.mark.parametrize("shape", [(BATCH, HEADS), (1, HEADS), (BATCH, 1), (1, 1)])
def test_attention_bias(shape: tuple[int, int]) -> None:
    check(projected() | {"attention_bias": normal(*shape, QUERY, QUERY), "mask": padding(QUERY)}, **CAUSAL)
    check(projected() | cached() | {"attention_bias": normal(*shape, QUERY, PAST + QUERY)}, outputs=OUTPUTS)


def test_values_of_another_width_and_a_scale() -> None:
    check(projected(v_width=2 * WIDTH), bias=4 * WIDTH, scale=0.4)


def test_half_precision() -> None:
    feeds = {name: value.astype(np.float16) for name, value in projected().items()}
    check_same(one_node("MultiHeadAttention", INPUTS, ["y"], feeds, {}, num_heads=HEADS, **CAUSAL), feeds, atol=5e-3)


@pytest.mark.parametrize("packed", ["all", "keys and values"])
def test_packed_projections_mean_what_separate_ones_mean(packed: str) -> None:
    """onnxruntime's CPU kernel does not take them packed."""
    apart = projected()
    expected = run(one_node("MultiHeadAttention", INPUTS, ["y"], apart, {}, num_heads=HEADS), apart)["y"]
    names = ["query", "key", "value"] if packed == "all" else ["key", "value"]
    stacked = np.stack([apart.pop(name).reshape(BATCH, QUERY, HEADS, D_HEAD) for name in names], axis=3)
    feeds = {names[0]: stacked, **apart}
    model = opened(one_node("MultiHeadAttention", INPUTS, ["y"], feeds, {}, num_heads=HEADS))
    np.testing.assert_allclose(run(model, feeds)["y"], expected, atol=2e-6)


# DecoderMaskedMultiHeadAttention ----------------------------------------------------------------------------------


DECODER = ["query", "key", "value", "mask", "attention_bias", "past_key", "past_value", "", "", "", "bias"]


@pytest.mark.parametrize("weights", [{}, {"bias": normal(3 * WIDTH)}], ids=["no bias", "bias"])
@pytest.mark.parametrize("mask", [None, padding(KEY)], ids=["no mask", "mask"])
def test_decoder_with_keys_from_a_cache(weights: Arrays, mask: np.ndarray | None) -> None:
    feeds = {"query": normal(BATCH, 1, WIDTH)}
    feeds |= {name: normal(BATCH, HEADS, KEY, D_HEAD) for name in ("key", "value")}
    feeds |= {} if mask is None else {"mask": mask}
    check_same(one_node("DecoderMaskedMultiHeadAttention", DECODER, ["y"], feeds, weights, num_heads=HEADS), feeds)


@pytest.mark.parametrize("packed", [False, True])
def test_decoder_with_a_past_is_the_other_operator_with_one_query(packed: bool) -> None:
    """onnxruntime's CPU kernel takes a past only in a buffer that it shares with the present."""
    weights = {"bias": normal(3 * WIDTH)}
    feeds = projected(1, queries=1) | cached() | {"mask": np.array([[1, 1, 1, 1], [0, 1, 1, 1]], np.int32)}
    expected = run(one_node("MultiHeadAttention", INPUTS, OUTPUTS, feeds, weights, num_heads=HEADS), feeds)
    if packed:
        together = np.concatenate([feeds.pop(name) for name in ("query", "key", "value")], axis=2)
        feeds = {"query": together, **feeds}
    own = run(
        opened(one_node("DecoderMaskedMultiHeadAttention", DECODER, OUTPUTS, feeds, weights, num_heads=HEADS)), feeds
    )
    for name, value in expected.items():
        np.testing.assert_allclose(own[name], value, atol=2e-6, err_msg=name)


@pytest.mark.parametrize("attributes", [{}, CAUSAL], ids=["both ways", "causal"])
@pytest.mark.parametrize("new", [1, 2])
def test_a_cache_with_room(new: int, attributes: dict) -> None:
    """Of its rows only as many as it is told are in use; new ones are put after those."""
    names = [*INPUTS, "past_length"]
    feeds = projected(new, queries=new) | {name: normal(BATCH, HEADS, 9, D_HEAD) for name in INPUTS[6:8]}
    feeds["past_length"] = np.array([PAST], np.int32)
    check_same(one_node("MultiHeadAttention", names, OUTPUTS, feeds, {}, num_heads=HEADS, **attributes), feeds)


@pytest.mark.parametrize("mask", [None, np.array([[1, 1, 1, 1], [0, 1, 1, 1]], np.int32)], ids=["no mask", "mask"])
def test_decoder_with_a_cache_with_room(mask: np.ndarray | None) -> None:
    names = [*DECODER[:7], "past_length", "", "", "bias"]
    feeds = projected(1, queries=1) | {name: normal(BATCH, HEADS, 9, D_HEAD) for name in INPUTS[6:8]}
    feeds["past_length"] = np.array([PAST], np.int32)
    feeds |= {} if mask is None else {"mask": mask}
    attributes = {"num_heads": HEADS, "past_present_share_buffer": 1}
    weights = {"bias": normal(3 * WIDTH)}
    check_same(one_node("DecoderMaskedMultiHeadAttention", names, OUTPUTS, feeds, weights, **attributes), feeds)


def test_beams_stay_as_they_are() -> None:
    names = [*DECODER[:7], "past_length", "beams", "came_from", "bias"]
    feeds = projected(1, queries=1) | cached() | {"past_length": np.array([PAST], np.int32)}
    feeds |= {"beams": np.array([1], np.int32), "came_from": np.zeros((BATCH, 1, 9), np.int32)}
    attributes = {"num_heads": HEADS, "past_present_share_buffer": 1}
    assert not open_up(one_node("DecoderMaskedMultiHeadAttention", names, OUTPUTS, feeds, {}, **attributes)).repairs


def test_the_products_as_an_output_stay_as_they_are() -> None:
    feeds = projected()
    outputs = [*OUTPUTS, "products"]
    assert not open_up(one_node("MultiHeadAttention", INPUTS, outputs, feeds, {}, num_heads=HEADS)).repairs
