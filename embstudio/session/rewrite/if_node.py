"""ONNX's If: which graphs it holds, and one of them written out in its place."""

from __future__ import annotations

from onnx import GraphProto, ModelProto, NodeProto

from embstudio.session.rewrite.guard import guard
from embstudio.session.rewrite.splice import Spliced, splice
from embstudio.session.rewrite.tensor_names import TensorNames


def is_if(node: NodeProto) -> bool:
    """Whether a node is ONNX's If, whole."""
    held = {given.name for given in node.attribute}
    return node.op_type == "If" and node.domain in ("", "ai.onnx") and held >= {"then_branch", "else_branch"}


def branch(node: NodeProto, *, taken: bool) -> GraphProto:
    """The graph that an If runs when its condition is `taken`."""
    wanted = "then_branch" if taken else "else_branch"
    return next(given.g for given in node.attribute if given.name == wanted)


def written_out(model: ModelProto, node: NodeProto, *, taken: bool, guarded: bool = False) -> list[NodeProto]:
    """The nodes of one branch, making the If's outputs; its weights join the model.

    guarded: stop the run when the condition is another than `taken`.
    """
    names = TensorNames(model.graph, without=node)
    body = branch(node, taken=taken)
    results = list(node.output)
    first = next((place for place, result in enumerate(results) if result), None)
    plain = ""
    if guarded and first is not None:
        plain = names.fresh(f"{results[first]}/unguarded")
        results[first] = plain
    spliced = splice(body, names, body.name or ("then" if taken else "else"), results=results)
    nodes = spliced.nodes
    if plain and first is not None:
        nodes += guard(node.input[0], taken, plain, node.output[first], names)
    adopt_weights(model, spliced)
    return nodes


def adopt_weights(model: ModelProto, spliced: Spliced) -> None:
    """Give a model the weights and stated shapes that come with nodes from another graph."""
    model.graph.initializer.extend(spliced.initializers)
    stated = {value.name for value in (*model.graph.value_info, *model.graph.output)}
    model.graph.value_info.extend(value for value in spliced.value_info if value.name not in stated)
