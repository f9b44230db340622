"""Steps of onnxruntime's own optimisation that would take the process down with them, and the graphs where they do."""

from __future__ import annotations

import onnx

_RECURRENT = frozenset({"LSTM", "GRU", "RNN", "DynamicQuantizeLSTM"})


def steps_to_leave_out(model: onnx.ModelProto) -> tuple[str, ...]:
    """Names of optimisations to switch off for a model, or for a copy of it with its recurrent layers opened up.

    MatmulTransposeFusion of onnxruntime 1.32 makes of Transpose → Cast → MatMul a graph that NchwcTransformer, its next
    step, dies of with a segmentation fault. A recurrent layer becomes such a product when it is opened up. This can go
    when tests/session/test_ort_faults.py says that onnxruntime loads that graph.
    """
    made_by = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        if node.op_type != "MatMul" and node.op_type not in _RECURRENT:
            continue
        for name in node.input:
            before = made_by.get(name)
            cast = before is not None and before.op_type == "Cast"
            behind = made_by.get(before.input[0]) if cast and before is not None else before
            turned = behind is not None and behind.op_type == "Transpose"
            if turned and (cast or node.op_type in _RECURRENT):
                return ("MatmulTransposeFusion",)
    return ()
