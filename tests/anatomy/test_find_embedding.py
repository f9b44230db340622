"""Embedding tables and position tables in graphs made by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from onnx import TensorProto, helper

from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph

Build = Callable[..., Graph]
HALF, SINGLE = np.ones((20, 6), np.float16), np.ones((20, 6), np.float32)
IDS, VECTORS = {"ids": ["batch", "pos"]}, {"vectors": ["batch", "pos", 6]}


def test_a_half_precision_table_cast_after_the_lookup(graph: Build) -> None:
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("Cast", ["rows"], ["vectors"], to=TensorProto.FLOAT),
    ]
    anatomy = read(graph(nodes, {"table": HALF}, IDS, VECTORS))
    (table,) = anatomy.embeddings
    assert (table.initializer, table.rows, table.width, table.output) == ("table", 20, 6, "vectors")
    assert anatomy.kind == "embedding table"
    assert anatomy.ids_input == "ids"
    assert anatomy.point("embed").layout == ("batch", "pos", "d_model")
    assert anatomy.parameters == {"embedding": 120, "total": 120}


def test_a_half_precision_table_cast_before_the_lookup(graph: Build) -> None:
    nodes = [
        helper.make_node("Cast", ["table"], ["single"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["single", "ids"], ["vectors"]),
    ]
    anatomy = read(graph(nodes, {"table": HALF}, IDS, VECTORS))
    assert [(table.initializer, table.output) for table in anatomy.embeddings] == [("table", "vectors")]
    assert anatomy.parameters["total"] == 120


def test_ids_may_be_sliced_and_cast_but_not_computed(graph: Build) -> None:
    sliced = [
        helper.make_node("Slice", ["ids", "one", "nine", "axis"], ["some"]),
        helper.make_node("Cast", ["some"], ["few"], to=TensorProto.INT32),
        helper.make_node("Gather", ["table", "few"], ["vectors"]),
    ]
    numbers = {"one": np.array([1]), "nine": np.array([9]), "axis": np.array([1])}
    assert read(graph(sliced, {"table": SINGLE, **numbers}, IDS, VECTORS)).embeddings[0].ids_input == "ids"
    computed = [
        helper.make_node("Mul", ["ids", "two"], ["other"]),
        helper.make_node("Gather", ["table", "other"], ["vectors"]),
    ]
    anatomy = read(graph(computed, {"table": SINGLE, "two": np.array([2])}, IDS, VECTORS))
    assert anatomy.embeddings == ()
    assert any("No embedding table" in sentence for sentence in anatomy.unrecognised)


def test_the_largest_table_is_the_vocabulary_and_comes_first(graph: Build) -> None:
    nodes = [
        helper.make_node("Gather", ["segments", "segment_ids"], ["a"]),
        helper.make_node("Gather", ["table", "ids"], ["b"]),
        helper.make_node("Add", ["a", "b"], ["vectors"]),
    ]
    weights = {"table": SINGLE, "segments": np.ones((2, 6), np.float32)}
    anatomy = read(graph(nodes, weights, {"segment_ids": ["batch", "pos"], **IDS}, VECTORS))
    assert [table.initializer for table in anatomy.embeddings] == ["table", "segments"]
    assert anatomy.ids_input == "ids"
    assert anatomy.point("embed").tensor == "b"


@pytest.mark.parametrize(("by", "rows"), [("range", 9), ("zeros", None)])
def test_positions_are_looked_up_by_counting(graph: Build, by: str, rows: int | None) -> None:
    places = {
        "range": [
            helper.make_node("Shape", ["ids"], ["shape"]),
            helper.make_node("Gather", ["shape", "one"], ["length"]),
            helper.make_node("Range", ["zero", "length", "one"], ["places"]),
        ],
        "zeros": [
            helper.make_node("Shape", ["ids"], ["shape"]),
            helper.make_node("ConstantOfShape", ["shape"], ["zeros"]),
            helper.make_node("Cast", ["zeros"], ["places"], to=TensorProto.INT64),
        ],
    }
    nodes = [
        *places[by],
        helper.make_node("Gather", ["positions", "places"], ["p"]),
        helper.make_node("Gather", ["table", "ids"], ["t"]),
        helper.make_node("Add", ["t", "p"], ["vectors"]),
    ]
    weights = {"table": SINGLE, "positions": np.ones((9, 6), np.float32), "zero": np.array(0), "one": np.array(1)}
    anatomy = read(graph(nodes, weights, IDS, VECTORS))
    assert anatomy.max_positions == rows
    assert anatomy.parameters["total"] == 174


@pytest.mark.parametrize(
    ("end", "joined", "rows"), [("length", "Add", 20), ("twenty", "Add", None), ("length", "Mul", None)]
)
def test_positions_are_cut_from_a_table(graph: Build, end: str, joined: str, rows: int | None) -> None:
    """As TensorFlow writes it. What is always whole is a weight, and what is multiplied a mask."""
    nodes = [
        helper.make_node("Shape", ["ids"], ["length"], start=1, end=2),
        helper.make_node("Slice", ["positions", "zeros", end, "zeros"], ["cut"]),
        helper.make_node("Unsqueeze", ["cut", "zeros"], ["p"]),
        helper.make_node("Gather", ["table", "ids"], ["t"]),
        helper.make_node(joined, ["t", "p"], ["vectors"]),
    ]
    weights = {
        "table": SINGLE,
        "positions": np.ones((20, 6), np.float32),
        "zeros": np.array([0]),
        "twenty": np.array([20]),
    }
    assert read(graph(nodes, weights, IDS, VECTORS)).max_positions == rows


def test_a_table_with_a_layer_behind_it_is_more_than_a_table(graph: Build) -> None:
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("MatMul", ["rows", "w"], ["vectors"]),
    ]
    assert read(graph(nodes, {"table": SINGLE, "w": np.ones((6, 6), np.float32)}, IDS, VECTORS)).kind == "unknown"


def test_a_fused_lookup_keeps_its_vectors_to_itself(graph: Build) -> None:
    nodes = [
        helper.make_node(
            "EmbedLayerNormalization", ["ids", "", "table", "positions", "", "gamma", "beta"], ["vectors", "mask"],
            domain="com.microsoft",
        )
    ]  # fmt: skip
    ones = np.ones(6, np.float32)
    weights = {"table": SINGLE, "positions": np.ones((9, 6), np.float32), "gamma": ones, "beta": ones}
    anatomy = read(graph(nodes, weights, IDS, VECTORS))
    assert [(table.initializer, table.output) for table in anatomy.embeddings] == [("table", "")]
    assert anatomy.max_positions == 9
    assert "embed" not in anatomy.point_names
    assert any("EmbedLayerNormalization" in sentence for sentence in anatomy.unrecognised)


@pytest.mark.parametrize("by", ["choice", "sums"])
def test_ids_that_are_only_wrapped_round_are_ids(graph: Build, by: str) -> None:
    """PyTorch and JAX write `id < 0 ? id + rows : id`; TensorFlow's converter makes sums and products of it."""
    wrap = [helper.make_node("Less", ["ids", "zero"], ["negative"]), helper.make_node("Add", ["ids", "rows"], ["up"])]
    ways = {
        "choice": [helper.make_node("Where", ["negative", "up", "ids"], ["wrapped"])],
        "sums": [
            helper.make_node("Not", ["negative"], ["other"]),
            helper.make_node("Cast", ["negative"], ["a"], to=TensorProto.INT64),
            helper.make_node("Cast", ["other"], ["b"], to=TensorProto.INT64),
            helper.make_node("Mul", ["a", "up"], ["c"]),
            helper.make_node("Mul", ["b", "ids"], ["d"]),
            helper.make_node("Add", ["c", "d"], ["wrapped"]),
        ],
    }
    nodes = [*wrap, *ways[by], helper.make_node("Gather", ["table", "wrapped"], ["vectors"])]
    weights = {"table": SINGLE, "zero": np.array(0), "rows": np.array(20)}
    anatomy = read(graph(nodes, weights, IDS, VECTORS))
    assert [(table.initializer, table.ids_input) for table in anatomy.embeddings] == [("table", "ids")]


@pytest.mark.parametrize(("rows", "role"), [(2, "segments"), (9, None), (30, None)])
def test_a_table_beside_the_tokens_is_of_segments_or_of_places(graph: Build, rows: int, role: str | None) -> None:
    """Places may be fed as an input: their table is no second table of tokens."""
    other = "segment_ids" if role else "position_ids"
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["a"]),
        helper.make_node("Gather", ["beside", other], ["b"]),
        helper.make_node("Add", ["a", "b"], ["vectors"]),
    ]
    weights = {"table": SINGLE, "beside": np.ones((rows, 6), np.float32)}
    anatomy = read(graph(nodes, weights, IDS | {other: ["batch", "pos"]}, VECTORS))
    assert anatomy.ids_input == "ids"
    assert [(table.initializer, table.role) for table in anatomy.embeddings] == [
        ("table", "tokens"),
        *([("beside", role)] if role else []),
    ]
    assert anatomy.max_positions == (None if role else rows)
    assert anatomy.parameters["segments" if role else "positions"] == rows * 6
