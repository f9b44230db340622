"""Which axis of an attention's tensors is which, and how many heads there are, from shapes alone.

A batched matrix product [b, h, m, k] × [b, h, k, n] names its own axes: the last two by what is contracted, the
others batch and head. Rank 3 is batch and head in one ("batch head"), as older exports have it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph, Node

Layout = tuple[str, ...]
_LEADING: dict[int, Layout] = {3: ("batch head",), 4: ("batch", "head")}
_SAME_AXES = frozenset({"Cast", "Identity"})


@dataclass(frozen=True)
class Reading:
    """A tensor and its axes as the graph has them."""

    tensor: str
    layout: Layout

    @classmethod
    def maybe(cls, tensor: str, layout: Layout | None) -> Reading | None:
        return cls(tensor, layout) if layout else None


@dataclass(frozen=True)
class ProductLayouts:
    """Axes of the two operands and of the result of a product; None: not known."""

    left: Layout | None
    right: Layout | None
    result: Layout | None


UNKNOWN = ProductLayouts(None, None, None)


def product_layouts(graph: Graph, product: Node, axes: tuple[str, str, str]) -> ProductLayouts:
    """Axes of left[…, a, b] × right[…, b, c] = result[…, a, c], for MatMul and onnxruntime's FusedMatMul.

    axes: the names a, b, c.
    """
    a, b, c = axes
    rank = graph.rank(product.outputs[0])
    for name in product.inputs[:2]:
        rank = rank or graph.rank(name)
    leading = _LEADING.get(rank or 0)
    if product.op == "Einsum" or leading is None:
        return UNKNOWN
    left, right = (*leading, a, b), (*leading, b, c)
    if product.attributes.get("transA"):
        left = (*leading, b, a)
    if product.attributes.get("transB"):
        right = (*leading, c, b)
    if product.attributes.get("transBatchA") or product.attributes.get("transBatchB"):
        return UNKNOWN
    return ProductLayouts(left, right, (*leading, a, c))


def scores_layout(graph: Graph, scores: str, product: ProductLayouts) -> Layout | None:
    """Axes of what enters the Softmax: those of q kᵀ, batch and head perhaps taken apart in between."""
    rank = graph.rank(scores)
    leading = _LEADING.get(rank or 0)
    return (*leading, *product.result[-2:]) if leading and product.result else None


def without_scale(flow: Dataflow, tensor: str) -> str:
    """The tensor before it was multiplied or divided by one number, as exports do with q, k or both."""
    while True:
        node = flow.graph.producer(tensor)
        if node is None or node.op not in ("Mul", "Div", *_SAME_AXES):
            return tensor
        data = flow.data_inputs(node)
        others = [name for name in node.inputs if name not in data]
        if len(data) != 1 or (node.op == "Div" and data[0] != node.inputs[0]):
            return tensor
        if node.op in ("Mul", "Div") and not all(_is_one_number(flow, name) for name in others):
            return tensor
        tensor = data[0]


def _is_one_number(flow: Dataflow, tensor: str) -> bool:
    shape = flow.graph.shape(tensor)
    return shape is not None and all(length == 1 for length in shape)


@dataclass(frozen=True)
class KeySource:
    """Keys or values before they are repeated for grouped queries. heads: as many as the graph states there."""

    reading: Reading | None
    heads: int | None


def key_source(flow: Dataflow, tensor: str, layout: Layout | None) -> KeySource:
    """Keys or values as they enter the product, or before the repetition if there is one.

    Repetition is [b, kv, t, d] → Unsqueeze → Expand → Reshape, perhaps transposed and scaled on the way to the product.
    Without it one head may still serve all queries, spread by the product itself (multi-query attention).
    """
    source = _before_repetition(flow, tensor)
    if source is None:
        source = tensor
        layout = tuple(name.replace("head", "kv_head") if "d_" not in name else name for name in layout or ())
    else:
        layout = ("batch", "kv_head", "key", "d_head") if flow.graph.rank(source) == 4 else None
    reading = Reading.maybe(source, layout)
    heads = _length(flow, reading, "kv_head") if reading else None
    if heads is None and reading is not None:
        heads = _heads_of_split(flow, source, _length(flow, reading, "d_head"))
    return KeySource(reading, heads)


_ON_THE_WAY = frozenset({"Reshape", "Transpose", "Mul", "Div", *_SAME_AXES})


def _before_repetition(flow: Dataflow, tensor: str) -> str | None:
    """The tensor whose heads an Expand repeats; None if nothing is repeated on the way back to a projection."""
    while True:
        node = flow.graph.producer(tensor)
        if node is None:
            return None
        if node.op == "Expand":
            made = flow.graph.producer(node.inputs[0])
            shape = flow.graph.shape(node.outputs[0])
            if made is not None and made.op == "Unsqueeze" and (shape is None or len(shape) == 5):
                return made.inputs[0]
            tensor = node.inputs[0]
            continue
        data = flow.data_inputs(node)
        if node.op not in _ON_THE_WAY or len(data) != 1:
            return None
        tensor = data[0]


def count_heads(flow: Dataflow, readings: Iterable[Reading | None]) -> tuple[int | None, int | None]:
    """Heads and the width of one, from the shapes of q, scores, pattern and z, in that order.

    What no shape states follows from the width that all heads have together: the rows of the output projection.
    """
    known = [reading for reading in readings if reading is not None]
    heads = next(filter(None, (_length(flow, reading, "head") for reading in known)), None)
    d_head = next(filter(None, (_length(flow, reading, "d_head") for reading in known)), None)
    if (heads is None) == (d_head is None) or not known:
        return heads, d_head
    width = _rows_of_output_projection(flow, known[-1].tensor)
    if width is not None:
        return (heads or width // (d_head or 1)), (d_head or width // (heads or 1))
    return heads or _heads_of_split(flow, known[0].tensor, d_head), d_head


def _rows_of_output_projection(flow: Dataflow, z: str) -> int | None:
    """All heads' width together: the inner size of the first product with weights after z."""
    tensor = z
    while True:
        users = flow.graph.consumers(tensor)
        onward = [node for node in users if flow.data_inputs(node) and node.op not in ("Shape", "Size")]
        if len(onward) != 1:
            return None
        node = onward[0]
        if node.op in ("MatMul", "Gemm") and flow.multiplies_by_weight(node):
            shape = flow.graph.shape(node.inputs[1])
            length = shape[1 if node.attributes.get("transB") else 0] if shape and len(shape) == 2 else None
            return length if isinstance(length, int) else None
        if node.op not in _ON_THE_WAY:
            return None
        tensor = node.outputs[0]


def _heads_of_split(flow: Dataflow, tensor: str, d_head: int | None) -> int | None:
    """Heads by the nearest Reshape behind a tensor that splits a width W into heads of d_head, if nothing was cut
    out of it in between."""
    while d_head:
        node = flow.graph.producer(tensor)
        data = flow.data_inputs(node) if node is not None else ()
        if node is None or node.op not in ("Add", *_ON_THE_WAY) or not data:
            return None
        before, after = flow.graph.shape(node.inputs[0]), flow.graph.shape(node.outputs[0])
        if node.op == "Reshape" and before and after and len(after) == len(before) + 1 and after[-1] == d_head:
            width = before[-1]
            return width // d_head if isinstance(width, int) and width % d_head == 0 else None
        tensor = data[0]
    return None


def _length(flow: Dataflow, reading: Reading, axis: str) -> int | None:
    shape = flow.graph.shape(reading.tensor)
    if shape is None or axis not in reading.layout or len(shape) != len(reading.layout):
        return None
    length = shape[reading.layout.index(axis)]
    return length if isinstance(length, int) else None
