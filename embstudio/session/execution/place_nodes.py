"""Asking onnxruntime where it put the operations of a model, and telling which part of the model they are.

Since 1.24 a session tells which provider it gave each node to, if that was asked for at its creation; it costs nothing
that can be measured. What it tells is of the graph after the first simplifications: those that follow fuse operations
of one provider, and move none to another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import onnx
import onnxruntime

from embstudio.anatomy.anatomy import Anatomy
from embstudio.session.execution.placement import Part, Placement

RECORD = "session.record_ep_graph_assignment_info"


def place_nodes(session: onnxruntime.InferenceSession, graph: onnx.GraphProto, anatomy: Anatomy) -> Placement | None:
    """Where the operations of a session run that was created with `RECORD`; None if onnxruntime does not tell.

    graph, anatomy: of the model, for the parts.
    """
    try:
        found = session.get_provider_graph_assignment_info()
    except (AttributeError, RuntimeError):  # an older onnxruntime, or one that was not asked to
        return None
    nodes = [(part.ep_name, node) for part in found for node in part.get_nodes()]
    counts = Counter(provider for provider, _node in nodes)
    if not counts:
        return None
    first = counts.most_common(1)[0][0]
    elsewhere = Counter(node.op_type for provider, node in nodes if provider != first)
    part_of = _parts(graph, anatomy)
    parts: dict[str, Counter[str]] = {name: Counter() for name in dict.fromkeys(part_of.values())}
    for provider, node in nodes:
        if node.name in part_of:
            parts[part_of[node.name]][provider] += 1
    return Placement(
        tuple(counts.most_common()),
        tuple(Part(name, tuple(each.most_common())) for name, each in parts.items() if each),
        tuple(elsewhere.most_common()),
    )


def _parts(graph: onnx.GraphProto, anatomy: Anatomy) -> dict[str, str]:
    """The part that each node with a name of its own belongs to: the first whose end needs it."""
    names = Counter(node.name for node in graph.node)
    made_by = {tensor: place for place, node in enumerate(graph.node) for tensor in node.output if tensor}
    part_of: dict[str, str] = {}
    seen: set[int] = set()
    for name, ends in _ends(graph, anatomy):
        for place in sorted(_needed(graph, made_by, ends, seen)):
            node = graph.node[place].name
            if node and names[node] == 1:
                part_of[node] = name
    return part_of


def _ends(graph: onnx.GraphProto, anatomy: Anatomy) -> Iterator[tuple[str, list[str]]]:
    """The parts of a model in their order, each with the tensors that it ends in."""
    yield "embedding", [table.output for table in anatomy.embeddings]
    tensors: Mapping[str, str] = {point.name: point.tensor for point in anatomy.points}
    for block in anatomy.blocks:
        stack = f"{block.stack}." if block.stack else ""
        end = tensors.get(f"{stack}blocks.{block.layer}.resid_post", "")
        yield f"{block.stack} layer {block.layer}".strip(), [end]
    for layer in anatomy.recurrent:
        node = graph.node[layer.node] if 0 <= layer.node < len(graph.node) else None
        yield f"{layer.kind.upper()} {layer.layer}", list(node.output) if node is not None else []
    yield "output", [value.name for value in graph.output]


def _needed(graph: onnx.GraphProto, made_by: Mapping[str, int], ends: Iterable[str], seen: set[int]) -> set[int]:
    """Places of the nodes that some tensors hang on and that were not seen before; they are now."""
    found: set[int] = set()
    left = [name for name in ends if name]
    while left:
        place = made_by.get(left.pop())
        if place is None or place in seen:
            continue
        seen.add(place)
        found.add(place)
        left += [name for name in graph.node[place].input if name]
        left += [name for each in graph.node[place].attribute for name in _used_inside(each)]
    return found


def _used_inside(attribute: onnx.AttributeProto) -> Iterator[str]:
    """Tensors that the bodies of a node take from around it, among others."""
    for body in (attribute.g, *attribute.graphs) if attribute.HasField("g") or attribute.graphs else ():
        for node in body.node:
            yield from node.input
            for each in node.attribute:
                yield from _used_inside(each)
