"""Updates of a state multiplied out: every way of writing the same one is read the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from onnx import helper

from embstudio.anatomy.cells.polynomial import Expander
from embstudio.anatomy.cells.updates import Factor, Update, first_updates, updates_of
from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph

Build = Callable[..., Graph]
Node = helper.make_node
ONE = {"one": np.ones(1, np.float32), "zeros": np.zeros((1, 4), np.float32)}
WAYS = {
    "(1 − z) n + z h": [
        ("Sub", "one", "z", "a"), ("Mul", "a", "n", "b"), ("Mul", "z", "h", "c"), ("Add", "b", "c", "new"),
    ],
    "n + z (h − n)": [("Sub", "h", "n", "a"), ("Mul", "z", "a", "b"), ("Add", "b", "n", "new")],
    "h − (1 − z) (h − n)": [
        ("Sub", "h", "n", "a"), ("Sub", "one", "z", "b"), ("Mul", "a", "b", "c"), ("Sub", "h", "c", "new"),
    ],
    "n − z (n − h)": [("Sub", "n", "h", "a"), ("Mul", "a", "z", "b"), ("Sub", "n", "b", "new")],
}  # fmt: skip


def expanded(graph: Build, ways: list[tuple[str, str, str, str]]) -> dict[tuple[str, ...], float] | None:
    nodes = [Node(op, [one, other], [made]) for op, one, other, made in ways]
    built = graph(nodes, ONE, {name: ["b", 4] for name in "zhnfig"}, {"new": ["b", 4]})
    return Expander(Dataflow(built), strictly=True).of("new")


@pytest.mark.parametrize("way", WAYS)
def test_one_gate(graph: Build, way: str) -> None:
    polynomial = expanded(graph, WAYS[way])
    assert polynomial == {("n",): 1.0, ("h", "z"): 1.0, ("n", "z"): -1.0}
    assert set(updates_of(polynomial)) == {
        Update("h", Factor("z"), None, "n"), Update("n", Factor("z", complement=True), None, "h"),
    }  # fmt: skip


def test_two_gates(graph: Build) -> None:
    polynomial = expanded(graph, [("Mul", "f", "h", "a"), ("Mul", "g", "i", "b"), ("Add", "a", "b", "new")])
    assert polynomial == {("f", "h"): 1.0, ("g", "i"): 1.0}
    found = set(updates_of(polynomial))
    assert len(found) == 8
    assert Update("h", Factor("f"), Factor("i"), "g") in found


def test_what_is_no_update(graph: Build) -> None:
    for ways in (
        [("Mul", "f", "h", "a"), ("Add", "a", "n", "new")],
        [("Add", "h", "n", "new")],
        [("Mul", "f", "h", "a"), ("Mul", "f", "n", "b"), ("Add", "a", "b", "new")],
        [("Mul", "f", "h", "a"), ("Mul", "g", "i", "b"), ("Sub", "a", "b", "new")],
    ):
        assert list(updates_of(expanded(graph, ways) or {})) == []


def test_a_first_step_that_starts_from_zeros_or_from_nothing(graph: Build) -> None:
    from_zeros = expanded(graph, [("Mul", "f", "zeros", "a"), ("Mul", "i", "g", "b"), ("Add", "a", "b", "new")])
    assert Update("0", Factor("f"), Factor("i"), "g") in set(updates_of(from_zeros or {}))
    from_nothing = expanded(graph, [("Mul", "i", "g", "new")])
    assert Update("", None, Factor("i"), "g") in set(first_updates(from_nothing or {}, one_gate=False))
    blended = expanded(graph, [("Sub", "one", "z", "a"), ("Mul", "a", "n", "new")])
    assert list(first_updates(blended or {}, one_gate=True)) == [Update("", Factor("z"), None, "n")]
