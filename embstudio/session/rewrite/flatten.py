"""Graphs inside operators written out in the main graph, from the outside in, as far as they can be."""

from __future__ import annotations

from pathlib import Path

from onnx import ModelProto

from embstudio.session.rewrite.branches import hoist_constant_branches, hoist_hiding_branch, hoist_merged_decoders
from embstudio.session.rewrite.stacked_weights import slice_stacked_weights
from embstudio.session.rewrite.tensor_names import subgraphs
from embstudio.session.rewrite.unroll_loop import unroll_loop
from embstudio.session.rewrite.unroll_scan import unroll_scan

_MOST_ROUNDS = 100  # each opens one operator, or all If of one depth that are constant


def flatten(model: ModelProto, folder: Path | None = None) -> tuple[str, ...]:
    """Write out what is inside If, Scan and Loop. What it brings to the main graph may hold more of them.

    folder: where weights in other files lie.
    """
    said: list[str] = []
    guarded: list[str] = []
    constant = 0
    for _ in range(_MOST_ROUNDS):
        if not any(True for node in model.graph.node for _ in subgraphs(node)):
            break
        hoisted = hoist_constant_branches(model)
        constant += hoisted
        if hoisted:  # what came out may hold more that is constant
            continue
        unrolled = unroll_scan(model) or unroll_loop(model)
        if unrolled:
            slice_stacked_weights(model)
        news = unrolled or hoist_merged_decoders(model, folder)
        said.extend(news)
        if not news:
            condition = hoist_hiding_branch(model)
            if condition is None:
                break
            guarded.append(condition)
    if constant:
        said.insert(0, f"{constant} If whose condition does not depend on the input gave way to the branch it takes.")
    return (*dict.fromkeys(said), *([_guarded(guarded)] if guarded else []))


def _guarded(conditions: list[str]) -> str:
    named = ", ".join(f"'{name}'" for name in conditions[:3]) + (", …" if len(conditions) > 3 else "")
    one = len(conditions) == 1
    return (
        f"{'An If chooses' if one else f'{len(conditions)} If choose'} between two computations by {named}: "
        f"{'the one' if one else 'those'} that an ordinary text takes {'is' if one else 'are'} opened up. For an input "
        "that takes another one the run stops and says so."
    )
