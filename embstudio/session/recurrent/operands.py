"""What a recurrent operator reads and makes, brought to one form: tokens first, single precision or double.

The operators may also have the batch first, and half precision, for which a loop of primitive operators would round at
every step what the operator itself computes in single precision.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from embstudio.anatomy.recurrent_node import RecurrentNode
from embstudio.formulas.cells import ORDER
from embstudio.session.graph_writer import GraphWriter

_WIDE = (TensorProto.FLOAT, TensorProto.DOUBLE)


class Operands:
    """The operands of one node as tensors that are written into the graph when they are asked for.

    X: [pos, batch, input]. elem_type: ONNX's number of the type in which to compute; dtype: numpy's word for it.
    given: the type that the graph has them in.
    """

    def __init__(self, node: RecurrentNode, units: int, out: GraphWriter, given: int) -> None:
        self.node, self.units = node, units
        self._out, self._given = out, given
        self.elem_type = given if given in _WIDE else int(TensorProto.FLOAT)
        self.dtype: np.dtype = helper.tensor_dtype_to_np_dtype(self.elem_type)
        self.X = self._wide(node.X)
        if node.batch_first:
            self.X = out.add("Transpose", [self.X], perm=[1, 0, 2])

    @property
    def zero(self) -> np.ndarray:
        """0, to be broadcast."""
        return np.zeros(1, self.dtype)

    def matrix(self, tensor: str, at: int) -> str:
        """The part of W, R, P or their scales that belongs to the direction at a place."""
        return self._out.add("Gather", [self._wide(tensor), self._out.integer(at)], axis=0)

    def biases(self, at: int) -> list[str]:
        """The input and the recurrent biases of a direction, [gates·unit] each; zeros where the node has none."""
        size = len(ORDER[self.node.kind]) * self.units
        if not self.node.B:
            return [self._out.constant(np.zeros(size, self.dtype))] * 2
        return self._out.split(self.matrix(self.node.B, at), [size, size], axis=0)

    def initial(self, given: str, at: int) -> str:
        """The initial state of a direction, [batch, unit]: as given, or zeros."""
        out = self._out
        zeros = self._each_sequence(self.units, self.dtype)
        if not given:
            return zeros
        state = self._wide(given)
        state = out.add("Transpose", [state], perm=[1, 0, 2]) if self.node.batch_first else state
        return self._of_each_sequence(out.add("Gather", [state, out.integer(at)], axis=0), zeros, self.units)

    def mask(self) -> str:
        """[pos, batch, 1]: true for the tokens that belong to each sequence; "" where all are as long as the input."""
        if not self.node.lengths:
            return ""
        out = self._out
        # Operator sets before 11 have no Range: the places of ones are counted.
        one = numpy_helper.from_array(np.ones(1, np.int64))
        ones = out.add("ConstantOfShape", [out.lengths(self.X, [0])], value=one)
        places = out.add("Transpose", [out.add("NonZero", [ones])], perm=[1, 0])
        return out.unsqueeze(out.add("Less", [places, self._checked_lengths()]), 2)

    def close(self, ends: Sequence[dict[str, str]]) -> None:
        """Write Y, Y_h and Y_c under the names the node gave them.

        ends: of each direction, "h" [pos, batch, unit], "h_last" and "c_last" [batch, unit].
        """
        for wanted, name, axis in ((self.node.Y, "h", 1), (self.node.Y_h, "h_last", 0), (self.node.Y_c, "c_last", 0)):
            if wanted:
                parts = [self._ended(end[name]) if axis == 0 else end[name] for end in ends]
                self._named(self._out.add("Concat", [self._out.unsqueeze(part, axis) for part in parts], axis=axis),
                            wanted, [2, 0, 1, 3] if axis else [1, 0, 2])  # fmt: skip

    def _ended(self, last: str) -> str:
        """A last state, or 0 for a sequence of no tokens, as onnxruntime has it."""
        if not self.node.lengths:
            return last
        out = self._out
        some = out.unsqueeze(out.add("Greater", [self._lengths(), out.integer(0)]), 1)
        return out.add("Where", [some, last, out.constant(self.zero)])

    def _named(self, tensor: str, name: str, batch_first: list[int]) -> None:
        out = self._out
        if self.node.batch_first:
            tensor = out.add("Transpose", [tensor], perm=batch_first)
        if self._given == self.elem_type:
            out.add("Identity", [tensor], name)
        else:
            out.add("Cast", [tensor], name, to=self._given)

    def _each_sequence(self, columns: int, dtype: np.dtype) -> str:
        """Zeros [batch, columns]."""
        shape = self._out.add("Concat", [self._out.lengths(self.X, [1]), self._out.integers([columns])], axis=0)
        return self._out.add("ConstantOfShape", [shape], value=numpy_helper.from_array(np.zeros(1, dtype)))

    def _of_each_sequence(self, given: str, zeros: str, columns: int) -> str:
        """What is given as [batch, columns], as it is. Of another batch it would be broadcast where the operator
        refuses it; this stops the run, since only what fits can be put beside `zeros`."""
        beside = self._out.add("Concat", [given, zeros], axis=1)
        return self._out.split(beside, [columns, columns], axis=1)[0]

    def _checked_lengths(self) -> str:
        """The lengths; one that is negative or longer than the text stops the run, as the operator would."""
        out, zeros = self._out, self._each_sequence(1, np.dtype(np.int64))
        lengths = out.squeeze(self._of_each_sequence(out.unsqueeze(self._lengths(), 1), zeros, 1), 1)
        beyond = out.add("Greater", [lengths, out.lengths(self.X, [0])])
        wrong = out.add("Or", [beyond, out.add("Less", [lengths, out.integer(0)])])
        index = out.add("ReduceMax", [out.add("Cast", [wrong], to=TensorProto.INT64)], keepdims=0)
        # Gather refuses an index beyond its data: one empty row, which as the shape given to Expand changes nothing.
        row = out.constant(np.zeros((1, 0), np.int64))
        return out.add("Expand", [lengths, out.add("Gather", [row, index], axis=0)])

    def _lengths(self) -> str:
        return self._out.add("Cast", [self.node.lengths], to=TensorProto.INT64)

    def _wide(self, tensor: str) -> str:
        """A tensor in the type in which to compute; whole numbers of quantised weights as they are."""
        whole = (self.node.W, self.node.R, self.node.W_zero, self.node.R_zero)
        if self._given == self.elem_type or (self.node.quantised and tensor in whole):
            return tensor
        return self._out.add("Cast", [tensor], to=self.elem_type)
