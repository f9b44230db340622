"""States that a mask keeps: where it says so a step's new state counts, elsewhere the one before, for padded texts.

Where(mask, new, old) as Keras writes it, or m new + (1 − m) old and old + m (new − old) as hands do. For whoever reads
a cell such a blend is nothing but the new state under another name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from embstudio.anatomy.cells.activations import activation_behind
from embstudio.anatomy.cells.polynomial import uniform
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.same_values import before_same_values
from embstudio.modelfile.graph import Node

_FEWEST = 2  # steps written out that blend, before a first one from zeros is taken for one


@dataclass(frozen=True)
class Blend:
    """`state` is `new` where the mask says so, elsewhere `old`."""

    node: Node
    new: str
    old: str

    @property
    def state(self) -> str:
        return self.node.outputs[0]


@dataclass(frozen=True)
class Unmasked:
    """flow: of the graph in which each blend is the new state. blends: by the new state they blend."""

    flow: Dataflow
    blends: Mapping[str, Blend]

    def kept(self, tensor: str) -> str:
        """A new state as it counts from there on: blended, where it is."""
        blend = self.blends.get(tensor)
        return blend.state if blend is not None else tensor


def without_masks(flow: Dataflow, states: Collection[str] | None = None) -> Unmasked:
    """states: in a body those before the step, which alone may be kept; None for steps one behind the other."""
    found = [blend for node in flow.graph.nodes for blend in _blends(flow, node, states)]
    if states is None and len(found) >= _FEWEST:
        found += [blend for node in flow.graph.nodes for blend in _first(flow, node)]
    if not found:
        return Unmasked(flow, {})
    plain = {blend.node.index: replace(blend.node, op="Identity", inputs=(blend.new,)) for blend in found}
    graph = flow.graph.with_nodes([plain.get(node.index, node) for node in flow.graph.nodes])
    return Unmasked(Dataflow(graph), {before_same_values(flow, blend.new): blend for blend in found})


def _blends(flow: Dataflow, node: Node, states: Collection[str] | None) -> Iterator[Blend]:
    for mask, new, old in _readings(flow, node):
        before = before_same_values(flow, old)
        if not flow.is_data(before) or (states is not None and before not in states):
            continue
        made = flow.graph.producer(before_same_values(flow, new))
        if made is not None and flow.is_ancestor(before, new) and _is_mask(flow, mask, before):
            yield Blend(node, new, old)
            return


def _first(flow: Dataflow, node: Node) -> Iterator[Blend]:
    """A first step, whose state before is made of zeros."""
    for mask, new, old in _readings(flow, node):
        zeros = not flow.is_data(old) and uniform(flow, before_same_values(flow, old)) == 0
        if zeros and flow.is_data(new) and flow.is_behind_weights(new) and _is_mask(flow, mask, ""):
            yield Blend(node, new, old)
            return


def _is_mask(flow: Dataflow, mask: str, state: str) -> bool:
    """Is it neither a gate nor anything that hangs on the state?"""
    return (
        activation_behind(flow, mask) is None
        and not flow.is_behind_weights(mask)
        and not (state and flow.is_ancestor(state, mask))
    )


def _readings(flow: Dataflow, node: Node) -> Iterator[tuple[str, str, str]]:
    """(mask, new, old) in every way in which a node may blend two tensors."""
    if node.domain or len(node.inputs) < 2:
        return
    if node.op == "Where":
        mask, one, other = node.inputs
        yield mask, one, other
        yield mask, other, one
    elif node.op == "Add":
        one, other = node.inputs
        yield from _of_products(flow, _factors(flow, one), _factors(flow, other))
        for old, rest in ((one, other), (other, one)):
            yield from _of_difference(flow, old, _factors(flow, rest))


def _of_products(flow: Dataflow, one: tuple[str, ...], other: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """m a + (1 − m) b."""
    for mask, a in (one, one[::-1]) if one and other else ():
        for rest, b in (other, other[::-1]):
            if _are_complements(flow, mask, rest):
                yield mask, a, b
                yield mask, b, a


def _of_difference(flow: Dataflow, old: str, product: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """old + m (new − old)."""
    for mask, difference in (product, product[::-1]) if product else ():
        node = flow.graph.producer(before_same_values(flow, difference))
        if node is not None and node.op == "Sub" and _same(flow, node.inputs[1], old):
            yield mask, node.inputs[0], old


def _factors(flow: Dataflow, tensor: str) -> tuple[str, ...]:
    node = flow.graph.producer(before_same_values(flow, tensor))
    return node.inputs if node is not None and node.op == "Mul" else ()


def _are_complements(flow: Dataflow, one: str, other: str) -> bool:
    """Is one 1 − the other, or what it is not?"""
    for a, b in ((one, other), (other, one)):
        node = flow.graph.producer(before_same_values(flow, b))
        if (
            node is not None
            and node.op == "Sub"
            and uniform(flow, node.inputs[0]) == 1
            and _same(flow, node.inputs[1], a)
        ):
            return True
        if node is not None and node.op == "Not" and _same(flow, node.inputs[0], a):
            return True
    return False


def _same(flow: Dataflow, one: str, other: str) -> bool:
    return before_same_values(flow, one) == before_same_values(flow, other)
