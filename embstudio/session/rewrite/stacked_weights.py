"""Weights of several layers in one tensor, cut into the layers': each is then a weight with a place of its own."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
from onnx import ModelProto, NodeProto, StringStringEntryProto, TensorProto, helper, numpy_helper

from embstudio.session.rewrite.known_values import KnownValues
from embstudio.session.rewrite.splice import put_in_place
from embstudio.session.rewrite.tensor_names import free_names, subgraphs

# Several of their numbers share a byte, or they have none.
_UNCUT = frozenset({
    TensorProto.INT4, TensorProto.UINT4, TensorProto.FLOAT4E2M1, TensorProto.STRING, TensorProto.UNDEFINED,
})  # fmt: skip


def slice_stacked_weights(model: ModelProto) -> None:
    """Replace every initializer of which only single entries along one axis are read (Gather with a constant).

    The entry takes the name of the Gather's output. Numbers in another file stay there: an entry of the first axis is
    a stretch of them.
    """
    known = KnownValues(model)
    readers = _readers(model)
    replaced: dict[int, list[NodeProto]] = {}
    cut: set[str] = set()
    for tensor in list(model.graph.initializer):
        gathers = readers.get(tensor.name, [])
        entries = [_entry(model.graph.node[index], tensor, known) if index >= 0 else None for index in gathers]
        made: dict[tuple[int, int], TensorProto] = {}
        nodes: dict[int, list[NodeProto]] = {}
        for index, entry in zip(gathers, entries, strict=True):
            piece = None if entry is None else made.get(entry) or _cut(tensor, *entry)
            if entry is None or piece is None:
                break
            output = model.graph.node[index].output[0]
            piece.name = piece.name or output
            made[entry] = piece
            nodes[index] = [] if piece.name == output else [helper.make_node("Identity", [piece.name], [output])]
        else:
            if gathers:
                model.graph.initializer.extend(made.values())
                replaced |= nodes
                cut.add(tensor.name)
    if cut:
        put_in_place(model.graph, replaced)
        for values in (model.graph.initializer, model.graph.input):
            kept = [value for value in values if value.name not in cut]
            del values[:]
            values.extend(kept)


def _readers(model: ModelProto) -> dict[str, list[int]]:
    """The nodes that read a tensor, by their index; -1 for a graph inside a node and for the graph's outputs."""
    readers: dict[str, list[int]] = defaultdict(list)
    for index, node in enumerate(model.graph.node):
        for name in dict.fromkeys(node.input):
            readers[name].append(index)
        for inner in subgraphs(node):
            for name in free_names(inner):
                readers[name].append(-1)
    for value in model.graph.output:
        readers[value.name].append(-1)
    return readers


def _entry(node: NodeProto, tensor: TensorProto, known: KnownValues) -> tuple[int, int] | None:
    """Axis and place of the entry that a Gather takes from a weight; None if it does something else."""
    if node.op_type != "Gather" or node.domain not in ("", "ai.onnx") or node.input[0] != tensor.name:
        return None
    place = known.value(node.input[1])
    if place is None or place.ndim:
        return None
    axis = next((given.i for given in node.attribute if given.name == "axis"), 0) % len(tensor.dims)
    return (axis, int(place) % tensor.dims[axis]) if tensor.dims[axis] else None


def _cut(tensor: TensorProto, axis: int, place: int) -> TensorProto | None:
    """One entry along an axis, without a name; None where it cannot be cut out."""
    if tensor.data_type in _UNCUT:
        return None
    if tensor.data_location != TensorProto.EXTERNAL:
        return numpy_helper.from_array(np.ascontiguousarray(np.take(numpy_helper.to_array(tensor), place, axis)))
    if axis:
        return None
    dims = list(tensor.dims[1:])
    size = math.prod(dims) * np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type)).itemsize
    stated = {entry.key: entry.value for entry in tensor.external_data}
    stated |= {"offset": str(int(stated.get("offset", "0")) + place * size), "length": str(size)}
    stated.pop("checksum", None)  # of the whole
    piece = TensorProto(dims=dims, data_type=tensor.data_type, data_location=TensorProto.EXTERNAL)
    piece.external_data.extend(StringStringEntryProto(key=key, value=value) for key, value in stated.items())
    return piece
