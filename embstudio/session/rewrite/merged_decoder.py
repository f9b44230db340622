"""A decoder merged from two: one for the first step, one that continues with a cache of keys and values.

optimum writes such files (optimum.onnx.merge_decoders): one If whose branches are the whole models, chosen by an input
`use_cache_branch`. The branch with the caches is opened up for every step, if fed with empty ones it gives what the
other gives: that is tried. In encoder-decoders it reads the keys and values of the cross-attention from the cache only,
so as long as that is empty they come from what the other branch makes of the encoder's output.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from onnx import GraphProto, ModelProto, NodeProto

from embstudio.session.rewrite.decoder_trial import same_with_empty_caches
from embstudio.session.rewrite.early_batch import ask_early
from embstudio.session.rewrite.filled_cache import filled_cache
from embstudio.session.rewrite.if_node import adopt_weights, branch, written_out
from embstudio.session.rewrite.splice import put_in_place, splice
from embstudio.session.rewrite.tensor_names import TensorNames, free_names, subgraphs


@dataclass(frozen=True)
class MergedDecoder:
    """An If of the main graph as two decoders.

    with_cache: the value of the condition for which the caches are read.
    growing:    caches that new keys or values are put behind: input → (place of the output, axis of length).
    kept:       caches that are only read, those of the cross-attention: input → (place of the output, axis of length).
    """

    node: NodeProto
    with_cache: bool
    growing: dict[str, tuple[int, int]]
    kept: dict[str, tuple[int, int]]


def hoist_merged_decoder(model: ModelProto, index: int, folder: Path | None) -> tuple[str, ...]:
    """Open up the If at a place of the main graph if it is a merged decoder. Says nothing if it is none.

    folder: where weights in other files lie, needed to try the two halves.
    """
    node = model.graph.node[index]
    decoder = find_merged_decoder(model, node)
    first = not decoder.with_cache if decoder else _half_for_first_step(model, node)
    if first is None:
        return ()
    chosen_by = f"'{node.input[0]}'"
    apart = same_with_empty_caches(model, decoder, folder) if decoder else None
    if decoder is None or apart is None:
        put_in_place(model.graph, {index: written_out(model, node, taken=first, guarded=True)})
        return (
            f"The file holds a decoder twice, for the first and for later steps, chosen by {chosen_by}. The two could "
            "not be shown to agree on a first step, so only the one without caches is opened up: every step takes the "
            "whole text.",
        )
    put_in_place(model.graph, {index: _with_caches(model, decoder)})
    near = f"to {apart:.0e}" if apart else "bit for bit"
    said = (
        f"The file holds a decoder twice, for the first and for later steps, chosen by {chosen_by}. The one with "
        f"caches is opened up for both: with empty caches its outputs are those of the other, {near}. "
        f"{chosen_by} has no effect any more."
    )
    if decoder.kept:
        said += " Its keys and values of the encoder's output are worked out where the cache for them is empty."
    return (said,)


def find_merged_decoder(model: ModelProto, node: NodeProto) -> MergedDecoder | None:
    """The If as a merged decoder, or None if its branches do not look like that."""
    for with_cache in (True, False):
        caches = _caches(model, node, with_cache)
        growing = _growing(branch(node, taken=with_cache), caches)
        if not growing:
            continue
        others = [cache for cache in caches if cache not in growing]
        taken = {place for place, _ in growing.values()}
        places = _places_of_kept(branch(node, taken=with_cache), others, taken)
        if len(others) != len(places):
            continue
        kept = {cache: (place, _length_axis(model, cache)) for cache, place in zip(others, places, strict=True)}
        return MergedDecoder(node, with_cache, growing, kept)
    return None


def _caches(model: ModelProto, node: NodeProto, with_cache: bool) -> list[str]:
    """Inputs of the model that only one branch reads, in their order."""
    read = set(free_names(branch(node, taken=with_cache)))
    elsewhere = set(free_names(branch(node, taken=not with_cache)))
    for other in model.graph.node:
        elsewhere.update(other.input)
        if other is not node:
            elsewhere.update(name for inner in subgraphs(other) for name in free_names(inner))
    return [
        value.name
        for value in model.graph.input
        if value.name in read - elsewhere and len(value.type.tensor_type.shape.dim) >= 3
    ]


def _half_for_first_step(model: ModelProto, node: NodeProto) -> bool | None:
    """The condition for which fewer caches are read; None where neither branch has keys and values for itself."""
    with_true, with_false = (len(_caches(model, node, taken)) for taken in (True, False))
    return None if with_true == with_false or max(with_true, with_false) < 2 else with_true < with_false


def _growing(body: GraphProto, caches: list[str]) -> dict[str, tuple[int, int]]:
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


def _places_of_kept(body: GraphProto, caches: list[str], taken: set[int]) -> list[int]:
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


def _with_caches(model: ModelProto, decoder: MergedDecoder) -> list[NodeProto]:
    """The nodes of the branch with the caches, those of the cross-attention filled where they are empty."""
    node = decoder.node
    names = TensorNames(model.graph, without=node)
    nodes: list[NodeProto] = []
    filled: dict[str, str] = {}
    body, other = branch(node, taken=decoder.with_cache), branch(node, taken=not decoder.with_cache)
    results = list(node.output)
    if decoder.kept:
        # The branch that goes into the graph has the first choice of names.
        reserved = TensorNames(model.graph, without=node)
        for each in body.node:
            reserved.fresh_node(each.name)
            for name in filter(None, each.output):
                reserved.fresh(name)
        early = GraphProto()
        early.CopyFrom(other)
        ask_early(early, {tensor.name for tensor in (*model.graph.initializer, *early.initializer)})
        making = splice(
            early,
            reserved,
            other.name or "first",
            wanted=[other.output[place].name for place, _ in decoder.kept.values()],
        )
        adopt_weights(model, making)
        nodes += making.nodes
        for cache, (place, axis) in decoder.kept.items():
            filled[cache] = names.fresh(f"{cache}/filled")
            nodes += filled_cache(cache, making.results[place], axis, filled[cache], node.output[place])
            results[place] = ""
    wanted = [value.name for value, result in zip(body.output, results, strict=True) if result]
    spliced = splice(body, names, body.name or "with_caches", filled, results, wanted=wanted)
    adopt_weights(model, spliced)
    return nodes + spliced.nodes
