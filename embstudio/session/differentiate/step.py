"""One node at the values it was observed with: all that a rule may look at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from embstudio.modelfile.graph import Node
from embstudio.session.differentiate.inside import Inside

Shape = tuple[int, ...]


def read_at(node: Node, place: int) -> str:
    """The tensor that a node reads at a place: its inputs, then what the graphs inside it read from outside."""
    return node.inputs[place] if place < len(node.inputs) else node.captured[place - len(node.inputs)]


class Step:
    """A node of the graph in one run.

    wanted: places of the inputs that a gradient is wanted of. opset: the version of the operators of ONNX itself.
    values: of the tensors that the node's rule asked for, by name. shapes: of all its inputs, by name. inside: with
    what the graphs inside it are run.
    """

    def __init__(
        self,
        node: Node,
        wanted: frozenset[int],
        opset: int,
        values: Mapping[str, np.ndarray],
        shapes: Mapping[str, Shape],
        inside: Inside,
    ) -> None:
        self.node = node
        self.wanted = wanted
        self.opset = opset
        self.inside = inside
        self._values = values
        self._shapes = shapes

    def has(self, place: int) -> bool:
        """Is there an input at this place?"""
        return bool(self.node.input(place))

    def given(self, place: int) -> np.ndarray:
        """An input's value in its own type: indices, axes, conditions."""
        return self._values[read_at(self.node, place)]

    def x(self, place: int) -> np.ndarray:
        """An input's value in float64."""
        return np.asarray(self.given(place), np.float64)

    def y(self, place: int = 0) -> np.ndarray:
        """An output's value in float64."""
        return np.asarray(self._values[self.node.outputs[place]], np.float64)

    def shape(self, place: int) -> Shape:
        """Of an input."""
        return self._shapes[self.node.input(place)]

    def out_shape(self, place: int = 0) -> Shape:
        """Of an output."""
        return self._shapes[self.node.outputs[place]]

    def rank(self, place: int = 0) -> int:
        """Of an input."""
        return len(self.shape(place))

    def integer(self, name: str, default: int) -> int:
        """An attribute that is a whole number."""
        found = self.node.attributes.get(name, default)
        return found if isinstance(found, int) else default

    def number(self, name: str, default: float) -> float:
        """An attribute that is a number."""
        found = self.node.attributes.get(name, default)
        return float(found) if isinstance(found, int | float) else default

    def text(self, name: str, default: str) -> str:
        """An attribute that is a word."""
        return str(self.node.attributes.get(name, default))

    def integers(self, name: str) -> list[int] | None:
        """An attribute that is a list of whole numbers; None where it is not stated."""
        found = self.node.attributes.get(name)
        return [int(each) for each in found] if isinstance(found, list) else None

    def numbers_at(self, place: int, name: str = "") -> list[int] | None:
        """Whole numbers that are an input, or in older operator sets an attribute; None where there are neither."""
        if self.has(place):
            return [int(each) for each in np.atleast_1d(self.given(place))]
        return self.integers(name) if name else None
