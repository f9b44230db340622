"""How caches are laid out in exports of all kinds, in graphs made by hand of what these exports do with them."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph, Node, Weight
from embstudio.modelfile.tensor_info import TensorInfo
from embstudio.session.feeding.caches import find_cache, find_state
from embstudio.session.feeding.presents import match_presents
from embstudio.session.feeding.slots import CacheLayout

IDS = TensorInfo("ids", "int64", ("batch", "new"))


class Drawing:
    """A graph in the making. The new keys are a product of the ids' vectors with weights."""

    def __init__(self, cache: TensorInfo, keys: tuple[int | str | None, ...] = ("batch", 4, "new", 8)) -> None:
        self.cache = cache
        self.nodes: list[Node] = []
        self.weights = {"table": weight("table", np.zeros((99, 32))), "W": weight("W", np.zeros((32, 32)))}
        self.shapes: dict[str, tuple[int | str | None, ...]] = {"keys": keys, "queries": keys}
        self.add("Gather", ["table", "ids"], "vectors")
        self.add("MatMul", ["vectors", "W"], "keys")
        self.add("MatMul", ["vectors", "W"], "queries")

    def add(self, op: str, inputs: list[str], *outputs: str, domain: str = "", **attributes: object) -> str:
        name = f"node{len(self.nodes)}"
        self.nodes.append(Node(len(self.nodes), op, domain, name, tuple(inputs), outputs, attributes))
        return outputs[0]

    def number(self, name: str, values: object) -> str:
        self.weights[name] = weight(name, np.array(values, np.int64))
        return name

    def flow(self, *outputs: TensorInfo) -> Dataflow:
        return Dataflow(Graph(self.nodes, [IDS, self.cache], outputs, self.weights, shapes=self.shapes))

    def layout(self) -> CacheLayout:
        found = find_cache(self.flow(), self.cache, ["ids"])
        assert found is not None
        return found


def weight(name: str, values: np.ndarray) -> Weight:
    return Weight(name, str(values.dtype), values.shape, lambda: values)


def floats(*shape: int | str | None) -> TensorInfo:
    return TensorInfo("past", "float32", shape)


def test_heads_before_tokens() -> None:
    drawing = Drawing(floats("batch", 4, "past", 8))
    drawing.add("Concat", ["past", "keys"], "all", axis=-2)
    assert drawing.layout() == CacheLayout((None, 4, None, 8), 0, 2)


def test_sizes_that_only_the_new_keys_have() -> None:
    drawing = Drawing(floats("a", "b", "c", "d"))
    drawing.add("Identity", ["past"], "same")
    drawing.add("Concat", ["same"], "alone", axis=2)
    drawing.add("Concat", ["alone", "keys"], "all", axis=2)
    assert drawing.layout() == CacheLayout((None, 4, None, 8), 0, 2)


def test_tokens_before_heads() -> None:
    drawing = Drawing(floats("batch", "past", 4, 8))
    drawing.add("Transpose", ["past"], "turned", perm=[0, 2, 1, 3])
    drawing.add("Concat", ["turned", "keys"], "all", axis=2)
    assert drawing.layout() == CacheLayout((None, None, 4, 8), 0, 1)


def test_keys_transposed_for_the_product() -> None:
    drawing = Drawing(floats("batch", 4, 8, "past"))
    drawing.add("Transpose", ["keys"], "turned", perm=[0, 1, 3, 2])
    drawing.add("Concat", ["past", "turned"], "all", axis=3)
    assert drawing.layout() == CacheLayout((None, 4, 8, None), 0, 3)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((2, "batch", 4, "past", 8), CacheLayout((2, None, 4, None, 8), 1, 3)),
     ((2, 2, "batch", 4, "past", 8), CacheLayout((2, 2, None, 4, None, 8), 2, 4))],
)  # fmt: skip
def test_keys_and_values_in_one(shape: tuple, expected: CacheLayout) -> None:
    drawing = Drawing(floats(*shape))
    name = "past"
    for place in range(len(shape) - 4):
        name = drawing.add("Gather", [name, drawing.number(f"first{place}", 0)], f"part{place}", axis=0)
    drawing.add("Concat", [name, "keys"], "all", axis=2)
    assert drawing.layout() == expected


