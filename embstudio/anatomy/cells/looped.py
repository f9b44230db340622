"""Recurrent layers that a Loop or Scan runs token by token: the cell is its body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from embstudio.anatomy.cells.activations import activation
from embstudio.anatomy.cells.chains import Link, gated_link, states_behind
from embstudio.anatomy.cells.masked import Unmasked, without_masks
from embstudio.anatomy.cells.places import Places
from embstudio.anatomy.cells.selections import Selections
from embstudio.anatomy.cells.signature import Signatures
from embstudio.anatomy.cells.steps import Step, StepReader
from embstudio.anatomy.cells.updates import Factor
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.same_values import before_same_values
from embstudio.base.errors import ModelFileError
from embstudio.modelfile.graph import LoopBody, Node, State

LOOPS = ("Loop", "Scan")
_ACTIVATIONS = frozenset({"Sigmoid", "Tanh", "Relu", "HardSigmoid", "Clip", "LeakyRelu", "Elu", "Softsign", "Softplus"})


@dataclass(frozen=True)
class Looped:
    """One cell in the body of `node`. unmasked: the body. source: the tensor outside of which each step takes a token.

    backwards: whether the steps go from the last token to the first. steps: how many there are, None for any.
    """

    node: Node
    unmasked: Unmasked
    step: Step
    link: Link
    source: str
    backwards: bool
    steps: int | None

    @property
    def flow(self) -> Dataflow:
        return self.unmasked.flow


def find_looped(flow: Dataflow) -> list[Looped]:
    """Every recurrent layer and direction, those that others read first."""
    found: list[Looped] = []
    turned: dict[str, bool] = {}
    for node in flow.graph.nodes:
        if node.op not in LOOPS or node.domain or not _ACTIVATIONS.intersection(node.inner_ops):
            continue
        try:
            body = flow.graph.body(node, flow.is_data)
        except (ModelFileError, ValueError):
            continue
        if body is None:
            continue
        inside = list(_cells(flow, node, body, Places(flow, turned=turned)))
        found += inside
        if inside:
            turned |= _turned(node, body, inside[0].backwards)
    return found


def _cells(flow: Dataflow, node: Node, body: LoopBody, places: Places) -> Iterator[Looped]:
    unmasked = without_masks(Dataflow(body.graph), {state.before for state in body.states})
    inner = unmasked.flow
    reader, signatures, selections = StepReader(inner), Signatures(inner), Selections(inner, body)
    states = {before_same_values(inner, state.after): state for state in body.states}
    used: set[str] = set()
    links: list[tuple[Link, Step]] = []
    for after, state in states.items():
        link = _gated(inner, reader, signatures, after, state, states)
        if link is not None and link.update is not None:
            step = reader.step(after, link.update, lstm=link.lstm)
            used |= {factor.tensor for factor in step.gates.values()}
            links.append((link, step))
    for after, state in states.items():
        if after not in used:
            links += _plain(inner, signatures, after, state)
    for link, step in sorted(links, key=lambda pair: _index(inner, pair[0].after)):
        reading = selections.of(link.signature.inputs, flow.is_data)
        if reading is not None:
            backwards = reading.backwards != places.of(reading.source).turned
            yield Looped(node, unmasked, step, link, reading.source, backwards, _trips(flow, body))


def _gated(
    flow: Dataflow, reader: StepReader, signatures: Signatures, after: str, state: State, states: dict[str, State]
) -> Link | None:
    exposed = reader.exposure(after)
    shown = states.get(exposed.h) if exposed is not None else None
    if exposed is not None and shown is None:  # a projection between the two
        shown = next(
            (other for name, other in states.items() if name != after and flow.is_ancestor(exposed.h, name)), None
        )
    for update in reader.updates(after):
        if before_same_values(flow, update.state) == state.before:
            link = gated_link(flow, reader, signatures, update, after, read=shown.before if shown else "")
            if link is not None:
                return link
    return None


def _plain(flow: Dataflow, signatures: Signatures, after: str, state: State) -> list[tuple[Link, Step]]:
    node = flow.graph.producer(after)
    found = activation(flow, node) if node is not None else None
    if node is None or found is None or not found.name:
        return []
    if state.before not in states_behind(flow, set(), found.total, "", {state.before}):
        return []
    link = Link(state.before, after, signatures.of(after, [state.before]))
    return [(link, Step("rnn", {"a": Factor(found.total), "h": Factor(after)}))]


def _trips(flow: Dataflow, body: LoopBody) -> int | None:
    """The number of steps, where the file fixes it and it is one that exporters write down."""
    weight = flow.graph.weight(body.trips) if body.trips else None
    count = int(weight.values.reshape(-1)[0]) if weight is not None and weight.size == 1 else 0
    return count if 0 < count < 2**31 - 1 else None


def _turned(node: Node, body: LoopBody, backwards: bool) -> dict[str, bool]:
    """Whether what the steps left behind is in the order of the text."""
    directions = node.attributes.get("scan_output_directions")
    flips = [bool(each) for each in directions] if isinstance(directions, list) else []
    flips += [False] * (len(body.collected) - len(flips))
    found = {outside: backwards != flip for (_, outside), flip in zip(body.collected, flips, strict=False) if outside}
    # A state that grows by one token a step is a list that is handed on.
    return found | {state.final: backwards for state in body.states if state.final}


def _index(flow: Dataflow, tensor: str) -> int:
    node = flow.graph.producer(tensor)
    return node.index if node is not None else -1
