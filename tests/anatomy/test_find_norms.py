"""Norms in the forms that exporters write them, and what looks like one and is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from onnx import helper

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.norms import is_norm, norms_of
from embstudio.modelfile.graph import Graph

Build = Callable[..., Graph]
Node = helper.make_node
WEIGHTS = {
    "gain": np.ones(8, np.float32), "shift": np.zeros(8, np.float32), "eps": np.array(1e-5, np.float32),
    "two": np.array(2.0, np.float32), "half": np.array(-0.5, np.float32), "root": np.array(3.0, np.float32),
    "W": np.ones((8, 8), np.float32), "table": np.ones((20, 8), np.float32),
}  # fmt: skip
MEAN = Node("ReduceMean", ["x"], ["mean"], axes=[-1])
CENTRED = [MEAN, Node("Sub", ["x", "mean"], ["c"])]
WRITTEN_OUT = [
    *CENTRED, Node("Pow", ["c", "two"], ["c2"]), Node("ReduceMean", ["c2"], ["var"], axes=[-1]),
    Node("Add", ["var", "eps"], ["v"]), Node("Sqrt", ["v"], ["std"]),
]  # fmt: skip
RMS = [
    Node("Mul", ["x", "x"], ["x2"]),
    Node("ReduceMean", ["x2"], ["ms"], axes=[-1]),
    Node("Add", ["ms", "eps"], ["m"]),
]
TENSORFLOW = [
    *WRITTEN_OUT, Node("Reciprocal", ["std"], ["r"]), Node("Mul", ["r", "gain"], ["g"]),
    Node("Mul", ["x", "g"], ["xg"]), Node("Mul", ["mean", "g"], ["mg"]),
    Node("Sub", ["shift", "mg"], ["b"]), Node("Add", ["xg", "b"], ["n"]),
]  # fmt: skip
NORMS = {
    "an operator": [Node("LayerNormalization", ["x", "gain", "shift"], ["n"], axis=-1)],
    "written out": [
        *WRITTEN_OUT, Node("Div", ["c", "std"], ["d"]), Node("Mul", ["d", "gain"], ["e"]),
        Node("Add", ["e", "shift"], ["n"]),
    ],
    "without gain and bias": [*WRITTEN_OUT, Node("Div", ["c", "std"], ["n"])],
    "root mean square": [
        *RMS, Node("Sqrt", ["m"], ["s"]), Node("Reciprocal", ["s"], ["r"]), Node("Mul", ["x", "r"], ["y"]),
        Node("Mul", ["gain", "y"], ["n"]),
    ],
    "root mean square by a power": [*RMS, Node("Pow", ["m", "half"], ["r"]), Node("Mul", ["x", "r"], ["n"])],
    "as TensorFlow orders it": TENSORFLOW,
}  # fmt: skip
END = [Node("MatMul", ["n", "W"], ["out"])]


def flow_of(graph: Build, nodes: list[helper.NodeProto]) -> Dataflow:
    start = Node("Gather", ["table", "ids"], ["x"])
    return Dataflow(graph([start, *nodes], WEIGHTS, {"ids": ["batch", "pos"]}, {"out": ["batch", "pos", 8]}))


@pytest.mark.parametrize("form", NORMS)
def test_every_form_is_a_norm_of_its_source(graph: Build, form: str) -> None:
    flow = flow_of(graph, [*NORMS[form], *END])
    assert is_norm(flow, "n", "x")
    assert norms_of(flow, "x") == ("n",)


def test_a_number_multiplied_on_afterwards_is_no_part_of_it(graph: Build) -> None:
    scaled = [Node("Div", ["n", "root"], ["n2"]), Node("MatMul", ["n2", "W"], ["out"])]
    assert norms_of(flow_of(graph, [*NORMS["an operator"], *scaled]), "x") == ("n",)


def test_a_norm_of_a_norm_is_not_the_sources_own(graph: Build) -> None:
    second = Node("LayerNormalization", ["n", "gain", "shift"], ["m"], axis=-1)
    flow = flow_of(graph, [*NORMS["an operator"], second, Node("MatMul", ["m", "W"], ["out"])])
    assert norms_of(flow, "x") == ("n",)
    assert norms_of(flow, "n") == ("m",)


@pytest.mark.parametrize(
    "nodes",
    [
        [Node("Mul", ["x", "gain"], ["n"])],
        [MEAN, Node("Sub", ["x", "mean"], ["n"])],
        [Node("MatMul", ["x", "W"], ["y"]), Node("LayerNormalization", ["y", "gain", "shift"], ["n"], axis=-1)],
        [*RMS, Node("Sqrt", ["m"], ["s"]), Node("MatMul", ["x", "W"], ["y"]), Node("Div", ["y", "s"], ["n"])],
    ],
    ids=["a gain alone", "centred alone", "of something else", "another's scale"],
)
def test_what_is_no_norm_of_it(graph: Build, nodes: list[helper.NodeProto]) -> None:
    flow = flow_of(graph, [*nodes, *END])
    assert not is_norm(flow, "n", "x")
    assert norms_of(flow, "x") == ()
