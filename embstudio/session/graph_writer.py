"""Writes ONNX nodes one after the other, in the operator set of the graph they are meant for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper


class GraphWriter:
    """Collects nodes in `nodes`; every tensor it makes is called `{prefix}/{number}`.

    Covers the differences between operator sets 9 and today of the operators that it names: since 13 Split, Squeeze,
    Unsqueeze and ReduceSum take sizes and axes as an input, before as an attribute; ReduceMean does since 18.
    """

    def __init__(self, prefix: str, opset: int, known: Mapping[Hashable, str] | None = None) -> None:
        """known: what earlier writers of the same graph have `made`; with it, nothing is written twice."""
        self.prefix = prefix
        self.opset = opset
        self.nodes: list[onnx.NodeProto] = []
        self.made: dict[Hashable, str] = {}
        self._known = known
        self._count = 0

    def fresh(self) -> str:
        """A name not used before."""
        self._count += 1
        return f"{self.prefix}/{self._count}"

    def add(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: object) -> str:
        """One node with one output; returns the output's name."""
        if output or self._known is None:
            return self._write(operator, inputs, output or self.fresh(), attributes)
        key = (operator, *inputs, *((name, _comparable(value)) for name, value in sorted(attributes.items())))
        return self.once(key, lambda: self._write(operator, inputs, self.fresh(), attributes))

    def once(self, key: Hashable, write: Callable[[], str]) -> str:
        """The tensor that was made under this key before, else what `write` makes."""
        found = self.made.get(key) or (self._known or {}).get(key)
        if not found:
            found = self.made[key] = write()
        return found

    def _write(self, operator: str, inputs: Sequence[str], output: str, attributes: Mapping[str, object]) -> str:
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, value: np.ndarray) -> str:
        """A constant tensor."""
        return self.add("Constant", [], value=numpy_helper.from_array(value))

    def integer(self, value: int) -> str:
        """A constant int64 scalar."""
        return self.constant(np.array(value, np.int64))

    def integers(self, values: Sequence[int]) -> str:
        """A constant int64 vector."""
        return self.constant(np.array(values, np.int64))

    def several(self, operator: str, inputs: Sequence[str], count: int) -> list[str]:
        """One node with several outputs; returns their names."""
        made = [self.fresh() for _ in range(count)]
        self.nodes.append(helper.make_node(operator, list(inputs), made))
        return made

    def split(self, tensor: str, sizes: Sequence[int], axis: int) -> list[str]:
        """The pieces of a tensor along an axis."""
        pieces = [self.fresh() for _ in sizes]
        if self.opset >= 13:
            node = helper.make_node("Split", [tensor, self.integers(sizes)], pieces, axis=axis)
        else:
            node = helper.make_node("Split", [tensor], pieces, axis=axis, split=list(sizes))
        self.nodes.append(node)
        return pieces

    def unsqueeze(self, tensor: str, axis: int, output: str = "") -> str:
        """The tensor with a new axis of length 1."""
        if self.opset >= 13:
            return self.add("Unsqueeze", [tensor, self.integers([axis])], output)
        return self.add("Unsqueeze", [tensor], output, axes=[axis])

    def squeeze(self, tensor: str, axis: int, output: str = "") -> str:
        """The tensor without an axis of length 1."""
        if self.opset >= 13:
            return self.add("Squeeze", [tensor, self.integers([axis])], output)
        return self.add("Squeeze", [tensor], output, axes=[axis])

    def mean(self, tensor: str, axis: int) -> str:
        """The mean along an axis, which stays with length 1."""
        if self.opset >= 18:
            return self.add("ReduceMean", [tensor, self.integers([axis])])
        return self.add("ReduceMean", [tensor], axes=[axis])

    def total(self, tensor: str, axis: int, output: str = "") -> str:
        """The sum along an axis, which is dropped."""
        if self.opset >= 13:
            return self.add("ReduceSum", [tensor, self.integers([axis])], output, keepdims=0)
        return self.add("ReduceSum", [tensor], output, axes=[axis], keepdims=0)

    def lengths(self, tensor: str, axes: Sequence[int]) -> str:
        """The lengths of some axes, as an int64 vector."""
        return self.add("Gather", [self.add("Shape", [tensor]), self.integers(axes)], axis=0)

    def length(self, tensor: str, axis: int) -> str:
        """The length of an axis, as an int64 scalar."""
        return self.add("Gather", [self.add("Shape", [tensor]), self.integer(axis)], axis=0)

    def slice(self, tensor: str, start: str, end: str, axis: int, step: int = 1) -> str:
        """Entries start, start + step, … before end along an axis. start, end: names of int64 vectors of length 1."""
        return self.add("Slice", [tensor, start, end, self.integers([axis]), self.integers([step])])

    def affine(self, a: str, b: str, c: str) -> str:
        """a bᵀ + c, for a [n, k], b [m, k] and c broadcast to [n, m]."""
        return self.add("Gemm", [a, b, c], transB=1)


def _comparable(value: object) -> Hashable:
    if isinstance(value, onnx.TensorProto):
        return bytes(value.SerializeToString())
    return tuple(value) if isinstance(value, list) else str(value)
