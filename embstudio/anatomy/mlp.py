"""The MLP between two sums of the residual stream: its hidden layer, and what is no MLP though it stands there.

An MLP does to every position the same, and one at a time. Plain: W₂ act(W₁ x). Gated (Shazeer 2020):
W₂ (act(W₁ x) ⊙ W₃ x). The hidden layer is what enters the last product with weights on the way to what the MLP adds.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.same_values import before_same_values
from embstudio.modelfile.graph import Node

MIXTURE = "mixture of experts: no single hidden layer"
_ROUTING = frozenset({"TopK", "ScatterND", "ScatterElements", "NonZero", "OneHot", "ArgMax", "MoE", "QMoE"})
_MIXERS = frozenset({
    "CumSum", "Scan", "Loop", "LSTM", "GRU", "RNN", "DFT", "STFT", "CausalConvWithState", "LinearAttention",
    "CumProd", "FFT", "Rfft",
})  # fmt: skip

_MATRIX_SECOND = frozenset({
    "MatMul", "Gemm", "FusedMatMul", "FusedGemm", "MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul",
    "Conv", "FusedConv",
})  # fmt: skip


@dataclass(frozen=True)
class Hidden:
    """What was found of an MLP's hidden layer: its tensor and width, or why there is none (`cause`, for a person)."""

    tensor: str | None
    width: int | None
    cause: str = ""


def is_position_wise(flow: Dataflow, source: str, added: str) -> bool:
    """Does what is added depend on each position of `source` by itself? Recurrences, Fourier transforms and
    convolutions along the sequence, one channel at a time, do not; neither do products of two positions' values."""
    nodes = between(flow, source, added)
    routed = any(node.op in _ROUTING for node in nodes)  # its running sums count the experts' tokens (Switch)
    return not any(_mixes(flow, node) for node in nodes if not (routed and node.op in ("CumSum", "MatMul", "Einsum")))


def between(flow: Dataflow, source: str, end: str) -> list[Node]:
    """The nodes on the ways from a tensor to another, without those that make the first, in the order of the graph."""
    first, last = flow.graph.producer(source), flow.graph.producer(end)
    start = first.index + 1 if first else 0
    stop = last.index + 1 if last else 0
    return [
        node
        for node in flow.graph.nodes[start:stop]
        if flow.node_depends(node, source) and flow.node_reaches(node, end)
    ]


def _mixes(flow: Dataflow, node: Node) -> bool:
    if node.op in _MIXERS:
        return True
    if node.op in ("Conv", "FusedConv"):
        kernel = node.attributes.get("kernel_shape")
        group = node.attributes.get("group", 1)
        return isinstance(kernel, list) and max(kernel, default=1) > 1 and isinstance(group, int) and group > 1
    if node.op in ("MatMul", "Einsum", "FusedMatMul") and all(flow.is_data(name) for name in node.inputs[:2]):
        # The weights of the chosen experts may be gathered: a product with those mixes nothing.
        return not any(_is_chosen_weight(flow, name) for name in node.inputs[:2])
    return False


def _is_chosen_weight(flow: Dataflow, tensor: str) -> bool:
    """Rows of a weight, chosen by the data."""
    while True:
        node = flow.graph.producer(tensor)
        if node is None:
            return False
        if node.op in ("Gather", "GatherND", "GatherElements"):
            return flow.is_constant(node.inputs[0])
        if node.op not in ("Transpose", "Reshape", "Cast", "Squeeze", "Unsqueeze", "Split"):
            return False
        tensor = node.inputs[0]


def find_hidden(flow: Dataflow, source: str, added: str) -> Hidden:
    """The hidden layer of the MLP that reads `source` (the stream) and adds `added`."""
    if any(node.op in _ROUTING for node in between(flow, source, added)):
        return Hidden(None, None, MIXTURE)
    products = last_products(flow, added)
    if len(products) != 1:
        return Hidden(None, None)
    (product,) = products
    data = flow.data_inputs(product)
    if len(data) == 0 or not flow.reaches_through_weight(source, data[0]):
        return Hidden(None, None, "a single product with weights: no hidden layer")
    tensor = _readable(flow, data[0])
    shape = flow.graph.shape(tensor)
    last = shape[-1] if shape and len(shape) == 3 else None
    return Hidden(tensor, _inner_width(flow, product) or (last if isinstance(last, int) else None))


def last_products(flow: Dataflow, tensor: str) -> list[Node]:
    """The products with weights that a tensor comes from without another one after them."""
    waiting, seen = [tensor], {tensor}
    found: dict[int, Node] = {}
    while waiting:
        name = waiting.pop()
        node = flow.graph.producer(name)
        if node is None or (node.op == "DynamicQuantizeLinear" and name != node.outputs[0]):
            continue  # the scale of a quantised operand is no operand of its own
        if flow.multiplies_by_weight(node):
            found[node.index] = node
            continue
        fresh = [name for name in node.reads if flow.is_data(name) and name not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return list(found.values())


def _readable(flow: Dataflow, tensor: str) -> str:
    """The tensor, or, where it is flattened or in whole numbers for its product only, the one it is made from."""
    dtype = flow.graph.dtype(tensor) or "float32"
    if not dtype.startswith(("float", "bfloat")):
        tensor = before_same_values(flow, tensor, quantised=True)
    if flow.graph.rank(tensor) == 3:
        return tensor
    plain = before_same_values(flow, tensor)
    return plain if flow.graph.rank(plain) == 3 or flow.graph.rank(tensor) is None else tensor


def _inner_width(flow: Dataflow, product: Node) -> int | None:
    """Rows of the matrix that a product multiplies by."""
    if product.op == "MatMulNBits":
        width = product.attributes.get("K")
        return width if isinstance(width, int) else None
    shape = flow.graph.shape(product.inputs[1]) if len(product.inputs) > 1 else None
    if shape is None or product.op not in _MATRIX_SECOND:
        return None
    if product.op in ("Conv", "FusedConv"):
        groups = product.attributes.get("group", 1)
        width = shape[1] * groups if isinstance(shape[1], int) and isinstance(groups, int) else None
    else:
        width = shape[-1 if product.attributes.get("transB") else -2] if len(shape) >= 2 else None
    return width if isinstance(width, int) else None
