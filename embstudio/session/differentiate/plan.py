"""Which nodes lie between the tensors that gradients are wanted of and those they are taken from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from embstudio.modelfile.graph import Graph, Node
from embstudio.session.differentiate.flat import flat_outputs
from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Rule
from embstudio.session.differentiate.step import read_at


@dataclass(frozen=True)
class Active:
    """A node on the way. wanted: places of what it reads that hang on what gradients are wanted of."""

    node: Node
    rule: Rule
    wanted: frozenset[int]


class Plan:
    """The way back from `targets` to `wrt`, without what does not depend on `wrt`: masks, shapes, weights.

    rules: by operator. nodes: in the graph's order. values: tensors whose values their rules look at. sized: those
    whose shape counts.
    Raises UnsupportedModelError, naming the operator, if one on the way has no rule.
    """

    def __init__(self, graph: Graph, targets: Sequence[str], wrt: Sequence[str], rules: Mapping[str, Rule]) -> None:
        self.graph, self.targets, self.wrt = graph, tuple(targets), tuple(wrt)
        moved = _moved_by(graph, self.wrt, rules)
        self.nodes = tuple(self._between(moved, rules))
        values, sized = dict.fromkeys((*self.targets, *self.wrt)), dict[str, None]()
        for active in self.nodes:
            node, rule = active.node, active.rule
            asked = (read_at(node, place) for place in rule.inputs(node, active.wanted))
            values.update((name, None) for name in asked if name)
            values.update((node.outputs[place], None) for place in rule.outputs)
            sized.update((name, None) for name in (*node.inputs, *node.captured, *node.outputs) if name)
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

    def _between(self, moved: set[str], rules: Mapping[str, Rule]) -> list[Active]:
        needed, found = set(self.targets), []
        for node in reversed(self.graph.nodes):
            made = [name for place, name in enumerate(node.outputs) if name in needed and name in moved]
            if not made:
                continue
            rule = rules.get(node.operator)
            if rule is None:
                refuse(node)
            reads = (*node.inputs, *node.captured)
            wanted = frozenset(place for place, name in enumerate(reads) if name in moved)
            found.append(Active(node, rule, wanted))
            needed.update(reads[place] for place in wanted)
        return found[::-1]


def _moved_by(graph: Graph, wrt: Iterable[str], rules: Mapping[str, Rule]) -> set[str]:
    """Every tensor that changes smoothly with `wrt`, those of `wrt` among them; they themselves count as given."""
    start = set(wrt)
    moved = set(start)
    for node in graph.nodes:
        if not any(name in moved for name in node.reads):
            continue
        flat = flat_outputs(graph, node, rules)
        moved.update(name for place, name in enumerate(node.outputs) if name and place not in flat)
    return moved


def _fed(graph: Graph) -> set[str]:
    """Every tensor that hangs on an input of the graph."""
    found = {info.name for info in graph.inputs}
    for node in graph.nodes:
        if any(name in found for name in node.reads):
            found.update(filter(None, node.outputs))
    return found
