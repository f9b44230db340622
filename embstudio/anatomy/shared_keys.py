"""Blocks that attend to the same keys and values as an earlier one (cross-layer attention; Brandon et al. 2024).

Keys are the same if they are worked out alike from the same product with weights, however often the graph writes the
steps in between. What only gives a shape is not looked at: exporters work out each block's anew.
"""

from __future__ import annotations

from embstudio.anatomy.attention import FoundAttention
from embstudio.anatomy.dataflow import Dataflow

_SHAPED_BY = frozenset({"Reshape", "Expand", "Unsqueeze", "Squeeze", "Tile", "ConstantOfShape"})
_COMPARED = 4096  # numbers of a constant up to which its values are compared, not its name


class SharedKeys:
    """Asked for one attention after the other, in the order of the layers."""

    def __init__(self, flow: Dataflow) -> None:
        self._flow = flow
        self._numbers: dict[object, int] = {}
        self._known: dict[str, int] = {}
        self._first: dict[tuple[str, int, int], int] = {}

    def earlier(self, found: FoundAttention, stack: str, layer: int) -> int | None:
        """The first layer of a stack that had these keys and values; None where they are its own, or not known."""
        if found.k is None or found.v is None:
            return None
        first = self._first.setdefault((stack, self._way_to(found.k.tensor), self._way_to(found.v.tensor)), layer)
        return first if first != layer else None

    def _way_to(self, tensor: str) -> int:
        """A number that two tensors share if they are computed alike."""
        if tensor in self._known:
            return self._known[tensor]
        waiting = [tensor]
        while waiting:  # no recursion: graphs are deep
            name = waiting[-1]
            parts = self._parts(name)
            open_ = [part for part in parts if part not in self._known]
            if open_:
                waiting.extend(open_)
                continue
            waiting.pop()
            self._known[name] = self._number((self._step(name), tuple(self._known[part] for part in parts)))
        return self._known[tensor]

    def _parts(self, tensor: str) -> tuple[str, ...]:
        """What a tensor is worked out from, as far as it matters; nothing behind a product with weights."""
        node = self._flow.graph.producer(tensor)
        if node is None or node.op == "Shape" or self._flow.multiplies_by_weight(node):
            return ()
        return node.reads[:1] if node.op in _SHAPED_BY else node.reads

    def _step(self, tensor: str) -> object:
        graph = self._flow.graph
        node = graph.producer(tensor)
        if node is None:
            weight = graph.weight(tensor)
            if weight is None or weight.size > _COMPARED:
                return tensor
            return weight.dtype, weight.shape, weight.values.tobytes()
        place = node.outputs.index(tensor)
        if node.op == "Shape":
            return "Shape"
        if self._flow.multiplies_by_weight(node):
            return node.index, place
        return node.op, place, repr(sorted(node.attributes.items(), key=lambda item: item[0]))

    def _number(self, way: object) -> int:
        return self._numbers.setdefault(way, len(self._numbers))
