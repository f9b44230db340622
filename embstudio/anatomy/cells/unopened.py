"""Recurrent steps that were seen and not opened, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.anatomy.cells.looped import LOOPS
from embstudio.anatomy.cells.masked import without_masks
from embstudio.anatomy.cells.selections import Selections
from embstudio.anatomy.dataflow import Dataflow
from embstudio.base.errors import ModelFileError
from embstudio.modelfile.graph import Node

_FEWEST = 3  # states that a mask keeps, one behind the other


def say_unopened(flow: Dataflow, layers: Sequence[RecurrentLayer]) -> Iterator[str]:
    """Bodies that make a state of a token and the state before, and steps whose states a mask keeps."""
    opened = {layer.cell.node for layer in layers if layer.cell is not None}
    for node in flow.graph.nodes:
        if node.op in LOOPS and not node.domain and node.index not in opened and _is_recurrent(flow, node):
            yield (
                f"The {node.op} at node {node.index} runs recurrent steps, whose state is made of the one before "
                "by way of weights. They are not opened: no RNN, GRU or LSTM was recognised in them."
            )
    shown = {name for layer in layers if layer.cell is not None for gate in layer.cell.gates for name in gate.tensors}
    blends = without_masks(flow).blends.values()
    left = [each for each in blends if each.state not in shown and flow.reaches_through_weight(each.old, each.new)]
    if len(left) >= _FEWEST:
        yield (
            f"{len(left)} recurrent steps were seen whose state a mask keeps or writes. They are not opened: no RNN, "
            "GRU or LSTM was recognised in them."
        )


def _is_recurrent(flow: Dataflow, node: Node) -> bool:
    """Does a step read a token and the state before? A loop that runs attention, or from layer to layer, does not."""
    if "Softmax" in node.inner_ops:
        return False
    try:
        body = flow.graph.body(node, flow.is_data)
    except (ModelFileError, ValueError):
        return False
    if body is None:
        return False
    inner = Dataflow(body.graph)
    after = [state.after for state in body.states if inner.reaches_through_weight(state.before, state.after)]
    return bool(after) and Selections(inner, body).of(after, flow.is_data) is not None
