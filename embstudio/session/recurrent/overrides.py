"""Values of gates and states that are replaced while the loop runs, so that everything after them follows.

What is replaced where comes in as inputs of the graph, each [pos, 1, unit]; where the masks are false everything is
computed as without them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import TensorProto, helper

from embstudio.session.recurrent.scan_loop import ScanLoop

_PARTS = ("changed", "factor", "added", "set")


def input_name(point: str, part: str) -> str:
    """The graph's input for a point. part: "changed" and "set", bools; "factor" and "added", numbers.

    Where changed, a value v becomes factor · v + added; where set as well, it becomes added, whatever v was.
    """
    return f"embstudio:replaced/{point}/{part}"


class Overrides:
    """The points that can be replaced. inputs: what the graph needs for those that were written."""

    def __init__(self, points: Iterable[str] = ()) -> None:
        self._points = frozenset(points)
        self.inputs: list[onnx.ValueInfoProto] = []

    def __contains__(self, point: str) -> bool:
        return point in self._points

    def inputs_of(self, point: str, dtype: np.dtype) -> dict[str, str]:
        """The inputs that replace a point, by part; from now on the graph needs them."""
        names = {part: input_name(point, part) for part in _PARTS}
        self.inputs.extend(
            helper.make_tensor_value_info(names[part], elem_type, [None, 1, None])
            for part, elem_type in _types(dtype).items()
        )
        return names

    def write(self, point: str, value: str, loop: ScanLoop, dtype: np.dtype) -> str:
        """The value as it counts from here on, inside a loop."""
        if point not in self._points:
            return value
        types = _types(dtype)
        given = {part: loop.each(name, types[part]) for part, name in self.inputs_of(point, dtype).items()}
        body = loop.body
        changed = body.add("Add", [body.add("Mul", [value, given["factor"]]), given["added"]])
        changed = body.add("Where", [given["set"], given["added"], changed])
        return body.add("Where", [given["changed"], changed, value])


def _types(dtype: np.dtype) -> dict[str, int]:
    number, bool_ = int(helper.np_dtype_to_tensor_dtype(dtype)), int(TensorProto.BOOL)
    return dict(zip(_PARTS, (bool_, number, number, bool_), strict=True))
