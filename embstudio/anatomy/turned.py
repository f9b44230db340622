"""Whether a tensor holds the text turned round, last token first: followed back along its axis of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from string import ascii_letters

from embstudio.anatomy.axis_trace import after, single
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.recurrent_node import KINDS
from embstudio.anatomy.same_values import before_same_values
from embstudio.modelfile.graph import Node

WHOLE = ""
"""How a text was turned that was turned as a whole; one turned by its length is told by the tensor of lengths."""

_AS_THEY_ARE = frozenset({
    "LayerNormalization", "ReverseSequence", "RMSNormalization", "SimplifiedLayerNormalization", "LeakyRelu", "Elu",
    "Selu", "HardSigmoid", "Softplus", "Softsign", "Gelu", "Abs", "Sqrt",
})  # fmt: skip
_MOST = 4096  # nodes on the way


class Turning:
    """Of one graph."""

    def __init__(self, flow: Dataflow) -> None:
        self._flow = flow
        self._found: dict[tuple[str, int], tuple[str, ...]] = {}

    def of(self, tensor: str, axis: int) -> tuple[str, ...]:
        """How a tensor was turned along an axis, each time by `WHOLE` or by the lengths of a ReverseSequence; twice
        the same is not at all. Empty too where its ways back are turned differently. axis: from 0."""
        waiting = [(tensor, axis)]
        while waiting and len(self._found) < _MOST:
            place = waiting[-1]
            ways = self._before(*place)
            missing = [way for way, _ in ways if way not in self._found]
            if missing and place not in self._found:
                self._found[place] = ()  # until it is known
                waiting += missing
                continue
            results = {_together(self._found.get(way, ()), turn) for way, turn in ways}
            self._found[place] = results.pop() if len(results) == 1 else ()
            waiting.pop()
        return self._found.get((tensor, axis), ())

    def _before(self, tensor: str, axis: int) -> list[tuple[tuple[str, int], str | None]]:
        """Where the entries along an axis come from: (tensor, axis), and how they were turned on the way."""
        graph, node = self._flow.graph, self._flow.graph.producer(tensor)
        if node is None or not self._flow.is_data(tensor):
            return []
        first = node.input(0)
        if (node.domain, node.op) in KINDS:
            time = 1 if node.attributes.get("layout") else 0
            return [((first, time), None)] if tensor == node.outputs[0] and axis == time else []
        if node.op == "Gather" and not self._flow.is_data(first):
            place = node.attributes.get("axis", 0)
            return [((node.inputs[1], axis - place), None)] if isinstance(place, int) and axis >= place else []
        if node.op in ("MatMul", "MatMulInteger", "Gemm"):
            rank = 2 if node.op == "Gemm" else graph.rank(tensor)
            kept = rank is not None and axis < rank - 1 and graph.rank(first) in (rank, None)
            return [((first, axis), None)] if kept and not node.attributes.get("transA") else []
        rank = graph.rank(tensor)
        if node.op == "Concat" and (rank is None or node.attributes.get("axis", 0) in (axis, axis - rank)):
            return []  # another text behind the first
        turn = _turn(self._flow, node, axis)
        if turn is not None or node.op in _AS_THEY_ARE:
            return [((first, axis), turn)]
        ways = [(name, self._entering(node, name, axis)) for name in dict.fromkeys(node.inputs) if name]
        return [((name, place), None) for name, place in ways if place is not None]

    def _entering(self, node: Node, name: str, axis: int) -> int | None:
        """The axis of an input that is an axis of the output; None where it is none, or one entry for all."""
        graph, shape = self._flow.graph, self._flow.graph.shape(name)
        if not self._flow.is_data(name) or shape is None or not len(shape) <= len(ascii_letters):
            return None
        letters = tuple(ascii_letters[: len(shape)])
        axes = after(graph, node, name, single(letters))
        if axes is None or axis >= len(axes) or len(axes[axis]) != 1 or axes[axis][0] not in letters:
            return None
        place = letters.index(axes[axis][0])
        return place if shape[place] != 1 else None


def _together(before: tuple[str, ...], turn: str | None) -> tuple[str, ...]:
    if turn is None:
        return before
    return before[:-1] if before and before[-1] == turn else (*before, turn)


def _turn(flow: Dataflow, node: Node, axis: int) -> str | None:
    """How a node turns its first input round along an axis; None where it does not."""
    if node.op == "ReverseSequence":
        lengths = node.input(1)
        if node.attributes.get("time_axis", 0) != axis:
            return None
        return before_same_values(flow, lengths) if flow.is_data(lengths) else WHOLE
    rank = flow.graph.rank(node.input(0))
    if node.op == "Slice":
        steps, axes = numbers(flow, node.input(4)), numbers(flow, node.input(3))
        axes = axes if axes is not None or not steps else list(range(len(steps)))
        for place, step in zip(axes or (), steps or (), strict=False):
            if (place + rank if place < 0 and rank is not None else place) == axis and step == -1:
                return WHOLE
    if node.op == "Gather" and rank is not None:
        along = node.attributes.get("axis", 0)
        if isinstance(along, int) and along % rank == axis and _falls(flow, node.inputs[1]):
            return WHOLE
    return None


def _falls(flow: Dataflow, tensor: str) -> bool:
    """Are whole numbers each one less than that before?"""
    found = numbers(flow, tensor)
    if found is not None:
        return len(found) > 1 and all(one - other == 1 for one, other in pairwise(found))
    node = flow.graph.producer(before_same_values(flow, tensor))
    steps = numbers(flow, node.input(2)) if node is not None and node.op == "Range" else None
    return steps is not None and list(steps) == [-1]


def numbers(flow: Dataflow, tensor: str) -> Sequence[int] | None:
    """A constant of a few whole numbers."""
    weight = flow.graph.weight(tensor) if tensor else None
    if weight is None or not weight.size or weight.size > _MOST or not weight.dtype.startswith("int"):
        return None
    return [int(value) for value in weight.values.reshape(-1)]
