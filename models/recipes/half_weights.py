"""Store an exported model's large weights as fp16, each followed by a Cast to float32."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper, numpy_helper

LARGE = 1024  # numbers; smaller weights (biases, norms) stay float32


def store_half(model: onnx.ModelProto) -> None:
    """Edit ``model``. A look-up is cast after its Gather, so that the table itself stays fp16."""
    graph = model.graph
    casts, taken = [], set()
    for weight in list(graph.initializer):
        array = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or array.size < LARGE:
            continue
        weight.CopyFrom(numpy_helper.from_array(array.astype("float16"), weight.name))
        for node in list(graph.node):
            if weight.name not in node.input:
                continue
            if node.op_type == "Gather":
                whole, rows = node.output[0], f"{node.output[0]}_half"
                node.output[0] = rows
                after = list(graph.node).index(node) + 1
                graph.node.insert(
                    after,
                    helper.make_node("Cast", [rows], [whole], name=f"{rows}_cast", to=TensorProto.FLOAT),
                )
            else:
                node.input[list(node.input).index(weight.name)] = f"{weight.name}.float"
                taken.add(weight.name)
    for name in sorted(taken):
        casts.append(helper.make_node("Cast", [name], [f"{name}.float"], name=f"{name}.cast", to=TensorProto.FLOAT))
    for cast in reversed(casts):
        graph.node.insert(0, cast)
