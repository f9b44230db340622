"""Recurrent layers whose steps are written out one behind the other, as tracers leave loops over tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from embstudio.anatomy.cells.activations import activation_behind
from embstudio.anatomy.cells.chains import Chain, Link, gated_chains, plain_chains
from embstudio.anatomy.cells.places import Places
from embstudio.anatomy.cells.signature import Signatures
from embstudio.anatomy.cells.steps import Step, StepReader
from embstudio.anatomy.cells.updates import Factor
from embstudio.anatomy.dataflow import Dataflow

_MOST_LAYERS = 64
_FEWEST = 3  # steps, where the length of the text is not known


@dataclass(frozen=True)
class Written:
    """A chain that reads the text token by token. steps: in the order in which they are computed.

    tokens: the token that each step reads. links: of the steps, None for a first one that differs from the others.
    """

    steps: tuple[Step, ...]
    links: tuple[Link | None, ...]
    tokens: tuple[int, ...]

    @property
    def in_order(self) -> tuple[Step, ...]:
        """The steps in the order of the text."""
        return self.steps if self.forward else self.steps[::-1]

    @property
    def forward(self) -> bool:
        return self.tokens[0] < self.tokens[-1]


def find_written(flow: Dataflow) -> list[Written]:
    """Every recurrent layer and direction, those that others read first."""
    signatures, reader = Signatures(flow), StepReader(flow)
    chains = list(gated_chains(flow, reader, signatures))
    used = {factor.tensor for chain in chains for step in _steps(flow, reader, chain) for factor in step.gates.values()}
    places = Places(flow)
    chains += plain_chains(flow, places, signatures, used)
    settled: dict[str, int] = {}
    found: list[Written] = []
    for _ in range(_MOST_LAYERS):
        fresh = [written for chain in chains if (written := _written(flow, reader, chain, places)) is not None]
        if not fresh:
            break
        for written in fresh:
            for step, token in zip(written.steps, written.tokens, strict=True):
                settled.update((factor.tensor, token) for factor in step.gates.values())
        found += sorted(fresh, key=lambda written: _index(flow, written.steps[0].h))
        states = {link.after for written in fresh for link in written.links if link is not None}
        chains = [chain for chain in chains if not states.intersection(chain.states)]
        places = Places(flow, settled)
    return found


def _index(flow: Dataflow, tensor: str) -> int:
    node = flow.graph.producer(tensor)
    return node.index if node is not None else -1


def _written(flow: Dataflow, reader: StepReader, chain: Chain, places: Places) -> Written | None:
    """A chain whose steps each read the next token; None if they read anything else."""
    later = [_tokens_of_link(places, link) for link in chain.links]
    tokens = [next(iter(each)) for each in later if len(each) == 1]
    if len(tokens) != len(later):
        return None
    steps = list(_steps(flow, reader, chain))
    links: list[Link | None] = [None, *chain.links]
    first = places.of(chain.states[0]).all_tokens
    before = _one_before(tokens, first)
    if before is None or len(steps) != len(links):
        steps, links = steps[-len(chain.links) :], list(chain.links)
    else:
        tokens = [before, *tokens]
    count = len(tokens)
    tokens = [token + count if token < 0 else token for token in tokens]
    if tokens not in (list(range(count)), list(range(count))[::-1]):
        return None
    if count not in places.lengths and (places.lengths or count < _FEWEST):
        return None  # part of the text: two steps alone are soon alike
    return Written(tuple(steps), tuple(links), tuple(tokens))


def _one_before(tokens: list[int], first: frozenset[int]) -> int | None:
    """The token that a first step has read if the others read these."""
    count = len(tokens) + 1
    step = tokens[1] - tokens[0] if len(tokens) > 1 else 0
    for token in sorted(first):
        forward, backward = token in (0, -count), token in (count - 1, -1)
        if (forward and step in (0, 1) and tokens[0] % count == 1) or (
            backward and step in (0, -1) and tokens[0] % count == count - 2
        ):
            return token
    return None


def _tokens_of_link(places: Places, link: Link) -> frozenset[int]:
    return frozenset[int]().union(*(places.of(name).all_tokens for name in link.signature.inputs))


def _steps(flow: Dataflow, reader: StepReader, chain: Chain) -> Iterator[Step]:
    """The steps of a chain; the first is left out where it cannot be read."""
    link = chain.links[0]
    if link.update is None:
        for state in chain.states:
            behind = activation_behind(flow, state)
            if behind is not None:
                yield Step("rnn", {"a": Factor(behind.total), "h": Factor(state)})
        return
    first = reader.first(chain.states[0], link.update)
    if first is not None:
        yield reader.step(chain.states[0], first, lstm=link.lstm)
    for each in chain.links:
        if each.update is not None:
            yield reader.step(each.after, each.update, lstm=each.lstm)
