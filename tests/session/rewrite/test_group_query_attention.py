"""com.microsoft.GroupQueryAttention written out, against onnxruntime's kernel of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from embstudio.session.rewrite.open_up import open_up
from tests.session.rewrite.kernels import check_same, one_node, opened, run

HEADS, KV_HEADS, D_HEAD = 4, 2, 16
INPUTS = ["query", "key", "value", "past_key", "past_value", "ends", "total", "cos", "sin", "positions", "bias", "sink",
          "k_scale", "v_scale", "q_norm", "k_norm"]  # fmt: skip
OUTPUTS = ["y", "present_key", "present_value"]
LAYOUTS = pytest.mark.parametrize("interleaved", [0, 1], ids=["halves", "interleaved"])


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


class Case:
    """Feeds and weights of one node.

    past: keys before the new ones. cache: rows of the cache, None for no cache at all. ends: of each sequence, where
    they differ.
    """

    def __init__(
        self,
        *,
        batch: int = 1,
        new: int = 5,
        past: int = 0,
        cache: int | None = None,
        kv_heads: int = KV_HEADS,
        d_head: int = D_HEAD,
        packed: bool = False,
        ends: Sequence[int] | None = None,
    ) -> None:
        self.kv_heads, self.d_head, self.new = kv_heads, d_head, new
        parts = [normal(batch, new, count * d_head) for count in (HEADS, kv_heads, kv_heads)]
        if packed:
            self.feeds = {"query": np.concatenate(parts, axis=2)}
        else:
            self.feeds = dict(zip(["query", "key", "value"], parts, strict=True))
        if cache is not None:
            self.feeds |= {name: normal(batch, kv_heads, 20, d_head)[:, :, :cache] for name in INPUTS[3:5]}
        self.ends = np.array(ends or [past + new - 1] * batch, np.int32)
        self.feeds |= {"ends": self.ends, "total": np.array(past + new, np.int32)}
        self.weights: dict[str, np.ndarray] = {}
        self.attributes: dict[str, object] = {}

    def turned(self, interleaved: int = 0, part: int | None = None) -> Case:
        """With rotary positions. part: how many of a head's entries are turned."""
        half = (part or self.d_head) // 2
        angles = np.arange(32)[:, None] / 100 ** (np.arange(half) / half)
        self.weights |= {"cos": np.cos(angles).astype(np.float32), "sin": np.sin(angles).astype(np.float32)}
        self.attributes |= {"do_rotary": 1, "rotary_interleaved": interleaved}
        return self

    def model(self, outputs: Sequence[str] = OUTPUTS, opset: int = 17, **attributes: object):
        given = {"num_heads": HEADS, "kv_num_heads": self.kv_heads, **self.attributes, **attributes}
        return one_node("GroupQueryAttention", INPUTS, outputs, self.feeds, self.weights, opset=opset, **given)

    def check(self, outputs: Sequence[str] = OUTPUTS, opset: int = 17, **attributes: object) -> None:
        check_same(self.model(outputs, opset, **attributes), self.feeds)


@pytest.mark.parametrize("opset", [13, 17, 18, 21])
def test_every_operator_set(opset: int) -> None:
    Case(cache=0).turned().check(opset=opset)


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
@pytest.mark.parametrize("packed", [False, True], ids=["apart", "packed"])
@pytest.mark.parametrize("batch", [1, 2])
def test_every_grouping(kv_heads: int, packed: bool, batch: int) -> None:
    Case(kv_heads=kv_heads, packed=packed, batch=batch).check()
    Case(kv_heads=kv_heads, packed=packed, batch=batch).turned().check()


@LAYOUTS
def test_only_the_first_entries_turned(interleaved: int) -> None:
    Case(d_head=32).turned(interleaved, part=16).check()


CONTINUED = {
    "one more token": {"past": 6, "cache": 6, "new": 1},
    "one more token for each of two": {"past": 6, "cache": 6, "new": 1, "batch": 2},
    "one more token, pasts of two lengths": {"past": 6, "cache": 6, "new": 1, "batch": 2, "ends": [6, 3]},
    "more tokens": {"past": 6, "cache": 6, "new": 3},
    "an empty cache": {"cache": 0},
    "room in the cache": {"past": 6, "cache": 12, "new": 3},
    "room in the cache of two": {"past": 6, "cache": 12, "new": 1, "batch": 2, "ends": [6, 4]},
    "the first run with room": {"cache": 12, "new": 4},
}


