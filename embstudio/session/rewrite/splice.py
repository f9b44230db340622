"""The nodes of an operator's own graph, copied for the graph around it.

A tensor keeps its name where that is free; otherwise it gets one that says which graph it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto, helper

from embstudio.session.rewrite.tensor_names import TensorNames, free_names, subgraphs


@dataclass
class Spliced:
    """Parts for the outer graph. results: the body's outputs by the names they have there."""

    nodes: list[NodeProto] = field(default_factory=list)
    initializers: list[TensorProto] = field(default_factory=list)
    value_info: list[ValueInfoProto] = field(default_factory=list)
    results: list[str] = field(default_factory=list)


def splice(
    body: GraphProto,
    names: TensorNames,
    prefix: str,
    given: Mapping[str, str] | None = None,
    results: Sequence[str] = (),
    *,
    wanted: Iterable[str] | None = None,
    always: bool = False,
) -> Spliced:
    """A copy of a body's nodes.

    given:   outer tensors for the body's inputs, by their names in the body.
    results: the names that the body's outputs shall have outside, "" for one that is not wanted; none: as they come.
    wanted:  the outputs of the body that are needed, with `results` left out; others and what only they need is left
             behind. None: all.
    always:  put the prefix before every name, not only before one that is taken.
    """
    renamed = dict(given or {})
    front = f"{prefix}/" if always else ""
    made = {name for node in body.node for name in node.output if name}
    # A result takes the name that it has outside, unless the body gives out what it did not make, or twice.
    for value, result in zip(body.output, results, strict=False):
        if result and value.name in made and value.name not in renamed:
            renamed[value.name] = result
    spliced = Spliced()
    for tensor in body.initializer:
        if tensor.name not in renamed:  # a default of an input that is given is not used
            copy = TensorProto()
            copy.CopyFrom(tensor)
            copy.name = renamed[tensor.name] = names.fresh(front + tensor.name, prefix)
            spliced.initializers.append(copy)
    needed = list(body.node) if wanted is None else _needed(body, wanted)
    for node in needed:
        for name in node.output:
            if name and name not in renamed:
                renamed[name] = names.fresh(front + name, prefix)
        copy_of_node = renamed_copy(node, renamed)
        copy_of_node.name = names.fresh_node(front + node.name if node.name else "", prefix)
        spliced.nodes.append(copy_of_node)
    for value in body.value_info:
        if renamed.get(value.name) and value.name in made:
            info = ValueInfoProto()
            info.CopyFrom(value)
            info.name = renamed[value.name]
            spliced.value_info.append(info)
    spliced.results = [renamed.get(value.name, value.name) for value in body.output]
    for place, result in enumerate(results):
        if result and spliced.results[place] != result:
            spliced.nodes.append(helper.make_node("Identity", [spliced.results[place]], [result]))
            spliced.results[place] = result
    return spliced


def put_in_place(graph: GraphProto, replacements: Mapping[int, Iterable[NodeProto]]) -> None:
    """Put other nodes in the place of some, by their position in the graph."""
    nodes: list[NodeProto] = []
    for index, node in enumerate(graph.node):
        nodes.extend(replacements.get(index, [node]))
    del graph.node[:]
    graph.node.extend(nodes)


def _copy(node: NodeProto) -> NodeProto:
    copy = NodeProto()
    copy.CopyFrom(node)
    return copy


def _needed(body: GraphProto, wanted: Iterable[str]) -> list[NodeProto]:
    """The nodes that some outputs depend on, in order."""
    open_names = set(wanted)
    needed = []
    for node in reversed(body.node):
        if open_names.intersection(node.output):
            needed.append(node)
            open_names.update(node.input)
            for inner in subgraphs(node):
                open_names.update(free_names(inner))
    return needed[::-1]


def renamed_copy(node: NodeProto, renamed: Mapping[str, str]) -> NodeProto:
    """A node that reads and makes the same under other names; also what the graphs in it read from outside."""
    copy = _copy(node)
    copy.input[:] = [renamed.get(name, name) for name in node.input]
    copy.output[:] = [renamed.get(name, name) for name in node.output]
    for given in copy.attribute:
        if given.type == AttributeProto.GRAPH:
            _rename_captured(given.g, renamed)
        elif given.type == AttributeProto.GRAPHS:
            for inner in given.graphs:
                _rename_captured(inner, renamed)
    return copy


def _rename_captured(body: GraphProto, renamed: Mapping[str, str]) -> None:
    """Give the tensors that an inner graph reads from outside their new names; its own stay."""
    own = {value.name for value in body.input} | {tensor.name for tensor in body.initializer}
    own.update(name for node in body.node for name in node.output)
    captured = {old: new for old, new in renamed.items() if old not in own}
    for node in body.node:
        node.input[:] = [captured.get(name, name) for name in node.input]
        for given in node.attribute:
            if given.type == AttributeProto.GRAPH:
                _rename_captured(given.g, captured)
            elif given.type == AttributeProto.GRAPHS:
                for inner in given.graphs:
                    _rename_captured(inner, captured)
    for value in body.output:
        value.name = captured.get(value.name, value.name)
