"""Chains of states: each made of the one before in the same way, with the same weights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from embstudio.anatomy.cells.activations import activation
from embstudio.anatomy.cells.places import Places
from embstudio.anatomy.cells.signature import Signature, Signatures
from embstudio.anatomy.cells.steps import StepReader, linear_inputs
from embstudio.anatomy.cells.updates import Update
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.same_values import before_same_values

_UPDATES = frozenset({"Add", "Sub", "Sum", "Where"})


@dataclass(frozen=True)
class Link:
    """`after` is made of `before`. update: how, for gated cells; lstm: whether gates read an exposed memory."""

    before: str
    after: str
    signature: Signature
    update: Update | None = None
    lstm: bool = False

    @property
    def states(self) -> tuple[str, ...]:
        """What the step starts from: the memory and, of an LSTM, what it exposed."""
        return self.signature.states


@dataclass(frozen=True)
class Chain:
    """States in the order in which they are computed; `links` lead from each to the next."""

    states: tuple[str, ...]
    links: tuple[Link, ...]


def gated_chains(flow: Dataflow, reader: StepReader, signatures: Signatures) -> Iterator[Chain]:
    """Chains of memories (LSTM) or states (GRU) that gates keep and write."""
    return _longest(_gated_links(flow, reader, signatures))


def plain_chains(flow: Dataflow, places: Places, signatures: Signatures, used: Iterable[str]) -> Iterator[Chain]:
    """Chains of activations of sums that hold the activation before (RNN). used: tensors that are parts of others."""
    return _longest(_plain_links(flow, places, signatures, set(used)))


def gated_link(
    flow: Dataflow, reader: StepReader, signatures: Signatures, update: Update, after: str, *, read: str | None = None
) -> Link | None:
    """A link if the gates and the candidate depend on the state before, or on what it exposes.

    read: what a memory before exposed, "" if it is none; None: look for it.
    """
    before, keep = update.state, update.keep
    if keep is None or not flow.is_data(before):
        return None
    parts = [keep.tensor, update.candidate, *([update.write.tensor] if update.write else [])]
    if read is None:
        exposed = reader.exposure(before)
        read = exposed.h if exposed is not None else ""
    lstm = bool(read) and all(flow.is_ancestor(read, part) for part in parts)
    if not lstm and not update.one_gate:
        return None
    if not all(flow.is_ancestor(read if lstm else before, part) for part in parts):
        return None
    return Link(before, after, signatures.of(after, [before, read] if lstm else [before]), update, lstm)


def _gated_links(flow: Dataflow, reader: StepReader, signatures: Signatures) -> Iterator[Link]:
    for node in flow.graph.nodes:
        if node.op in _UPDATES and not node.domain and node.outputs[0] and flow.is_data(node.outputs[0]):
            for update in reader.updates(node.outputs[0]):
                link = gated_link(flow, reader, signatures, update, node.outputs[0])
                if link is not None:
                    yield link


def _plain_links(flow: Dataflow, places: Places, signatures: Signatures, used: set[str]) -> Iterator[Link]:
    for node in flow.graph.nodes:
        found = activation(flow, node)
        if found is None or not found.name or node.outputs[0] in used:
            continue
        after = node.outputs[0]
        for before in states_behind(flow, places.selections, found.total, node.op):
            if before in used:
                continue
            signature = signatures.of(after, [before])
            if any(_is_weight(flow, name) for name in signature.weights):
                yield Link(before, after, signature)


def states_behind(
    flow: Dataflow, selections: set[str], total: str, operator: str, states: Collection[str] = ()
) -> list[str]:
    """The activations of one kind, or of some states, that a sum is a linear function of, without going to other tokens
    for them."""
    waiting, seen, found = [total], set[str](), []
    while waiting:
        tensor = before_same_values(flow, waiting.pop())
        if tensor in seen or tensor in selections:
            continue
        seen.add(tensor)
        node = flow.graph.producer(tensor)
        if tensor in states:
            found.append(tensor)
        elif node is None:
            continue
        elif node.op == operator:
            found.append(tensor)
        elif node.op != "Concat" or len(node.inputs) <= 3:
            waiting += linear_inputs(flow, node)
    return found


def _is_weight(flow: Dataflow, tensor: str) -> bool:
    shape = flow.graph.shape(tensor)
    floats = (flow.graph.dtype(tensor) or "float32").startswith(("float", "bfloat"))
    return floats and shape is not None and any(isinstance(length, int) and length > 1 for length in shape)


def _longest(links: Iterable[Link]) -> Iterator[Chain]:
    """The chains of links with the same signature; those of one link only if nothing longer holds its states."""
    groups: dict[tuple[bytes, bool], list[Link]] = defaultdict(list)
    for link in links:
        groups[link.signature.digest, link.lstm].append(link)
    chains = []
    for group in groups.values():
        following = {link.before: link for link in group}
        reached = {link.after for link in group}
        for start in [link for link in following.values() if link.before not in reached]:
            path = [start]
            while path[-1].after in following:
                path.append(following[path[-1].after])
            chains.append(Chain((start.before, *(link.after for link in path)), tuple(path)))
    chains.sort(key=lambda chain: -len(chain.links))
    taken: set[str] = set()
    for chain in chains:
        if len(chain.links) > 1 or not taken.intersection(chain.states):
            taken.update(chain.states)
            yield chain
