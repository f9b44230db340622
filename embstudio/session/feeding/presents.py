"""Where a cache comes out again, with the tokens of the run behind it."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph, Node
from embstudio.session.feeding.caches import PAST_PLACES, SHAPE_ONLY, fits
from embstudio.session.feeding.slots import CacheLayout

_JOINS = frozenset({"Concat", "Where", "ScatterND", "ScatterElements", "TensorScatter", "If"})


def match_presents(flow: Dataflow, caches: Sequence[tuple[str, CacheLayout]]) -> dict[str, str]:
    """The output in which each cache comes out again, by the cache's name.

    Of the outputs that a cache could be by rank and sizes it is the nearest in the graph, reached without any
    arithmetic if it can be; of those equally near the one whose name has most in common, and then the first not taken.
    """
    found: dict[str, str] = {}
    for directly in (True, False):
        for name, layout in caches:
            if name in found or (layout.cross and not directly):
                continue
            fitting = {info.name for info in flow.graph.outputs if fits(info, layout)} - set(found.values())
            nearest = _nearest(flow.graph, name, fitting, directly=directly)
            if nearest:
                found[name] = max(nearest, key=lambda output: in_common(name, output))
    return found


def in_common(one: str, other: str) -> int:
    """How alike two names are: words (key, 0, decoder) that both have."""
    words = [set(name.replace("/", ".").replace("_", ".").replace(":", ".").split(".")) for name in (one, other)]
    return len(words[0] & words[1])


def _nearest(graph: Graph, tensor: str, outputs: set[str], *, directly: bool) -> list[str]:
    """Those of some outputs that a tensor reaches in the fewest steps, in the order of the nodes' own outputs.

    directly: by way of operators that only move numbers, and those that hold a whole attention with its cache."""
    level, seen = [tensor], {tensor}
    while level:
        following = [
            made for name in level for node in graph.consumers(name) if not directly or _moves(node)
            for made in node.outputs if made not in seen
        ]  # fmt: skip
        level = list(dict.fromkeys(filter(None, following)))
        seen.update(level)
        found = [name for name in level if name in outputs]
        if found:
            return found
    return []


def _moves(node: Node) -> bool:
    return node.op in SHAPE_ONLY or node.op in _JOINS or (node.domain, node.op) in PAST_PLACES