def test_keys_and_values_of_all_heads_side_by_side() -> None:
    drawing = Drawing(floats("batch", "past", 64))
    drawing.add("Split", ["past"], "old_keys", "old_values", axis=-1)
    drawing.shapes |= {"old_keys": ("batch", "past", 32), "cut": ("batch", "past", 4, 8)}
    drawing.add("Reshape", ["old_keys", drawing.number("shape", [0, -1, 4, 8])], "cut")
    drawing.add("Transpose", ["cut"], "turned", perm=[0, 2, 1, 3])
    drawing.add("Concat", ["turned", "keys"], "all", axis=2)
    assert drawing.layout() == CacheLayout((None, None, 64), 0, 1)


def test_keys_of_the_encoder_are_multiplied_as_they_are() -> None:
    drawing = Drawing(floats("batch", 4, "source", 8))
    drawing.add("Transpose", ["past"], "turned", perm=[0, 1, 3, 2])
    drawing.add("MatMul", ["queries", "turned"], "scores")
    layout = drawing.layout()
    assert layout.cross
    assert layout.grows == 2


@pytest.mark.parametrize(
    ("keys", "projection", "heads"), [("keys", 32, {"kv_num_heads": 4, "num_heads": 8}),
                                      ("", 128, {"kv_num_heads": 4, "num_heads": 8})],
)  # fmt: skip
def test_sizes_from_an_operator_with_the_whole_attention(keys: str, projection: int, heads: dict) -> None:
    drawing = Drawing(floats("batch", None, "past", None))
    drawing.shapes |= {"keys": ("batch", "new", projection), "queries": ("batch", "new", projection)}
    drawing.add("GroupQueryAttention", ["queries", keys, "", "past"], "out", domain="com.microsoft", **heads)
    assert drawing.layout() == CacheLayout((None, 4, None, 8), 0, 2)


def test_what_is_no_cache() -> None:
    drawing = Drawing(floats("batch", 3, 224, 224))
    drawing.add("Conv", ["past", "W"], "patches")
    assert find_cache(drawing.flow(), drawing.cache, ["ids"]) is None
    assert find_state(drawing.flow(), drawing.cache) is None


def test_each_cache_finds_where_it_comes_out_whatever_the_order() -> None:
    first = Drawing(floats("batch", 4, "past", 8))
    other = TensorInfo("other", "float32", first.cache.shape)
    first.add("Concat", ["past", "keys"], "second_out", axis=2)
    first.add("Concat", ["other", "keys"], "all", axis=2)
    first.add("Identity", ["all"], "first_out")
    outputs = [TensorInfo(name, "float32", ("batch", 4, "total", 8)) for name in ("first_out", "second_out")]
    flow = Dataflow(Graph(first.nodes, [IDS, first.cache, other], outputs, first.weights, shapes=first.shapes))
    layouts = [(info.name, find_cache(flow, info, ["ids"])) for info in (first.cache, other)]
    found = match_presents(flow, [(name, layout) for name, layout in layouts if layout is not None])
    assert found == {"past": "second_out", "other": "first_out"}


def test_a_state_comes_out_in_the_shape_it_went_in() -> None:
    drawing = Drawing(floats("batch", 32, 3))
    drawing.add("Add", ["past", "keys"], "after")
    layout = find_state(drawing.flow(TensorInfo("after", "float32", ("batch", 32, 3))), drawing.cache)
    assert layout == CacheLayout((None, 32, 3), 0, None)
    assert layout.shape(1, 5) == (1, 32, 3)