@LAYOUTS
@pytest.mark.parametrize("form", CONTINUED.values(), ids=CONTINUED.keys())
def test_a_cache(form: dict, interleaved: int) -> None:
    Case(**form).turned(interleaved).check()


@pytest.mark.parametrize("cache", [None, 12])
@pytest.mark.parametrize("causal", [0, 1])
def test_shorter_sequences_are_padded_at_their_end(cache: int | None, causal: int) -> None:
    """What the kernel gives for the padding itself is not specified."""
    case = Case(batch=2, cache=cache, ends=[4, 2])
    model = case.model(causal=causal)
    expected, own = run(model, case.feeds), run(opened(model), case.feeds)
    for sequence, end in enumerate(case.ends):
        rows = sequence, slice(0, end + 1)
        np.testing.assert_allclose(own["y"][rows], expected["y"][rows], atol=2e-6)
    np.testing.assert_allclose(own["present_key"], expected["present_key"], atol=2e-6)


@pytest.mark.parametrize("window", [1, 2, 3, 8])
def test_a_window(window: int) -> None:
    Case().check(local_window_size=window)
    Case(past=6, cache=6, new=3).check(local_window_size=window)
    Case(past=6, cache=6, new=1).check(local_window_size=window)


@LAYOUTS
@pytest.mark.parametrize("window", [{}, {"local_window_size": 3}])
@pytest.mark.parametrize("form", [{"new": 5}, {"past": 4, "new": 2}, {"past": 6, "new": 1, "batch": 2}])
def test_keys_that_another_node_has_put_into_the_cache(form: dict, window: dict, interleaved: int) -> None:
    case = Case(**form, cache=form.get("past", 0) + form["new"]).turned(interleaved)
    for name in ("key", "value"):
        case.feeds[name] = case.feeds[name][:, :0]
    case.check(**window)


WINDOW = 4
STEPS = {
    "the first run": {"new": 3},
    "a first run longer than the cache": {"new": 9},
    "room left": {"past": 2, "new": 1},
    "filled": {"past": 3, "new": 1},
    "over its end": {"past": 4, "new": 1},
    "far beyond": {"past": 13, "new": 1},
    "several tokens": {"past": 5, "new": 3},
    "more tokens than rows": {"past": 5, "new": 8},
    "two sequences": {"past": 13, "new": 1, "batch": 2},
    "two sequences of two lengths": {"past": 13, "new": 1, "batch": 2, "ends": [13, 6]},
}


