"""The names in use in a graph, so that a new tensor or node gets one that is free and says where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from onnx import AttributeProto, GraphProto, NodeProto


class TensorNames:
    """Names of all tensors of a graph, those inside its operators' own graphs among them; and of its nodes.

    without: a node whose own graphs do not count, because it is about to be replaced by what is in them.
    """

    def __init__(self, graph: GraphProto, without: NodeProto | None = None) -> None:
        self._taken = set(_names_in(graph, without))
        self._nodes = {node.name for node in graph.node}

    def fresh(self, wanted: str, prefix: str = "") -> str:
        """`wanted` if it is free, else with the prefix in front, else with a number behind. Taken from then on."""
        return _free(wanted, prefix, self._taken)

    def fresh_node(self, wanted: str, prefix: str = "") -> str:
        """The same for the name of a node; no name is free always, and a node need not have one."""
        return _free(wanted, prefix, self._nodes) if wanted else ""


def _free(wanted: str, prefix: str, taken: set[str]) -> str:
    name = f"{prefix}/{wanted}" if wanted in taken and prefix else wanted
    number = 1
    candidate = name
    while candidate in taken:
        number += 1
        candidate = f"{name}.{number}"
    taken.add(candidate)
    return candidate


def subgraphs(node: NodeProto) -> Iterator[GraphProto]:
    """The graphs that an operator holds in its attributes."""
    for given in node.attribute:
        if given.type == AttributeProto.GRAPH:
            yield given.g
        elif given.type == AttributeProto.GRAPHS:
            yield from given.graphs


def nodes_within(graph: GraphProto) -> Iterator[NodeProto]:
    """Every node of a graph and of the graphs inside it."""
    for node in graph.node:
        yield node
        for inner in subgraphs(node):
            yield from nodes_within(inner)


def free_names(body: GraphProto) -> Iterator[str]:
    """The tensors that a graph reads from the graphs around it, in order, with repetitions."""
    made = {tensor.name for tensor in body.initializer} | {value.name for value in body.input}
    made.update(tensor.values.name for tensor in body.sparse_initializer)
    for node in body.node:
        yield from (name for name in node.input if name and name not in made)
        for inner in subgraphs(node):
            yield from (name for name in free_names(inner) if name not in made)
        made.update(node.output)
    yield from (value.name for value in body.output if value.name not in made)


def _names_in(graph: GraphProto, without: NodeProto | None) -> Iterator[str]:
    for values in (graph.input, graph.output, graph.initializer):
        yield from (value.name for value in values)
    yield from (tensor.values.name for tensor in graph.sparse_initializer)
    for node in graph.node:
        yield from node.input
        yield from node.output
        if node is not without:
            for inner in subgraphs(node):
                yield from _names_in(inner, without)
