"""Vectors of tokens that a graph reads as they are, without ids: which axis of the input counts the tokens."""

from __future__ import annotations

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.recurrent import RECURRENT
from embstudio.modelfile.tensor_info import TensorInfo

_FLOATS = ("float32", "float16", "bfloat16", "float64")
_SAME_PLACES = frozenset({"Cast", "Identity", "Dropout"})


def token_axis(flow: Dataflow, tensor: TensorInfo) -> int | None:
    """The axis of an input that a recurrent operator reads token by token; None where none reads it directly."""
    if tensor.dtype not in _FLOATS or len(tensor.shape) != 3:
        return None
    waiting = [(tensor.name, (0, 1, 2))]  # axes: which of the input's each axis is
    while waiting:
        name, axes = waiting.pop()
        for node in flow.graph.consumers(name):
            if node.op in RECURRENT and node.input(0) == name:
                return axes[1 if node.attributes.get("layout") else 0]
            perm = node.attributes.get("perm")
            if node.op == "Transpose" and isinstance(perm, list) and len(perm) == 3:
                waiting.append((node.outputs[0], (axes[perm[0]], axes[perm[1]], axes[perm[2]])))
            elif node.op in _SAME_PLACES and node.input(0) == name:
                waiting.append((node.outputs[0], axes))
    return None
