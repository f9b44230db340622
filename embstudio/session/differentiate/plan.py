"""Which nodes lie between the tensors that gradients are wanted of and those they are taken from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from embstudio.modelfile.graph import Graph, Node
from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Rule
from embstudio.session.differentiate.rule_book import flat_outputs, rule_of

_FLOATS = ("float", "bfloat")


@dataclass(frozen=True)
class Active:
    """A node on the way. wanted: places of its inputs that hang on what gradients are wanted of."""

    node: Node
    rule: Rule
    wanted: frozenset[int]


class Plan:
    """The way back from `targets` to `wrt`, without what does not depend on `wrt`: masks, shapes, weights.

    nodes:  in the graph's order. values: tensors whose values their rules look at. sized: those whose shape counts.
    Raises UnsupportedModelError, naming the operator, if one on the way has no rule.
    """

    def __init__(self, graph: Graph, targets: Sequence[str], wrt: Sequence[str]) -> None:
        self.graph, self.targets, self.wrt = graph, tuple(targets), tuple(wrt)
        moved = _moved_by(graph, self.wrt)
        self.nodes = tuple(self._between(moved, graph, self.targets))
        values, sized = dict.fromkeys((*self.targets, *self.wrt)), dict[str, None]()
        for active in self.nodes:
            node, rule = active.node, active.rule
            values.update((node.inputs[place], None) for place in rule.inputs(node, active.wanted) if node.input(place))
            values.update((node.outputs[place], None) for place in rule.outputs)
            sized.update((name, None) for name in (*node.inputs, *node.outputs) if name)
        self.values, self.sized = tuple(values), tuple(sized)

    @property
    def connected(self) -> bool:
        """Does any target hang on what gradients are wanted of?"""
        return bool(self.nodes) or bool(set(self.targets) & set(self.wrt))

    @cached_property
    def constant(self) -> frozenset[str]:
        """The values that no input changes."""
        fed = _fed(self.graph)
        return frozenset(name for name in self.values if name not in fed)

    def _between(self, moved: set[str], graph: Graph, targets: Iterable[str]) -> list[Active]:
        needed, found = set(targets), []
        for node in reversed(graph.nodes):
            made = [name for place, name in enumerate(node.outputs) if name in needed and name in moved]
            if not made:
                continue
            rule = rule_of(node)
            if rule is None or node.subgraphs:
                refuse(node)
            wanted = frozenset(place for place, name in enumerate(node.inputs) if name in moved)
            found.append(Active(node, rule, wanted))
            needed.update(node.inputs[place] for place in wanted)
        return found[::-1]


def _moved_by(graph: Graph, wrt: Iterable[str]) -> set[str]:
    """Every tensor that changes smoothly with `wrt`, those of `wrt` among them; they themselves count as given."""
    start = set(wrt)
    moved = set(start)
    for node in graph.nodes:
        if not any(name in moved for name in node.reads):
            continue
        floating = _floating(graph, node)
        flat = flat_outputs(node, floating)
        moved.update(name for place, name in enumerate(node.outputs) if name and place not in flat)
    return moved


def _floating(graph: Graph, node: Node) -> bool | None:
    """Whether a node's first output holds floats; None where that is not known."""
    kind = graph.dtype(node.outputs[0]) if node.outputs else None
    return None if kind in (None, "unknown") else str(kind).startswith(_FLOATS)


def _fed(graph: Graph) -> set[str]:
    """Every tensor that hangs on an input of the graph."""
    found = {info.name for info in graph.inputs}
    for node in graph.nodes:
        if any(name in found for name in node.reads):
            found.update(filter(None, node.outputs))
    return found
