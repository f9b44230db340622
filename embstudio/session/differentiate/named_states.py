"""A model whose recurrent nodes all hand out their states of every token, whether anything reads them or not."""

from __future__ import annotations

from dataclasses import replace

import onnx

from embstudio.anatomy.recurrent_node import KINDS
from embstudio.modelfile.graph import Graph, Node

_NAME = "embstudio:states:"


def with_named_states(model: onnx.ModelProto, graph: Graph) -> tuple[onnx.ModelProto, Graph]:
    """The same two where there is nothing to do, else copies in which the missing outputs have names."""
    silent = [node for node in graph.nodes if (node.domain, node.op) in KINDS and not (node.outputs or ("",))[0]]
    if not silent:
        return model, graph
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    for node in silent:
        copied.graph.node[node.index].output[0] = f"{_NAME}{node.index}"
    named = {node.index: _named(node) for node in silent}
    kinds = {name: graph.dtype(name) for node in graph.nodes for name in node.outputs if name}
    return copied, Graph(
        [named.get(node.index, node) for node in graph.nodes], graph.inputs, graph.outputs, graph.weights,
        dtypes={name: kind for name, kind in kinds.items() if kind is not None}, opset=graph.opset,
    )  # fmt: skip


def _named(node: Node) -> Node:
    return replace(node, outputs=(f"{_NAME}{node.index}", *node.outputs[1:]))
