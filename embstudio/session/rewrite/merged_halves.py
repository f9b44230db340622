"""A decoder merged from two, recognised by what its branches read: the model's caches, or none of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from onnx import GraphProto, ModelProto, NodeProto

from embstudio.session.rewrite.if_node import branch
from embstudio.session.rewrite.tensor_names import free_names, subgraphs


@dataclass(frozen=True)
class MergedDecoder:
    """An If of the main graph as two decoders.

    with_cache: the value of the condition for which the caches are read.
    growing:    caches that new keys or values are put behind: cache → (place of the output, axis of length).
    kept:       caches that are only read, those of the cross-attention: cache → (place of the output, axis of length).
    fed_as:     the model's input behind each cache: it may be cast before the branches read it.
    """

    node: NodeProto
    with_cache: bool
    growing: dict[str, tuple[int, int]]
    kept: dict[str, tuple[int, int]]
    fed_as: dict[str, str]


def find_merged_decoder(model: ModelProto, node: NodeProto) -> MergedDecoder | None:
    """The If as a merged decoder, or None if its branches do not look like that."""
    for with_cache in (True, False):
        caches = _caches(model, node, with_cache)
        growing = _growing(branch(node, taken=with_cache), caches)
        if not growing:
            continue
        others = {cache: source for cache, source in caches.items() if cache not in growing}
        taken = {place for place, _ in growing.values()}
        places = _places_of_kept(branch(node, taken=with_cache), others, taken)
        if len(others) != len(places):
            continue
        kept = {
            cache: (place, _length_axis(model, source))
            for (cache, source), place in zip(others.items(), places, strict=True)
        }
        return MergedDecoder(node, with_cache, growing, kept, caches)
    return None


def _caches(model: ModelProto, node: NodeProto, with_cache: bool) -> dict[str, str]:
    """Inputs of the model that only one branch reads, in their order, by the names under which it reads them."""
    read = set(free_names(branch(node, taken=with_cache)))
    elsewhere = set(free_names(branch(node, taken=not with_cache)))
    for other in model.graph.node:
        elsewhere.update(other.input)
        if other is not node:
            elsewhere.update(name for inner in subgraphs(other) for name in free_names(inner))
    makers = {name: each for each in model.graph.node for name in each.output}
    names = {_behind_casts(name, makers): name for name in read - elsewhere}
    return {
        names[value.name]: value.name
        for value in model.graph.input
        if value.name in names and len(value.type.tensor_type.shape.dim) >= 3
    }


def half_for_first_step(model: ModelProto, node: NodeProto) -> bool | None:
    """The condition for which fewer caches are read; None where neither branch has keys and values for itself."""
    with_true, with_false = (len(_caches(model, node, taken)) for taken in (True, False))
    return None if with_true == with_false or max(with_true, with_false) < 2 else with_true < with_false


def _growing(body: GraphProto, caches: Collection[str]) -> dict[str, tuple[int, int]]:
    """The caches that are returned with something new behind them."""
    makers = {name: node for node in body.node for name in node.output}
    found = {}
    for place, value in enumerate(body.output):
        node = makers.get(_behind_casts(value.name, makers))
        if node is None or node.op_type != "Concat" or len(node.input) != 2:
            continue
        cache = _behind_casts(node.input[0], makers)
        if cache in caches:
            found[cache] = (place, next(given.i for given in node.attribute if given.name == "axis"))
    return found


def _places_of_kept(body: GraphProto, caches: Collection[str], taken: set[int]) -> list[int]:
    """Outputs that the branch with the caches does not work out: a constant stands there, or the cache itself."""
    makers = {name: node for node in body.node for name in node.output}
    weights = {tensor.name for tensor in body.initializer}
    found = []
    for place, value in enumerate(body.output):
        source = _behind_casts(value.name, makers)
        node = makers.get(source)
        constant = source in weights or (node is not None and node.op_type in ("Constant", "ConstantOfShape"))
        if place not in taken and (constant or source in caches):
            found.append(place)
    return found


def _behind_casts(tensor: str, makers: dict[str, NodeProto]) -> str:
    while (node := makers.get(tensor)) is not None and node.op_type in ("Cast", "Identity"):
        tensor = node.input[0]
    return tensor


def _length_axis(model: ModelProto, cache: str) -> int:
    """The axis that grows with the text: the one, after the batch, that the file leaves open."""
    dims = next(value.type.tensor_type.shape.dim for value in model.graph.input if value.name == cache)
    left_open = [axis for axis, dim in enumerate(dims) if axis and not dim.HasField("dim_value")]
    return left_open[0] if len(left_open) == 1 else len(dims) - 2
