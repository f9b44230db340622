"""com.microsoft.Attention and QAttention written out, against onnxruntime's kernels of them."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.session.rewrite.open_up import open_up
from tests.session.rewrite.kernels import Arrays, check_same, one_node, opened, run

BATCH, POS, HEADS, D_HEAD, D_IN, PAST = 2, 5, 4, 8, 24, 3
WIDTH = HEADS * D_HEAD
INPUTS = ["x", "weight", "bias", "mask", "past", "attention_bias"]
CAUSAL = {"unidirectional": 1}
PADDED = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], np.int32)
MASKS = {
    "lengths": np.array([5, 3], np.int32),
    "ends and starts": np.array([5, 4, 0, 2], np.int32),
    "lengths and offsets": np.array([5, 3, 0, 5, 8, 0, 5, 8], np.int32),
    "padding": PADDED,
    "one column": np.ones((BATCH, 1), np.int32),
    "one entry": np.ones((1, 1), np.int32),
    "each query its own": np.tril(np.ones((BATCH, POS, POS), np.int32)) * PADDED[:, None],
}


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def weights(v_width: int = WIDTH) -> dict[str, np.ndarray]:
    return {"weight": normal(D_IN, 2 * WIDTH + v_width) * 0.2, "bias": normal(2 * WIDTH + v_width)}


def check(extra: Arrays | None = None, *, outputs: tuple[str, ...] = ("y",), opset: int = 17, **attributes: object):
    feeds = {"x": normal(BATCH, POS, D_IN), **(extra or {})}
    model = one_node("Attention", INPUTS, outputs, feeds, weights(), opset=opset, num_heads=HEADS, **attributes)
    return check_same(model, feeds)


@pytest.mark.parametrize("opset", [11, 12, 13, 17, 18, 21])
@pytest.mark.parametrize("attributes", [{}, CAUSAL], ids=["both ways", "causal"])
def test_every_operator_set(opset: int, attributes: dict) -> None:
    check({"mask": PADDED}, opset=opset, **attributes)


@pytest.mark.parametrize("attributes", [{}, CAUSAL], ids=["both ways", "causal"])
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS.keys())
def test_every_form_of_mask(mask: np.ndarray, attributes: dict) -> None:
    check({"mask": mask}, **attributes)


def test_a_row_that_is_all_masked_looks_everywhere_as_the_kernel_has_it() -> None:
    check({"mask": np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 0]], np.int32)}, mask_filter_value=float(np.finfo("f").min))


@pytest.mark.parametrize("length", [0, PAST])
@pytest.mark.parametrize("attributes", [{}, CAUSAL], ids=["both ways", "causal"])
def test_past_and_present(length: int, attributes: dict) -> None:
    past = normal(2, BATCH, HEADS, PAST, D_HEAD)[:, :, :, :length]
    present = check({"past": past}, outputs=("y", "present"), **attributes)["present"]
    assert present.shape == (2, BATCH, HEADS, length + POS, D_HEAD)


def test_past_with_padding() -> None:
    mask = np.ones((BATCH, PAST + POS), np.int32)
    mask[1, -2:] = 0
    check({"past": normal(2, BATCH, HEADS, PAST, D_HEAD), "mask": mask}, outputs=("y", "present"), **CAUSAL)


def test_present_without_past() -> None:
    check(outputs=("y", "present"))


@pytest.mark.parametrize("shape", [(BATCH, HEADS), (1, HEADS), (BATCH, 1), (1, 1)])
def test_attention_bias(shape: tuple[int, int]) -> None:
    check({"attention_bias": normal(*shape, POS, POS), "mask": PADDED}, **CAUSAL)


def test_a_scale_of_its_own() -> None:
    check(scale=0.5)


def test_values_of_another_width_and_no_bias() -> None:
    feeds = {"x": normal(BATCH, POS, D_IN)}
    given = {"weight": weights(2 * WIDTH)["weight"]}
    sizes = [WIDTH, WIDTH, 2 * WIDTH]
    check_same(one_node("Attention", INPUTS, ["y"], feeds, given, num_heads=HEADS, qkv_hidden_sizes=sizes), feeds)


def test_the_square_mask_of_megatron_is_the_mask_of_its_rows() -> None:
    """onnxruntime's CPU kernel does not take it, so it is held against the mask with a row for each query."""
    square = np.tril(np.ones((BATCH, 1, 9, 9), np.int32))
    feeds, attributes = {"x": normal(BATCH, POS, D_IN)}, {"num_heads": HEADS}
    own = {}
    for name, mask in (("square", square), ("rows", square[:, 0, :POS, :POS])):
        given = {**feeds, "mask": mask}
        own[name] = run(opened(one_node("Attention", INPUTS, ["y"], given, weights(), **attributes)), given)["y"]
    np.testing.assert_allclose(own["square"], own["rows"], atol=1e-6)


