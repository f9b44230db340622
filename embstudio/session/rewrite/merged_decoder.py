"""A decoder merged from two: one for the first step, one that continues with a cache of keys and values.

optimum writes such files (optimum.onnx.merge_decoders): one If whose branches are the whole models, chosen by an input
`use_cache_branch`. The branch with the caches is opened up for every step, if fed with empty ones it gives what the
other gives: that is tried. In encoder-decoders it reads the keys and values of the cross-attention from the cache only,
so as long as that is empty they come from what the other branch makes of the encoder's output.
"""

from __future__ import annotations

from pathlib import Path

from onnx import GraphProto, ModelProto, NodeProto

from embstudio.session.rewrite.decoder_trial import same_with_empty_caches
from embstudio.session.rewrite.early_batch import ask_early
from embstudio.session.rewrite.filled_cache import filled_cache
from embstudio.session.rewrite.if_node import adopt_weights, branch, written_out
from embstudio.session.rewrite.merged_halves import MergedDecoder, find_merged_decoder, half_for_first_step
from embstudio.session.rewrite.splice import put_in_place, splice
from embstudio.session.rewrite.tensor_names import TensorNames


def hoist_merged_decoder(model: ModelProto, index: int, folder: Path | None) -> tuple[str, ...]:
    """Open up the If at a place of the main graph if it is a merged decoder. Says nothing if it is none.

    folder: where weights in other files lie, needed to try the two halves.
    """
    node = model.graph.node[index]
    decoder = find_merged_decoder(model, node)
    first = not decoder.with_cache if decoder else half_for_first_step(model, node)
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
