"""The branches of If written out in place, so that what is computed in them can be looked at.

Which branch: the one that a constant condition takes; of a decoder that was merged from two, see `merged_decoder`;
else the one that most texts of ordinary length take, behind a guard that stops the run for an input of the other.
"""

from __future__ import annotations

from pathlib import Path

from onnx import ModelProto

from embstudio.session.rewrite.hidden_layers import hides_layers, holds_layers
from embstudio.session.rewrite.if_node import branch, is_if, written_out
from embstudio.session.rewrite.known_values import KnownValues
from embstudio.session.rewrite.merged_decoder import hoist_merged_decoder
from embstudio.session.rewrite.probe_condition import probe_condition
from embstudio.session.rewrite.splice import put_in_place


def hoist_constant_branches(model: ModelProto) -> int:
    """Every If whose condition is known without an input gives way to the branch that is taken. Returns how many."""
    if not any(map(is_if, model.graph.node)):
        return 0
    known = KnownValues(model)
    done = 0
    for index in reversed(range(len(model.graph.node))):
        node = model.graph.node[index]
        condition = known.value(node.input[0]) if is_if(node) else None
        if condition is not None and condition.size == 1:
            put_in_place(model.graph, {index: written_out(model, node, taken=bool(condition.item()))})
            done += 1
    return done


def hoist_merged_decoders(model: ModelProto, folder: Path | None = None) -> tuple[str, ...]:
    """The first If that is a decoder merged from two. folder: where weights in other files lie."""
    for index, node in enumerate(model.graph.node):
        if is_if(node) and hides_layers(node):
            said = hoist_merged_decoder(model, index, folder)
            if said:
                return said
    return ()


def hoist_hiding_branch(model: ModelProto) -> str | None:
    """The first If that hides attention or recurrent layers behind a condition that depends on the input gives way to
    the branch that most texts take, and a guard. Returns the condition; None if there is none, or none that can."""
    for index, node in enumerate(model.graph.node):
        if not is_if(node) or not hides_layers(node):
            continue
        condition = str(node.input[0])
        taken = probe_condition(model, condition)
        if taken is not None and holds_layers(branch(node, taken=taken)):
            put_in_place(model.graph, {index: written_out(model, node, taken=taken, guarded=True)})
            return condition
    return None
