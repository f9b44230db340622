"""Keys and values of tokens before, as inputs: recognised by what they are joined with, sized by it.

A cache is appended to: on its way through shape operators it meets a Concat with the keys or values of the new tokens,
or it enters the place for past keys of an operator that holds a whole attention. The cache of a cross-attention grows
no more: it is multiplied with the queries as it is, or joined with what is made from the encoder's output.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph, Node
from embstudio.modelfile.tensor_info import TensorInfo
from embstudio.session.feeding.slots import CacheLayout

Sizes = tuple[int | None, ...]

_FLOATS = ("float32", "float16", "bfloat16", "float64", "int8", "uint8")
SHAPE_ONLY = frozenset({
    "Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Slice", "Expand", "Transpose", "Split", "Gather",
    "QuantizeLinear", "DequantizeLinear",
})  # fmt: skip
# Operators with a place for past keys or values → (places, axis that grows, outputs with the new ones appended).
PAST_PLACES = {
    ("com.microsoft", "Attention"): ((4,), 3, (1,)),
    ("com.microsoft", "QAttention"): ((8,), 3, (1,)),
    ("com.microsoft", "MultiHeadAttention"): ((6, 7), 2, (1, 2)),
    ("com.microsoft", "GroupQueryAttention"): ((3, 4), 2, (1, 2)),
    ("com.microsoft", "SparseAttention"): ((3, 4), 2, (1, 2)),
    ("com.microsoft", "DecoderMaskedMultiHeadAttention"): ((5, 6), 2, (1, 2)),
    ("", "Attention"): ((4, 5), 2, (1, 2)),
}
_STATE_PLACES = {"LSTM": (5, 6), "GRU": (5,), "RNN": (5,), "DynamicQuantizeLSTM": (5, 6)}


@dataclass(frozen=True)
class _Meeting:
    """Where a cache meets the new keys: the node, the cache's axes at that place (None: made anew), the axis along
    which they are joined (None: not joined), and the tensor they are."""

    node: Node
    axes: Sizes
    along: int | None
    partner: str


def find_cache(
    flow: Dataflow, tensor: TensorInfo, ids: Collection[str], heads: int | None = None, width: int | None = None
) -> CacheLayout | None:
    """The layout of an input that is a cache; None if it is none.

    ids: the inputs with the new tokens' ids. heads, width: of keys, where neither the graph nor the input says.
    """
    rank = len(tensor.shape)
    if tensor.dtype not in _FLOATS or not 3 <= rank <= 6:
        return None
    meeting = _meeting(flow, tensor)
    if meeting is None:
        return None
    sizes = [size if isinstance(size, int) else None for size in tensor.shape]
    spot = PAST_PLACES.get((meeting.node.domain, meeting.node.op))
    cross = False
    if spot is not None and meeting.along is None and meeting.node.op != "Concat":
        grows: int | None = spot[1]
        heads, width = _fused_sizes(flow, meeting.node, heads, width)
    elif meeting.along is None:
        grows, cross = _open_axis(tensor), True
    else:
        grows = meeting.axes[meeting.along]
        cross = bool(meeting.partner) and not any(flow.is_ancestor(name, meeting.partner) for name in ids)
        for axis, size in zip(meeting.axes, flow.graph.shape(meeting.partner) or (), strict=False):
            if axis is not None and sizes[axis] is None and isinstance(size, int):
                sizes[axis] = size
    batch = _batch_axis(flow, tensor, grows, ids)
    for axis in (batch, grows):
        if axis is not None and not isinstance(tensor.shape[axis], int):
            sizes[axis] = None
    _fill(sizes, batch, grows, heads, width)
    return CacheLayout(tuple(sizes), batch, grows, cross=cross)


def find_state(flow: Dataflow, tensor: TensorInfo) -> CacheLayout | None:
    """The layout of the state a recurrent layer or a convolution starts from: it comes out in the same shape."""
    if tensor.dtype not in _FLOATS or len(tensor.shape) < 2:
        return None
    users = flow.graph.consumers(tensor.name)
    starts = any(node.input(place) == tensor.name for node in users for place in _STATE_PLACES.get(node.op, ()))
    fixed = [axis for axis, size in enumerate(tensor.shape) if isinstance(size, int)]
    alike = [
        info for info in flow.graph.outputs
        if info.dtype == tensor.dtype and len(info.shape) == len(tensor.shape) and len(fixed) >= len(info.shape) - 1
        and all(info.shape[axis] == tensor.shape[axis] for axis in fixed) and flow.is_ancestor(tensor.name, info.name)
    ]  # fmt: skip
    if not starts and not alike:
        return None
    open_axes = [axis for axis in range(len(tensor.shape)) if axis not in fixed]
    sizes = tuple(size if isinstance(size, int) else None for size in tensor.shape)
    return CacheLayout(sizes, open_axes[0] if open_axes else None, None)


def _meeting(flow: Dataflow, tensor: TensorInfo) -> _Meeting | None:
    graph = flow.graph
    whole: Sizes = tuple(range(len(tensor.shape)))
    waiting: deque[tuple[str, Sizes]] = deque([(tensor.name, whole)])
    product: _Meeting | None = None
    seen = {tensor.name}
    while waiting:
        name, axes = waiting.popleft()
        for node in graph.consumers(name):
            if name in node.captured and _comes_out_again(graph, tensor):
                product = product or _Meeting(node, axes, _open_axis(tensor), "")
            spot = PAST_PLACES.get((node.domain, node.op))
            if spot is not None and any(node.input(place) == name for place in spot[0]):
                return _Meeting(node, axes, None, "")
            if node.op == "Concat" and (partner := _partner(flow, node, tensor.name)):
                along = node.attributes.get("axis", 0)
                if isinstance(along, int) and axes[along] is not None:
                    return _Meeting(node, axes, along % len(axes), partner)
            elif node.op in ("MatMul", "Einsum", "FusedMatMul") and all(flow.is_data(each) for each in node.inputs):
                product = product or _Meeting(node, axes, None, "")
            elif (node.op in SHAPE_ONLY and node.input(0) == name) or _joins_nothing(flow, node):
                for made in filter(None, node.outputs):
                    if made not in seen:
                        seen.add(made)
                        waiting.append((made, _axes_after(graph, node, axes, made)))
    return product


def _partner(flow: Dataflow, concat: Node, cache: str) -> str:
    """What a cache is joined with: data that is not made of the cache itself."""
    others = [name for name in concat.inputs if flow.is_data(name) and not flow.is_ancestor(cache, name)]
    return others[0] if others else ""


def _joins_nothing(flow: Dataflow, node: Node) -> bool:
    """Is it a Concat of one tensor, or with nothing but constants?"""
    return node.op == "Concat" and len(flow.data_inputs(node)) == 1


def _axes_after(graph: Graph, node: Node, axes: Sizes, made: str) -> Sizes:
    """Which of the cache's axes each axis of a node's output is; None for one that was made anew or is not known."""
    if node.op == "Transpose":
        order = node.attributes.get("perm") or list(reversed(range(len(axes))))
        return tuple(axes[place] for place in order)  # type: ignore[attr-defined]
    if node.op == "Gather":
        index = graph.weight(node.input(1))
        place = node.attributes.get("axis", 0)
        if index is None or not isinstance(place, int):
            return (None,) * (graph.rank(made) or len(axes))
        place %= len(axes)
        return (*axes[:place], *((None,) * len(index.shape)), *axes[place + 1 :])
    if node.op in ("Squeeze", "Unsqueeze"):
        return _with_or_without(graph, node, axes)
    if node.op in ("Reshape", "Expand"):
        rank = graph.rank(made) or len(axes)
        if rank == len(axes) + 1:
            return (*axes[:-1], None, None)  # the last one is cut into heads
        if rank == len(axes) - 1:
            return (None, *axes[2:])  # batch and heads become one
        return axes if rank == len(axes) else (None,) * rank
    return axes


def _with_or_without(graph: Graph, node: Node, axes: Sizes) -> Sizes:
    given = node.attributes.get("axes")
    weight = graph.weight(node.input(1)) if node.input(1) else None
    places = [int(place) for place in (weight.values.ravel() if weight is not None else given or ())]  # type: ignore[attr-defined]
    if node.op == "Squeeze":
        gone = {place % len(axes) for place in places}
        return tuple(axis for place, axis in enumerate(axes) if place not in gone)
    after = list(axes)
    for place in sorted(place % (len(axes) + len(places)) for place in places):
        after.insert(place, None)
    return tuple(after)


def _comes_out_again(graph: Graph, tensor: TensorInfo) -> bool:
    """Has the graph an output of the same rank and fixed sizes, so that what goes into a branch may be a cache?"""
    sizes = tuple(size if isinstance(size, int) else None for size in tensor.shape)
    return len(sizes) > 3 and any(info.shape and fits(info, CacheLayout(sizes, 0, None)) for info in graph.outputs)


def _open_axis(tensor: TensorInfo) -> int | None:
    """The axis of unknown length that is not the batch: the last of those that are open."""
    open_axes = [axis for axis, size in enumerate(tensor.shape) if not isinstance(size, int)]
    return open_axes[-1] if len(open_axes) > 1 else None


def _batch_axis(flow: Dataflow, tensor: TensorInfo, grows: int | None, ids: Collection[str]) -> int | None:
    """The axis that is as long as the batch of the ids; else the first that is open, where what stands before keys and
    values of one layer are the two of them, or the layers. None where batch and heads are one axis."""
    rest = [axis for axis in range(len(tensor.shape)) if axis != grows]
    of_ids = {info.shape[0] for info in flow.graph.inputs if info.name in set(ids) and len(info.shape) == 2}
    named = [axis for axis in rest if isinstance(tensor.shape[axis], str) and tensor.shape[axis] in of_ids]
    if named:
        return named[0]
    open_axes = [axis for axis in rest if not isinstance(tensor.shape[axis], int)]
    if len(tensor.shape) == 3:
        return None
    above = 1 if len(tensor.shape) > 4 else 0
    return next((axis for axis in (*open_axes, *rest) if axis >= above), None)


def _fill(sizes: list[int | None], batch: int | None, grows: int | None, heads: int | None, width: int | None) -> None:
    """Sizes that nothing in the graph said: the heads come before the width of one."""
    rest = [axis for axis in range(len(sizes)) if axis not in (batch, grows)]
    if len(sizes) == 5 and rest and rest[0] == 0:
        sizes[0] = sizes[0] or 2
        rest = rest[1:]
    if len(rest) == 2:
        sizes[rest[0]] = sizes[rest[0]] or heads
        sizes[rest[1]] = sizes[rest[1]] or width


def _fused_sizes(flow: Dataflow, node: Node, heads: int | None, width: int | None) -> tuple[int | None, int | None]:
    """Key/value heads and the width of one, as an operator's attributes and the weights before it say.

    com.microsoft.GroupQueryAttention and MultiHeadAttention: key [batch, length, kv_heads · d_head], or packed into the
    query with [heads + 2 kv_heads] of them; onnxruntime, docs/ContribOperators.md.
    """
    own = [node.attributes.get(name) for name in ("kv_num_heads", "num_heads", "q_num_heads")]
    kv_heads, num_heads, q_heads = (count if isinstance(count, int) and count else None for count in own)
    of_keys = kv_heads or num_heads or heads
    of_queries = num_heads or q_heads or of_keys
    if of_keys is None or of_queries is None:
        return heads, width
    packed = not node.input(1)
    together = _width(flow, node.input(0) if packed else node.input(1))
    if together:
        return of_keys, together // (of_queries + 2 * of_keys if packed else of_keys)
    return of_keys, width


def _width(flow: Dataflow, tensor: str) -> int | None:
    """Length of a tensor's last axis: stated, or that of the weights it is a product with."""
    for _ in range(12):
        shape = flow.graph.shape(tensor)
        if shape and isinstance(shape[-1], int):
            return shape[-1]
        node = flow.graph.producer(tensor)
        if node is None:
            return None
        columns = node.attributes.get("N")
        if node.op == "MatMulNBits" and isinstance(columns, int):
            return columns
        if flow.multiplies_by_weight(node):
            weight = flow.weight_behind(node.input(1))
            turned = bool(node.attributes.get("transB"))
            return weight.shape[-2 if turned else -1] if weight is not None and len(weight.shape) > 1 else None
        data = flow.data_inputs(node)
        if not data:
            return None
        tensor = data[0]
    return None


def fits(info: TensorInfo, layout: CacheLayout) -> bool:
    """Can a cache of a layout come out as this output, or stand for it?"""
    if len(info.shape) != len(layout.sizes):
        return not info.shape
    pairs = zip(info.shape, layout.sizes, strict=True)
    return all(
        not isinstance(size, int) or own is None or size == own or axis == layout.grows
        for axis, (size, own) in enumerate(pairs)
    )
