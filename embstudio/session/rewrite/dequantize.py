"""Quantised numbers as floats, scale · (x - zero point), and back: what all quantised operators of onnxruntime mean."""

from __future__ import annotations

import numpy as np
import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.fused_node import FusedNode, NotCovered, Surroundings


class Dequantized:
    """The floats of quantised tensors: each made once, however many read them, so that the stream stays one tensor.

    A writer makes nothing twice; what is kept here are those that the graph has made itself, in its order.
    """

    def __init__(self) -> None:
        self._own: dict[tuple[str, str, str], str] = {}

    def note(self, node: FusedNode) -> None:
        """A DequantizeLinear of the graph that comes before the operators asked about next."""
        if not node.attributes:
            self._own.setdefault((node.input(0), node.input(1), node.input(2)), node.output(0))

    def of(self, out: GraphWriter, node: FusedNode, place: int, *, axis: int | None = None) -> str:
        """The floats of an input; its scale and zero point are the next two. Raises NotCovered."""
        tensor, scale, zero = (node.input(place + offset) for offset in range(3))
        own = self._own.get((tensor, scale, zero))
        return own or dequantized(out, node.around, tensor, scale, zero, axis=axis)


def dequantized(
    out: GraphWriter, around: Surroundings, tensor: str, scale: str, zero: str = "", *, axis: int | None = None
) -> str:
    """The floats of a quantised tensor. axis: that along which a scale of more than one entry counts.

    Raises NotCovered if it cannot be told how the scale counts, or if the operator set has no word for it.
    """
    shape = around.shape(scale)
    if shape is None:
        raise NotCovered("shape of a scale")
    given = [tensor, scale, *([zero] if zero else [])]
    if shape in ((), (1,)):
        return out.add("DequantizeLinear", given)
    if axis is None or len(shape) != 1:
        raise NotCovered("several scales")
    if out.opset >= 13:
        return out.add("DequantizeLinear", given, axis=axis)
    if axis + 1 != around.rank(tensor):
        raise NotCovered("scales of an axis before operator set 13")
    wide = [out.add("Cast", [name], to=onnx.TensorProto.FLOAT) for name in (tensor, zero) if name]
    return out.add("Mul", [out.add("Sub", wide) if zero else wide[0], scale])


def quantized(out: GraphWriter, node: FusedNode, floats: str, place: int, *, like: int = 0) -> None:
    """Make a node's output of its floats; the scale and zero point are the inputs at `place` and after it.

    like: the input of the same type, for an output without a zero point. Raises NotCovered if that is not known.
    """
    scale, zero = node.input(place), node.input(place + 1)
    if not zero:
        dtype = node.around.dtype(node.input(like))
        if dtype not in ("int8", "uint8"):
            raise NotCovered("type of the result")
        zero = out.constant(np.array(0, dtype))
    out.add("QuantizeLinear", [floats, scale, zero], node.output(0))
