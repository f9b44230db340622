"""Quantised numbers as floats, scale · (x - zero point), and back: what all quantised operators of onnxruntime mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.fused_node import FusedNode, NotCovered, Surroundings


class Dequantized:
    """The floats of quantised tensors: each made once, however many read them, so that the stream stays one tensor."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str, str], str] = {}
        self._pending: dict[tuple[str, str, str], str] = {}

    def note(self, tensor: str, scale: str, zero: str, floats: str) -> None:
        """A tensor of the graph itself holds these floats."""
        self._made.setdefault((tensor, scale, zero), floats)

    @contextmanager
    def kept_if_written(self) -> Iterator[None]:
        """What is made meanwhile is remembered only if its writer comes to its end."""
        self._pending = {}
        yield
        self._made |= self._pending

    def of(self, out: GraphWriter, node: FusedNode, place: int, *, axis: int | None = None) -> str:
        """The floats of an input; its scale and zero point are the next two. Raises NotCovered."""
        tensor, scale, zero = (node.input(place + offset) for offset in range(3))
        key = (tensor, scale, zero)
        found = self._made.get(key) or self._pending.get(key)
        if not found:
            found = self._pending[key] = dequantized(out, node.around, tensor, scale, zero, axis=axis)
        return found


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