def test_half_precision() -> None:
    feeds = {"x": normal(BATCH, POS, D_IN).astype(np.float16), "mask": PADDED}
    given = {name: value.astype(np.float16) for name, value in weights().items()}
    check_same(one_node("Attention", INPUTS, ["y"], feeds, given, num_heads=HEADS, **CAUSAL), feeds, atol=1e-2)


@pytest.mark.parametrize("attributes", [{"do_rotary": 1}, {"past_present_share_buffer": 1}])
def test_what_is_not_covered_stays_as_it_is(attributes: dict) -> None:
    feeds = {"x": normal(BATCH, POS, D_IN)}
    model = one_node("Attention", INPUTS, ["y"], feeds, weights(), num_heads=HEADS, **attributes)
    result = open_up(model)
    assert not result.repairs
    assert result.model is model


def test_queries_and_keys_of_two_widths_stay_as_they_are() -> None:
    """A generator has written such files; onnxruntime refuses them."""
    feeds = {"x": normal(BATCH, POS, D_IN)}
    sizes = [2 * WIDTH, WIDTH, WIDTH]
    model = one_node("Attention", INPUTS, ["y"], feeds, weights(2 * WIDTH), num_heads=HEADS, qkv_hidden_sizes=sizes)
    assert not open_up(model).repairs


# QAttention -------------------------------------------------------------------------------------------------------


QUANTISED = ["x", "weight", "bias", "x_scale", "w_scale", "mask", "x_zero", "w_zero", "past"]


def quantised(dtype: str, columns: bool) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Feeds and weights; columns: a scale for each column of the weights."""
    rng = np.random.default_rng(5)
    count = 3 * WIDTH if columns else 1
    scale = rng.uniform(0.001, 0.002, count).astype(np.float32)
    zero = rng.integers(-3, 4, count) + (128 if dtype == "uint8" else 0)
    low, high = (0, 256) if dtype == "uint8" else (-128, 128)
    given = {
        "weight": rng.integers(low, high, (D_IN, 3 * WIDTH)).astype(dtype),
        "bias": weights()["bias"],
        "x_scale": np.array(0.02, np.float32),
        "w_scale": scale if columns else scale[0],
        "x_zero": np.array(120, np.uint8),
        "w_zero": zero.astype(dtype) if columns else zero.astype(dtype)[0],
    }
    return {"x": rng.integers(0, 256, (BATCH, POS, D_IN)).astype(np.uint8)}, given


@pytest.mark.parametrize("opset", [11, 13, 17, 21])
@pytest.mark.parametrize("columns", [False, True], ids=["one scale", "a scale a column"])
@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_quantised_weights(dtype: str, columns: bool, opset: int) -> None:
    feeds, given = quantised(dtype, columns)
    check_same(one_node("QAttention", QUANTISED, ["y"], feeds, given, opset=opset, num_heads=HEADS), feeds, atol=1e-5)


def test_quantised_with_mask_and_past() -> None:
    feeds, given = quantised("int8", columns=False)
    feeds |= {"mask": np.array([PAST + 5, PAST + 3], np.int32), "past": normal(2, BATCH, HEADS, PAST, D_HEAD)}
    model = one_node("QAttention", QUANTISED, ["y", "present"], feeds, given, num_heads=HEADS, **CAUSAL)
    check_same(model, feeds, atol=1e-5)
