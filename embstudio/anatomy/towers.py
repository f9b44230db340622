"""Layers that do not depend on each other: towers side by side, as the text and the image of CLIP have one each."""

from __future__ import annotations

from embstudio.anatomy.attention import FoundAttention
from embstudio.anatomy.dataflow import Dataflow

Layers = list[list[FoundAttention]]


def towers_of(flow: Dataflow, layers: Layers, ids_input: str | None) -> list[Layers]:
    """The layers of one stack in groups of which none depends on another; that which reads the tokens comes first.

    Towers that a later layer joins count as one.
    """
    towers: list[list[int]] = []  # by the places of layers
    for place, layer in enumerate(layers):
        joined = [tower for tower in towers if any(_follows(flow, layer, layers[each]) for each in tower)]
        towers = [tower for tower in towers if tower not in joined]
        towers.append([*sorted(each for tower in joined for each in tower), place])
    towers.sort(key=lambda tower: (not reads(flow, layers[tower[0]], ids_input), tower[0]))
    return [[layers[place] for place in tower] for tower in towers]


def _follows(flow: Dataflow, later: list[FoundAttention], earlier: list[FoundAttention]) -> bool:
    result = earlier[0].values_product.outputs[0]
    return any(flow.is_ancestor(result, name) for name in (later[0].q_tensor, later[0].k_tensor))


def reads(flow: Dataflow, layer: list[FoundAttention], tensor: str | None) -> bool:
    """Does a layer depend on a tensor?"""
    return tensor is not None and flow.is_ancestor(tensor, layer[0].q_tensor)


def inputs_of(flow: Dataflow, layer: list[FoundAttention]) -> list[str]:
    """The inputs of the graph that a layer's stream is made of."""
    return [info.name for info in flow.graph.inputs if reads(flow, layer, info.name)]
