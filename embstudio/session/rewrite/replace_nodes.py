"""Puts other nodes in the place of some of a graph's: the part that all rewrites of single operators share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping

import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.fused_node import FusedNode, NotCovered, Surroundings

# Writes what a node does, its outputs under their own names; raises NotCovered for a node it must leave alone.
Writer = Callable[[FusedNode, GraphWriter], None]

_OLDEST = 11  # before it there is no Range


def operator_of(node: onnx.NodeProto) -> tuple[str, str]:
    """Domain and type; "" for ONNX's own domain, which has two names."""
    return "" if node.domain == "ai.onnx" else node.domain, node.op_type


def replace_nodes(model: onnx.ModelProto, writers: Mapping[tuple[str, str], Writer]) -> Counter[str]:
    """Rewrite every node that a writer covers, in place. Returns how many were rewritten of each operator.

    writers: by domain and type of operator. Nodes of subgraphs are left alone.
    """
    body = model.graph
    if not any(operator_of(node) in writers for node in body.node):
        return Counter()
    around = Surroundings(model)
    if around.opset < _OLDEST:
        return Counter()
    taken = {name for node in body.node for name in (*node.input, *node.output)}
    done: Counter[str] = Counter()
    rewritten = onnx.GraphProto()
    made: dict[Hashable, str] = {}
    for node in body.node:
        out = _written(node, writers, around, taken, made)
        if out is None:
            rewritten.node.append(node)
        else:
            done[FusedNode(node, around).operator] += 1
            rewritten.node.extend(out.nodes)
            made |= out.made
    if done:
        del body.node[:]
        body.node.extend(rewritten.node)
    return done


def _written(
    node: onnx.NodeProto,
    writers: Mapping[tuple[str, str], Writer],
    around: Surroundings,
    taken: set[str],
    made: Mapping[Hashable, str],
) -> GraphWriter | None:
    write = writers.get(operator_of(node))
    if write is None:
        return None
    prefix = f"{next(filter(None, node.output))}/opened"
    while f"{prefix}/1" in taken:
        prefix += "_"
    out = GraphWriter(prefix, around.opset, made)
    try:
        write(FusedNode(node, around), out)
    except NotCovered:
        return None
    return out


def said(done: Counter[str]) -> tuple[str, ...]:
    """One sentence for each kind of operator that was rewritten."""
    return tuple(
        f"{count} {operator} written out as primitive operators, to look inside." for operator, count in done.items()
    )
