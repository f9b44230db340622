"""A fused operator of a graph: what it reads and makes, by place, and what the graph around it says of that."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper

from embstudio.modelfile.graph import Shape
from embstudio.modelfile.onnx_graph import graph_of

_FLOATS: dict[str | None, np.dtype] = {"float16": np.dtype(np.float16), "float32": np.dtype(np.float32)}
# Operators whose result has as many axes as their first input.
_SAME_RANK = frozenset({"Add", "Sub", "Mul", "Div", "Cast", "Identity", "Slice", "Concat", "Where"})


class NotCovered(Exception):
    """A node uses something that its rewrite does not know: it stays as it is."""


class Surroundings:
    """Shapes and types of a graph's tensors, as far as they can be known without running it."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = graph_of(model, Path())
        self.opset = self._graph.opset.get("", 1)

    def shape(self, tensor: str) -> Shape | None:
        """The lengths of its axes, where known."""
        return self._graph.shape(tensor)

    def length(self, tensor: str, axis: int) -> int | None:
        """The length of one axis, where known."""
        shape = self._graph.shape(tensor)
        length = shape[axis] if shape and -len(shape) <= axis < len(shape) else None
        return length if isinstance(length, int) else None

    def rank(self, tensor: str) -> int | None:
        """Number of axes, where known; followed back through operators that onnx needs a shape for."""
        for _ in range(16):
            rank = self._graph.rank(tensor)
            node = self._graph.producer(tensor)
            if rank is not None or node is None:
                return rank
            if node.op == "Transpose" and isinstance(perm := node.attributes.get("perm"), list):
                return len(perm)
            if node.op not in _SAME_RANK:
                return None
            tensor = node.inputs[0]
        return None

    def dtype(self, tensor: str) -> str | None:
        """numpy's name of a tensor's type, where known."""
        return self._graph.dtype(tensor)

    def float_type(self, tensors: Iterable[str]) -> np.dtype:
        """The type that tensors of one floating-point type have: the nearest that is known behind one of them.

        Raises NotCovered if none is known, or if it is neither single nor half precision.
        """
        waiting = deque(name for name in tensors if name)
        seen = set(waiting)
        while waiting:
            tensor = waiting.popleft()
            dtype = self._graph.dtype(tensor)
            if dtype in _FLOATS:
                return _FLOATS[dtype]
            if dtype in ("bfloat16", "float64"):
                raise NotCovered(dtype)
            node = self._graph.producer(tensor)
            if node is None or node.op == "Cast" or len(seen) > 256:
                continue
            fresh = [name for name in node.inputs if name and name not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        raise NotCovered("element type")

    def is_product_with_weights(self, tensor: str) -> bool:
        """Is it what a matrix product made, perhaps reshaped or cast after?"""
        for _ in range(4):
            node = self._graph.producer(tensor)
            if node is None:
                return False
            if "MatMul" in node.op or node.op in ("Gemm", "Conv"):
                return True
            if node.op == "Mul":  # the scales of an integer product
                makers = (self._graph.producer(name) for name in node.inputs)
                return any(maker is not None and maker.op == "Cast" for maker in makers)
            if node.op not in ("Reshape", "Cast", "Identity", "Dropout", "DequantizeLinear", "Squeeze", "Unsqueeze"):
                return False
            tensor = node.inputs[0]
        return False


class FusedNode:
    """One node with its attributes; inputs and outputs that are left out are ""."""

    def __init__(self, node: onnx.NodeProto, around: Surroundings) -> None:
        self.around = around
        self.inputs = tuple(node.input)
        self.outputs = tuple(node.output)
        self.operator = f"{node.domain}.{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type
        self._attributes = {given.name: helper.get_attribute_value(given) for given in node.attribute}

    def input(self, place: int) -> str:
        """The tensor read at a place, "" if none is."""
        return self.inputs[place] if place < len(self.inputs) else ""

    def output(self, place: int) -> str:
        """The tensor made at a place, "" if none is."""
        return self.outputs[place] if place < len(self.outputs) else ""

    def integer(self, name: str, default: int = 0) -> int:
        """A whole-number attribute."""
        return int(self._attributes.get(name, default))

    def count(self, name: str) -> int:
        """An attribute that must be 1 or more. Raises NotCovered."""
        value = self.integer(name)
        if value < 1:
            raise NotCovered(name)
        return value

    def number(self, name: str, default: float = 0.0) -> float:
        """A number attribute."""
        return float(self._attributes.get(name, default))

    def integers(self, name: str) -> tuple[int, ...]:
        """A list attribute, empty if it is not given."""
        return tuple(int(value) for value in self._attributes.get(name, ()))

    def text(self, name: str, default: str = "") -> str:
        """A text attribute."""
        value = self._attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else str(value)

    @property
    def attributes(self) -> dict[str, Any]:
        """All that are given, as they are."""
        return dict(self._attributes)

    def needs_none_of(
        self, *, inputs: Iterable[int] = (), outputs: Iterable[int] = (), flags: Iterable[str] = ()
    ) -> None:
        """Raises NotCovered if one of these inputs or outputs is used, or a flag is set."""
        for place in inputs:
            if self.input(place):
                raise NotCovered(f"input {place}")
        for place in outputs:
            if self.output(place):
                raise NotCovered(f"output {place}")
        for flag in flags:
            if self.integer(flag):
                raise NotCovered(flag)

    def float_type(self) -> np.dtype:
        """The type of its numbers. Raises NotCovered."""
        return self.around.float_type((*self.inputs, *self.outputs))
