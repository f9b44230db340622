"""The floating-point type in which a graph has the operands of a recurrent operator."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from embstudio.anatomy.recurrent_node import RecurrentNode
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.onnx_graph import graph_of


class ElementTypes:
    """Looked up among what the file states; inferred only where that says nothing."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self._stated = {
            value.name: int(value.type.tensor_type.elem_type)
            for value in (*model.graph.value_info, *model.graph.input, *model.graph.output)
        }
        self._stated |= {tensor.name: int(tensor.data_type) for tensor in model.graph.initializer}

    def of(self, node: RecurrentNode) -> int:
        """ONNX's number of the type; single precision where nobody knows."""
        weights = () if node.quantised else (node.W, node.R)
        names = [name for name in (*weights, node.B, node.X, node.Y, node.Y_h, node.Y_c, node.h) if name]
        for name in names:
            if self._stated.get(name):
                return self._stated[name]
        for name in names:
            if (dtype := self._inferred.dtype(name)) not in (None, "unknown"):
                return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
        return int(TensorProto.FLOAT)

    @cached_property
    def _inferred(self) -> Graph:
        return graph_of(self._model, Path())
