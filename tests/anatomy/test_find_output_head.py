"""Which output is the result, and what it means, in heads made by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from onnx import helper

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.reader import read
from embstudio.modelfile.graph import Graph

Build = Callable[..., Graph]
Nodes = list[helper.NodeProto]
Node = helper.make_node
D, VOCABULARY = 8, 40
WEIGHTS = {
    "E": np.ones((VOCABULARY, D), np.float32), "W_U": np.ones((D, VOCABULARY), np.float32),
    "W_U_longer": np.ones((D, VOCABULARY + 2), np.float32), "W2": np.ones((D, 2), np.float32),
    "W5": np.ones((D, 5), np.float32), "Wp": np.ones((D, D), np.float32), "cap": np.array(30.0, np.float32),
    "minus_one": np.array([-1]), "end": np.array([2**31 - 1]), "axis": np.array([1]), "last": np.array([2]),
    "ones": np.array([1, 1]), "first": np.array(0),
}  # fmt: skip
LOOKUP = [Node("Gather", ["E", "ids"], ["x"]), Node("Relu", ["x"], ["h"])]
SCORES = Node("MatMul", ["h", "W_U"], ["s"])
PER_TOKEN = ["batch", "pos", VOCABULARY]


def read_head(graph: Build, nodes: Nodes, outputs: dict[str, list[object]]) -> Anatomy:
    return read(graph([*LOOKUP, *nodes], WEIGHTS, {"ids": ["batch", "pos"]}, outputs))


def logits(anatomy: Anatomy) -> tuple[str, tuple[str, ...]]:
    point = anatomy.point("logits")
    return point.tensor, point.axes


def said(anatomy: Anatomy) -> tuple[str, str, int | None]:
    assert anatomy.head is not None
    return anatomy.head.kind, anatomy.head.output, anatomy.head.width


def test_scores_are_the_result_wherever_they_stand(graph: Build) -> None:
    outputs = {"h": ["batch", "pos", D], "s": PER_TOKEN}
    anatomy = read_head(graph, [SCORES], outputs)
    assert said(anatomy) == ("next word", "s", VOCABULARY)
    assert logits(anatomy) == ("s", ("pos", "vocab"))


def test_capped_scores_are_scores(graph: Build) -> None:
    cap = [Node("Div", ["s", "cap"], ["a"]), Node("Tanh", ["a"], ["b"]), Node("Mul", ["b", "cap"], ["out"])]
    anatomy = read_head(graph, [SCORES, *cap], {"out": PER_TOKEN})
    assert said(anatomy) == ("next word", "out", VOCABULARY)
    assert logits(anatomy)[0] == "out"


@pytest.mark.parametrize("operator", ["Softmax", "LogSoftmax"])
def test_of_probabilities_the_scores_before_them_are_shown(graph: Build, operator: str) -> None:
    anatomy = read_head(graph, [SCORES, Node(operator, ["s"], ["out"], axis=-1)], {"out": PER_TOKEN})
    assert said(anatomy) == ("next word", "out", VOCABULARY)
    assert logits(anatomy)[0] == "s"


def test_a_head_may_be_a_little_longer_than_the_table(graph: Build) -> None:
    longer = Node("MatMul", ["h", "W_U_longer"], ["s"])
    anatomy = read_head(graph, [longer], {"s": ["batch", "pos", VOCABULARY + 2]})
    assert said(anatomy) == ("next word", "s", VOCABULARY + 2)


@pytest.mark.parametrize("place", ["before", "after"])
def test_scores_for_the_last_position_alone(graph: Build, place: str) -> None:
    cut = ["minus_one", "end", "axis"]
    nodes = {
        "before": [Node("Slice", ["h", *cut], ["one"]), Node("MatMul", ["one", "W_U"], ["s"])],
        "after": [Node("MatMul", ["h", "W_U"], ["all"]), Node("Slice", ["all", *cut], ["s"])],
    }
    anatomy = read_head(graph, nodes[place], {"s": ["batch", 1, VOCABULARY]})
    assert anatomy.head is not None
    assert anatomy.head.last_only
    assert logits(anatomy) == ("s", ("vocab",))


def test_the_starts_and_ends_of_answers_are_two_classes_per_token(graph: Build) -> None:
    nodes = [
        Node("MatMul", ["h", "W2"], ["two"]), Node("Split", ["two", "ones"], ["a", "b"], axis=2),
        Node("Squeeze", ["a", "last"], ["start"]), Node("Squeeze", ["b", "last"], ["end_"]),
    ]  # fmt: skip
    anatomy = read_head(graph, nodes, {"start": ["batch", "pos"], "end_": ["batch", "pos"]})
    assert said(anatomy) == ("classes per token", "start", 2)
    assert logits(anatomy) == ("two", ("pos", "class"))


def test_a_pooler_beside_the_vectors_is_a_point(graph: Build) -> None:
    nodes = [
        Node("Gather", ["h", "first"], ["cls"], axis=1), Node("MatMul", ["cls", "Wp"], ["dense"]),
        Node("Tanh", ["dense"], ["pooler"]),
    ]  # fmt: skip
    anatomy = read_head(graph, nodes, {"h": ["batch", "pos", D], "pooler": ["batch", D]})
    assert said(anatomy) == ("vectors per token", "h", D)
    assert anatomy.point("pooled").tensor == "pooler"


def test_classes_of_a_sentence(graph: Build) -> None:
    nodes = [Node("Gather", ["h", "first"], ["cls"], axis=1), Node("MatMul", ["cls", "W5"], ["out"])]
    anatomy = read_head(graph, nodes, {"out": ["batch", 5]})
    assert said(anatomy) == ("classes", "out", 5)
    assert logits(anatomy) == ("out", ("class",))


def test_a_normalised_sentence_vector(graph: Build) -> None:
    nodes = [
        Node("ReduceMean", ["h"], ["mean"], axes=[1], keepdims=0), Node("ReduceL2", ["mean"], ["length"], axes=[1]),
        Node("Div", ["mean", "length"], ["sentence_embedding"]),
    ]  # fmt: skip
    anatomy = read_head(graph, nodes, {"sentence_embedding": ["batch", D]})
    assert said(anatomy) == ("vector", "sentence_embedding", D)
    assert anatomy.point("pooled").tensor == "sentence_embedding"


def test_of_several_layers_streams_the_last_is_the_result(graph: Build) -> None:
    nodes = [Node("MatMul", ["h", "Wp"], ["a"]), Node("Add", ["h", "a"], ["h2"])]
    outputs = {"h": ["batch", "pos", D], "h2": ["batch", "pos", D]}
    assert said(read_head(graph, nodes, outputs)) == ("vectors per token", "h2", D)
