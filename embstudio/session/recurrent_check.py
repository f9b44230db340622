"""The recurrent layers of the open model held against their laws, by the activations that each one states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from embstudio.anatomy.anatomy import Anatomy, RecurrentLayer
from embstudio.anatomy.recurrent_node import recurrent_node
from embstudio.formulas.activations import Activation
from embstudio.modelfile.graph import Graph
from embstudio.trace.axes import NamedArray
from embstudio.trace.recurrent_laws import recurrent_laws

_PLACE = {"lstm": 2, "rnn": 0}  # of the activation that is in a law


def recurrent_apart(
    anatomy: Anatomy, graph: Graph, values: Mapping[str, NamedArray]
) -> Iterator[tuple[str, str, float]]:
    """Law, place ("lstm.0.forward") and difference, for each direction of each layer."""
    for layer in anatomy.recurrent:
        for at, direction in enumerate(layer.directions):
            prefix = f"{layer.kind}.{layer.layer}.{direction}"
            exposure, masked = _exposure(graph, layer, at), layer.cell is not None and layer.cell.masked
            for law, apart in recurrent_laws(values, prefix, exposure, masked=masked).items():
                yield law, prefix, apart


def _exposure(graph: Graph, layer: RecurrentLayer, direction: int) -> Activation | None:
    """The activation of an LSTM's memory or an RNN's sum; None where a law cannot be told from it alone."""
    place = _PLACE.get(layer.kind)
    if place is None:
        return None
    if layer.cell is None:
        node = recurrent_node(graph.nodes[layer.node])
        # Sums are cut off between the point and the activation.
        return node.activations[direction][place] if node is not None and node.clip is None else None
    step = layer.cell.step
    wanted = "c" if layer.kind == "lstm" else "a"
    for each in step.activations if step is not None else ():
        if each.gate == wanted and each.name:
            return Activation.named(each.name, each.alpha, each.beta)
    return None
