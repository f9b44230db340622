"""The matrix products of a recurrent cell: with floats, or with whole numbers as onnxruntime's quantised LSTM has them.

Source: onnxruntime, docs/ContribOperators.md, DynamicQuantizeLSTM: what is multiplied is quantised just before, over
all its numbers at once, the way DynamicQuantizeLinear does it.
"""

from __future__ import annotations

from onnx import TensorProto

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.recurrent.operands import Operands


class FloatProducts:
    """X Wᵀ for all tokens, and h Rᵀ + x for one. The weights are turned round before the loop: for one sequence
    onnxruntime multiplies faster by a matrix that it does not have to read across."""

    def __init__(self, operands: Operands, out: GraphWriter, at: int) -> None:
        self._operands, self._out, self._at = operands, out, at
        self._R = turned(out, operands.matrix(operands.node.R, at))

    def of_input(self) -> str:
        """[pos, batch, gates·unit]"""
        W = self._operands.matrix(self._operands.node.W, self._at)
        return self._out.add("MatMul", [self._operands.X, turned(self._out, W)])

    def of_state(self, body: GraphWriter, h: str, x: str) -> str:
        """[batch, gates·unit], written into a loop's body."""
        return affine(body, h, self._R, x)


class WholeProducts:
    """The same where W and R are whole numbers, [input, gates·unit] and [unit, gates·unit]."""

    def __init__(self, operands: Operands, out: GraphWriter, at: int) -> None:
        node = operands.node
        self._operands, self._out = operands, out
        self._W, self._W_scale = operands.matrix(node.W, at), operands.matrix(node.W_scale, at)
        self._W_zero = operands.matrix(node.W_zero, at) if node.W_zero else ""
        self._R, self._R_scale = operands.matrix(node.R, at), operands.matrix(node.R_scale, at)
        self._R_zero = operands.matrix(node.R_zero, at) if node.R_zero else ""

    def of_input(self) -> str:
        """[pos, batch, gates·unit]"""
        return _product(self._out, self._operands.X, self._W, self._W_scale, self._W_zero)

    def of_state(self, body: GraphWriter, h: str, x: str) -> str:
        """[batch, gates·unit], written into a loop's body."""
        return body.add("Add", [_product(body, h, self._R, self._R_scale, self._R_zero), x])


def turned(out: GraphWriter, matrix: str) -> str:
    """The transpose of a matrix."""
    return out.add("Transpose", [matrix], perm=[1, 0])


def affine(body: GraphWriter, h: str, R: str, x: str) -> str:
    """h R + x"""
    return body.add("Gemm", [h, R, x])


def _product(out: GraphWriter, a: str, b: str, b_scale: str, b_zero: str) -> str:
    """a b of floats a and whole numbers b."""
    whole, a_scale, a_zero = out.several("DynamicQuantizeLinear", [a], 3)
    total = out.add("MatMulInteger", [whole, b, a_zero, *([b_zero] if b_zero else [])])
    return out.add("Mul", [out.add("Cast", [total], to=TensorProto.FLOAT), out.add("Mul", [a_scale, b_scale])])
