"""The numbers of tensors that a graph makes of its weights alone, worked out by onnxruntime itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
import onnxruntime

from embstudio.modelfile.graph import Graph
from embstudio.session import ort_errors
from embstudio.session.stop import Stop

Open = Callable[[bytes], onnxruntime.InferenceSession]


def constant_values(
    model: onnx.ModelProto, graph: Graph, tensors: Sequence[str], open_session: Open
) -> list[np.ndarray]:
    """The values of tensors that depend on no input of the graph.

    graph: of `model`. open_session: opens a part of the model, whose data files are the model's.
    Raises StudioError if they cannot be read or computed.
    """
    found = {name: weight.values for name in tensors if (weight := graph.weight(name)) is not None}
    made = [name for name in dict.fromkeys(tensors) if name not in found]
    if made:
        session = open_session(_part(model, graph, made).SerializeToString())
        with ort_errors.running(made[0], Stop()):
            found |= dict(zip(made, session.run(made, {}), strict=True))
    return [found[name] for name in tensors]


def _part(model: onnx.ModelProto, graph: Graph, tensors: Sequence[str]) -> onnx.ModelProto:
    """A model of nothing but what makes some tensors."""
    needed, waiting, nodes = set[str](), list(tensors), set[int]()
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        node = graph.producer(name)
        if node is not None:
            nodes.add(node.index)
            waiting.extend(node.reads)
    part = onnx.ModelProto(ir_version=max(model.ir_version, 4), graph=onnx.GraphProto(name="constants"))
    part.opset_import.extend(model.opset_import)
    part.functions.extend(model.functions)
    part.graph.node.extend(model.graph.node[index] for index in sorted(nodes))
    part.graph.initializer.extend(tensor for tensor in model.graph.initializer if tensor.name in needed)
    part.graph.output.extend(onnx.ValueInfoProto(name=name) for name in tensors)
    return part
