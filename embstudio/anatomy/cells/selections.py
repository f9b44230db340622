"""Where the steps of a Loop or Scan take their tokens from, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import LoopBody, Node

_SAME = ("Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze")


@dataclass(frozen=True)
class Reading:
    """source: the tensor outside. backwards: whether the first step takes its last entry."""

    source: str
    backwards: bool


class Selections:
    """Of one body. flow: the body's own."""

    def __init__(self, flow: Dataflow, body: LoopBody) -> None:
        self._flow, self._body = flow, body
        own = {state.before for state in body.states} | {piece.inside for piece in body.scanned} | {body.counter}
        self._captured = [info.name for info in flow.graph.inputs if info.name not in own]
        self._steps = {
            state.before: step for state in body.states if (step := self._step_of(state.before, state.after))
        }
        self._pieces = list(self._found())

    def of(self, inputs: Iterable[str], is_data: Callable[[str], bool]) -> Reading | None:
        """How what a step reads was chosen; None if it reads no token, or tokens in different orders.

        is_data: which tensors outside are: a body that takes other weights in each step goes from layer to layer.
        """
        readings = [
            reading
            for name in inputs
            for piece, reading in self._pieces
            if (piece == name or self._flow.is_ancestor(piece, name)) and is_data(reading.source)
        ]
        orders = {reading.backwards for reading in readings}
        return readings[0] if len(orders) == 1 else None

    def _found(self) -> Iterator[tuple[str, Reading]]:
        for piece in self._body.scanned:
            yield piece.inside, Reading(piece.outside, piece.backwards)
        for node in self._flow.graph.nodes:
            slope = self._slope(self._index(node))
            if not slope or not self._flow.is_data(node.inputs[0]):
                continue
            for source in self._captured:
                if source == node.inputs[0] or self._flow.is_ancestor(source, node.inputs[0]):
                    yield node.outputs[0], Reading(source, slope < 0)

    @staticmethod
    def _index(node: Node) -> str:
        """The tensor that says which entry is taken."""
        return node.input(1) if node.op in ("Gather", "SequenceAt", "Slice") else ""

    def _slope(self, tensor: str, depth: int = 0) -> int:
        """How a whole number changes from step to step: 1, −1, or 0 where it stays or it is not known."""
        if not tensor or depth > 16:
            return 0
        if tensor == self._body.counter:
            return 1
        if tensor in self._steps:
            return self._steps[tensor]
        node = self._flow.graph.producer(tensor)
        if node is None or not self._flow.is_data(tensor):
            return 0
        if node.op in _SAME:
            return self._slope(node.inputs[0], depth + 1)
        if node.op in ("Add", "Sub") and len(node.inputs) == 2:
            one, other = (self._slope(name, depth + 1) for name in node.inputs)
            return one + other if node.op == "Add" else one - other
        if node.op == "Neg":
            return -self._slope(node.inputs[0], depth + 1)
        return 0

    def _step_of(self, before: str, after: str) -> int:
        """What is added to a counter that is handed from step to step; 0 for another state."""
        node = self._flow.graph.producer(after)
        while node is not None and node.op in _SAME:
            node = self._flow.graph.producer(node.inputs[0])
        if node is None or node.op not in ("Add", "Sub") or before not in node.inputs:
            return 0
        other = next((name for name in node.inputs if name != before), "")
        weight = self._flow.graph.weight(other)
        if weight is None or weight.size != 1 or not weight.dtype.startswith("int"):
            return 0
        number = int(weight.values.reshape(-1)[0])
        number = -number if node.op == "Sub" else number
        return number if number in (1, -1) else 0
