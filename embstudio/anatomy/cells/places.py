"""Which tokens of a text a tensor was cut out of, followed through a graph in which the steps are written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node

Tokens = frozenset[int]  # negative ones count from the end

_NONE: Tokens = frozenset()
_ENDLESS = 2**31 - 2


@dataclass(frozen=True)
class Place:
    """tokens: those it was cut out of; none for all, or for nothing of the text. entries: where it is a stack of
    pieces along the text, the tokens of each. turned: the whole text, last token first."""

    tokens: Tokens = _NONE
    entries: tuple[Tokens, ...] | None = None
    turned: bool = False

    @property
    def all_tokens(self) -> Tokens:
        return self.tokens.union(*(self.entries or ()))


_NOWHERE = Place()


class Places:
    """The places of a graph's tensors. settled: what is known of some states, which are one token's each. turned: of
    tensors that hold the whole text, whether the last token comes first."""

    def __init__(
        self, flow: Dataflow, settled: Mapping[str, int] | None = None, turned: Mapping[str, bool] | None = None
    ) -> None:
        self._flow = flow
        self._settled = settled or {}
        self._known_turned = turned or {}
        self._found: dict[str, Place] = {}
        self.selections: set[str] = set()
        self.lengths: set[int] = set()  # of the axes along which tokens are cut out, where they are known
        for node in flow.graph.nodes:
            self._add(node)

    def of(self, tensor: str) -> Place:
        """Where a tensor was cut out."""
        return self._found.get(tensor, _NOWHERE)

    def _add(self, node: Node) -> None:
        flow = self._flow
        for at, name in enumerate(node.outputs):
            if not name or not flow.is_data(name):
                continue
            if name in self._settled:
                self._found[name] = Place(frozenset({self._settled[name]}))
                continue
            if name in self._known_turned:
                self._found[name] = Place(turned=self._known_turned[name])
                continue
            found = self._selected(node, at)
            if found is not None:
                self._found[name] = found
                self.selections.add(name)
                continue
            found = self._turned(node) or self._stacked(node) or self._mixed(node)
            if found != _NOWHERE:
                self._found[name] = found

    def _selected(self, node: Node, at: int) -> Place | None:
        """One entry of something that is cut apart along an axis."""
        flow = self._flow
        index = _selected_index(flow, node, at)
        if index is None:
            return None
        source = self.of(node.inputs[0])
        if source.entries is not None:
            within = -len(source.entries) <= index < len(source.entries)
            return Place(source.entries[index]) if within else None
        if source.tokens:
            return None  # a piece of what belongs to a token already
        shape, axis = flow.graph.shape(node.inputs[0]), _axis(flow, node)
        whole = shape[axis] if shape is not None and -len(shape) <= axis < len(shape) else None
        if isinstance(whole, int):
            self.lengths.add(whole)
        return Place(frozenset({-1 - index if source.turned else index}))

    def _turned(self, node: Node) -> Place | None:
        flow = self._flow
        turns = node.op == "ReverseSequence"
        if node.op == "Slice":
            steps, starts = (_numbers(flow, node.input(place)) for place in (4, 1))
            turns = steps is not None and list(steps) == [-1] and starts is not None and starts[0] in (-1, _ENDLESS)
            turns = turns or (steps is not None and list(steps) == [-1])
        if node.op == "Gather" and flow.is_data(node.inputs[0]):
            order = _numbers(flow, node.input(1))
            if order is not None and len(order) > 1 and self.of(node.inputs[0]).entries is not None:
                entries = self.of(node.inputs[0]).entries or ()
                if max(order) < len(entries):
                    return Place(entries=tuple(entries[index] for index in order))
            turns = order is not None and len(order) > 1 and all(a - b == 1 for a, b in pairwise(order))
        if not turns:
            return None
        source = self.of(node.inputs[0])
        if source.entries is not None:
            return Place(entries=source.entries[::-1])
        return None if source.tokens else Place(turned=not source.turned)

    def _stacked(self, node: Node) -> Place | None:
        if node.op not in ("Concat", "SequenceConstruct", "SequenceInsert"):
            return None
        places = [self.of(name) for name in node.inputs if name]
        if any(place.entries is not None for place in places):
            longer = [place for place in places if place.entries is not None]
            if node.op == "SequenceConstruct" or len(longer) == len(places):
                return None
            entries: list[Tokens] = []
            for place in places:
                entries += place.entries if place.entries is not None else [place.tokens]
            return Place(entries=tuple(entries))
        tokens = [place.tokens for place in places]
        if len(tokens) > 1 and all(tokens) and len(set(tokens)) == len(tokens):
            return Place(entries=tuple(tokens))
        return None

    def _mixed(self, node: Node) -> Place:
        places = [self._found[name] for name in node.reads if name in self._found]
        if not places:
            return _NOWHERE
        tokens = _NONE.union(*(place.tokens for place in places))
        stacks = [place.entries for place in places if place.entries is not None]
        if stacks:
            if len({len(entries) for entries in stacks}) > 1:
                return Place(tokens.union(*(part for entries in stacks for part in entries)))
            return Place(entries=tuple(tokens.union(*parts) for parts in zip(*stacks, strict=True)))
        data = [name for name in node.reads if self._flow.is_data(name)]
        return Place(tokens, turned=not tokens and all(self.of(name).turned for name in data))


def _selected_index(flow: Dataflow, node: Node, at: int) -> int | None:
    """Which entry a node cuts out of its first input, along one axis; None if it does no such thing."""
    if node.op in ("Gather", "SequenceAt"):
        index = _numbers(flow, node.input(1))
        return int(index[0]) if index is not None and len(index) == 1 and flow.is_data(node.inputs[0]) else None
    if node.op == "Slice":
        given = [_numbers(flow, node.input(place)) for place in (1, 2)]
        if len(node.inputs) == 1:
            given = [_listed(node.attributes.get(name)) for name in ("starts", "ends")]
        steps = _numbers(flow, node.input(4)) if node.input(4) else [1]
        starts, ends = given
        if starts is None or ends is None or len(starts) != 1 or steps is None or list(steps) != [1]:
            return None
        if ends[0] - starts[0] == 1 and not (starts[0] < 0 <= ends[0]):
            return int(starts[0])
        return -1 if starts[0] == -1 and ends[0] >= _ENDLESS else None
    if node.op == "Split" and len(node.outputs) > 1:
        sizes = _numbers(flow, node.input(1)) if node.input(1) else _listed(node.attributes.get("split"))
        if sizes is None:
            shape, axis = flow.graph.shape(node.inputs[0]), node.attributes.get("axis", 0)
            whole = shape[axis] if shape is not None and isinstance(axis, int) and axis < len(shape) else None
            sizes = [1] * len(node.outputs) if whole == len(node.outputs) else None
        return at if sizes is not None and all(size == 1 for size in sizes) else None
    return None


def _axis(flow: Dataflow, node: Node) -> int:
    """The axis along which a node cuts something apart."""
    if node.op == "Slice":
        axes = _numbers(flow, node.input(3)) or _listed(node.attributes.get("axes"))
        return axes[0] if axes else 0
    axis = node.attributes.get("axis", 0)
    return axis if isinstance(axis, int) else 0


def _numbers(flow: Dataflow, tensor: str) -> Sequence[int] | None:
    weight = flow.graph.weight(tensor) if tensor else None
    node = flow.graph.producer(tensor) if tensor else None
    while weight is None and node is not None and node.op in ("Cast", "Identity", "Unsqueeze", "Reshape", "Squeeze"):
        weight, node = flow.graph.weight(node.inputs[0]), flow.graph.producer(node.inputs[0])
    if weight is None or not weight.size or weight.size > 4096 or not weight.dtype.startswith("int"):
        return None
    return [int(value) for value in np.asarray(weight.values).reshape(-1)]


def _listed(value: object) -> Sequence[int] | None:
    return [int(number) for number in value] if isinstance(value, list) else None
