"""What is to be known of an operator so that gradients can be taken back through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.modelfile.graph import Node
from embstudio.session.differentiate.step import Step

Gradients = Mapping[int, np.ndarray]
"""Of the wanted inputs by their places, [seed, *shape of the input]; those left out are 0."""

Pull = Callable[[np.ndarray], Gradients]
"""From the gradient of the only output, [seed, *shape of the output], to those of the inputs."""

PullSeveral = Callable[[Sequence[np.ndarray | None]], Gradients]
"""The same of all outputs; None for those that nothing hangs on."""

Places = Callable[[Node, frozenset[int]], Iterable[int]]
"""Which inputs' values a rule needs, of a node and the places that are wanted."""


def nothing(node: Node, wanted: frozenset[int]) -> Iterable[int]:
    """No values: of a linear operator shapes are enough."""
    return ()


def at(*places: int) -> Places:
    """The values of these inputs, where the node has them."""
    return lambda node, wanted: (place for place in places if node.input(place))


def others(node: Node, wanted: frozenset[int]) -> Iterable[int]:
    """Of a product: what each wanted operand is multiplied by."""
    return (place for place in range(len(node.inputs)) if node.input(place) and wanted - {place})


def everything(node: Node, wanted: frozenset[int]) -> Iterable[int]:
    """The values of all inputs."""
    return (place for place in range(len(node.inputs)) if node.input(place))


@dataclass(frozen=True)
class Rule:
    """linearise: the vector-Jacobian product at what was observed. A pull never changes what it is given.

    inputs, outputs: places whose values it looks at. flat: outputs that do not change with the inputs but in jumps
    (indices of the largest), so that nothing is passed back from them.
    """

    linearise: Callable[[Step], PullSeveral]
    inputs: Places = nothing
    outputs: tuple[int, ...] = ()
    flat: tuple[int, ...] = ()


def single(
    linearise: Callable[[Step], Pull],
    inputs: Places = nothing,
    outputs: tuple[int, ...] = (),
    flat: tuple[int, ...] = (),
) -> Rule:
    """The rule of an operator of one output, or of one that its gradient comes from."""

    def of_several(step: Step) -> PullSeveral:
        pull = linearise(step)
        return lambda gradients: {} if gradients[0] is None else pull(gradients[0])

    return Rule(of_several, inputs, outputs, flat)
