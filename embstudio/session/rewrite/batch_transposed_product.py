"""com.microsoft.FusedMatMul of operands whose first axis is put behind the others first: transposed, then multiplied.

onnxruntime's optimiser makes it of attention that keeps positions in front of the batch; which axis is a head's cannot
be seen from its operands. Source: onnxruntime's specification of the operator and its CPU kernel. Other FusedMatMuls
hide nothing and stay.
"""

from __future__ import annotations

import numpy as np
import onnx

from embstudio.session.graph_writer import GraphWriter
from embstudio.session.rewrite.fused_node import FusedNode, NotCovered
from embstudio.session.rewrite.replace_nodes import replace_nodes, said


def open_batch_transposed_products(model: onnx.ModelProto) -> tuple[str, ...]:
    """Write out every FusedMatMul with transBatchA or transBatchB whose operands' axes are known; says how many."""
    flags = (given for node in model.graph.node if node.op_type == "FusedMatMul" for given in node.attribute)
    if not any(given.name in ("transBatchA", "transBatchB") and given.i for given in flags):
        return ()
    return said(replace_nodes(model, {("com.microsoft", "FusedMatMul"): _write}))


def _write(node: FusedNode, out: GraphWriter) -> None:
    flags = {side: (bool(node.integer(f"transBatch{side}")), bool(node.integer(f"trans{side}"))) for side in "AB"}
    if not any(batch for batch, _ in flags.values()):
        raise NotCovered("a plain product")
    left, right = (
        _turned(node, out, node.input(place), *flags[side]) for place, side in enumerate("AB")
    )  # fmt: skip
    alpha = node.number("alpha", 1.0)
    if alpha == 1.0:
        out.add("MatMul", [left, right], node.output(0))
        return
    scale = out.constant(np.array(alpha, node.float_type()))
    out.add("Mul", [out.add("MatMul", [left, right]), scale], node.output(0))


def _turned(node: FusedNode, out: GraphWriter, tensor: str, batch: bool, last_two: bool) -> str:
    """batch: axes 0, 1, …, n - 1 become 1, …, n - 2, 0, n - 1. last_two: those two change places after that."""
    rank = node.around.rank(tensor)
    if rank is None or rank < 2:
        raise NotCovered("axes of an operand")
    order = [*range(1, rank - 1), 0, rank - 1] if batch else list(range(rank))
    if last_two:
        order[-2:] = order[:-3:-1]
    return tensor if order == list(range(rank)) else out.add("Transpose", [tensor], perm=order)