@LAYOUTS
@pytest.mark.parametrize("capacity", [WINDOW, WINDOW + 1, WINDOW + 3])
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_a_cache_as_long_as_a_window(step: dict, capacity: int, interleaved: int) -> None:
    """Rows after those that are kept are not specified; how many are kept is given by the specification's formula."""
    case = Case(cache=capacity, **step).turned(interleaved)
    model = case.model(local_window_size=WINDOW, sliding_window_cache=1)
    expected, own = run(model, case.feeds), run(opened(model), case.feeds)
    np.testing.assert_allclose(own["y"], expected["y"], atol=2e-6)
    at_once = capacity - WINDOW + 1
    for sequence, tokens in enumerate(case.ends + 1):
        kept = tokens if tokens <= capacity else tokens - at_once * -(-(tokens - capacity) // at_once)
        for name in OUTPUTS[1:]:
            assert own[name].shape == expected[name].shape
            rows = sequence, slice(None), slice(0, kept)
            np.testing.assert_allclose(own[name][rows], expected[name][rows], atol=2e-6, err_msg=name)


@pytest.mark.parametrize("runs", [[5, 1, 1, 1, 1], [2, 1, 1, 3, 1], [9, 2, 2]])
def test_a_window_that_starts_without_a_cache(runs: list[int]) -> None:
    """onnxruntime wants room for the window at once; what people start with is an empty cache."""
    attributes = {"local_window_size": WINDOW, "sliding_window_cache": 1}
    full, grown, past = Case(cache=WINDOW), Case(cache=0), 0
    room = {name: np.zeros_like(full.feeds[name]) for name in INPUTS[3:5]}
    empty = {name: full.feeds[name][:, :, :0] for name in INPUTS[3:5]}
    kernel, own = full.turned().model(**attributes), opened(grown.turned().model(**attributes))
    for step, new in enumerate(runs):
        tokens = np.random.default_rng(step).normal(size=(3, 1, new, HEADS * D_HEAD)).astype(np.float32)
        feeds = {"query": tokens[0], "key": tokens[1, ..., : KV_HEADS * D_HEAD]}
        feeds |= {"value": tokens[2, ..., : KV_HEADS * D_HEAD], "ends": np.array([past + new - 1], np.int32)}
        feeds["total"] = np.array(past + new, np.int32)
        expected, found = run(kernel, feeds | room), run(own, feeds | empty)
        np.testing.assert_allclose(found["y"], expected["y"], atol=2e-6)
        room = {"past_key": expected["present_key"], "past_value": expected["present_value"]}
        empty = {"past_key": found["present_key"], "past_value": found["present_value"]}
        past += new


@pytest.mark.parametrize("attributes", [{"softcap": 2.0}, {"scale": 0.7}, {"smooth_softmax": 1}, {"causal": 0}])
def test_attributes(attributes: dict) -> None:
    Case().check(**attributes)
    Case(past=4, cache=4, new=3).check(**attributes)


def test_sinks() -> None:
    case = Case(past=4, cache=4, new=3)
    case.weights["sink"] = normal(HEADS)
    case.check(softcap=2.0, local_window_size=2)


@pytest.mark.parametrize("heads", [1, HEADS])
def test_attention_bias(heads: int) -> None:
    case = Case(past=4, cache=4, new=3)
    case.feeds["bias"] = normal(1, heads, 3, 7)
    case.check(softcap=3.0)


@pytest.mark.parametrize(
    ("form", "positions"),
    [
        ({}, [[3, 4, 5, 6, 7]]),
        ({}, [[0, 2, 4, 6, 8]]),
        ({"batch": 2}, [[0, 1, 2, 3, 4], [2, 3, 4, 5, 6]]),
        ({"past": 6, "cache": 6, "new": 3}, [[7, 9, 11]]),
        ({"past": 6, "cache": 6, "new": 1, "batch": 2}, [[9], [3]]),
    ],
)
def test_positions_of_their_own(form: dict, positions: list[list[int]]) -> None:
    case = Case(**form).turned()
    case.feeds["positions"] = np.array(positions, np.int64)
    case.check()


@pytest.mark.parametrize("asked", [1, 2], ids=["scores", "pattern"])
def test_products_as_an_output(asked: int) -> None:
    outputs = [*OUTPUTS, "products"]
    Case().check(outputs, qk_output=asked)
    Case(past=4, cache=4, new=3).check(outputs, qk_output=asked, local_window_size=2)
    Case(past=4, cache=9, new=3).check(outputs, qk_output=asked)


def test_ends_as_a_column_as_generated_models_have_them() -> None:
    case = Case(batch=2)
    case.feeds["ends"] = case.ends[:, None]
    case.check()


def test_normed_queries_and_keys() -> None:
    """onnxruntime's CPU kernel does not take them: held against the same operator fed with normed ones."""
    case, plain = Case().turned(), Case().turned()
    case.weights |= {"q_norm": normal(D_HEAD), "k_norm": normal(D_HEAD) + 1}
    for name, weight in (("query", "q_norm"), ("key", "k_norm")):
        x = plain.feeds[name].astype(np.float64).reshape(1, case.new, -1, D_HEAD)
        normed = x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6) * case.weights[weight]
        plain.feeds[name] = normed.reshape(plain.feeds[name].shape).astype(np.float32)
    own = run(opened(case.model()), case.feeds)
    for name, value in run(plain.model(), plain.feeds).items():
        np.testing.assert_allclose(own[name], value, atol=2e-6, err_msg=name)


def test_half_precision() -> None:
    case = Case(past=4, cache=4, new=3).turned()
    case.feeds = {name: x.astype(np.float16) if x.dtype == np.float32 else x for name, x in case.feeds.items()}
    case.weights = {name: x.astype(np.float16) for name, x in case.weights.items()}
    check_same(case.model(), case.feeds, atol=5e-3)


def test_what_is_not_covered_stays_as_it_is() -> None:
    assert not open_up(Case(cache=4, new=3).model(local_window_size=0)).repairs
    windowed = {"sliding_window_cache": 1, "local_window_size": 4}
    assert not open_up(Case(cache=4, new=3).model([*OUTPUTS, "products"], qk_output=1, **windowed)).repairs
