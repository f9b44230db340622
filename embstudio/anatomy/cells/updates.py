"""How a new state is made of the old one: m' = f m + i g, or s' = (1 − z) n + z s in any way of writing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from embstudio.anatomy.cells.polynomial import Polynomial


@dataclass(frozen=True)
class Factor:
    """A gate as the update uses it: the tensor, or 1 − the tensor."""

    tensor: str
    complement: bool = False


@dataclass(frozen=True)
class Update:
    """One reading of a new state: keep · state + write · candidate.

    write is None where it is 1 − keep. state is "" in a first step that starts from nothing, keep None where even
    its gate is left out.
    """

    state: str
    keep: Factor | None
    write: Factor | None
    candidate: str

    @property
    def one_gate(self) -> bool:
        return self.write is None


def updates_of(polynomial: Polynomial) -> Iterator[Update]:
    """Every way to read a polynomial as an update from an old state."""
    positive = [key for key, factor in polynomial.items() if factor == 1]
    negative = [key for key, factor in polynomial.items() if factor == -1]
    if len(positive) + len(negative) != len(polynomial):
        return
    if not negative and [len(key) for key in positive] == [2, 2] and len({*positive[0], *positive[1]}) == 4:
        for kept, written in (positive, positive[::-1]):
            for state, keep in (kept, kept[::-1]):
                for write, candidate in (written, written[::-1]):
                    yield Update(state, Factor(keep), Factor(write), candidate)
    elif len(negative) == 1 and sorted(len(key) for key in positive) == [1, 2] and len(negative[0]) == 2:
        (alone,), pair = sorted(positive, key=len)
        gates = [name for name in negative[0] if name in pair]
        if alone in negative[0] and len(gates) == 1 and alone not in pair:
            gate = gates[0]
            other = pair[1] if pair[0] == gate else pair[0]
            yield Update(alone, Factor(gate, complement=True), None, other)  # (1 − g) alone + g other
            yield Update(other, Factor(gate), None, alone)  # (1 − g) alone + g other, the other way round


def first_updates(polynomial: Polynomial, one_gate: bool) -> Iterator[Update]:
    """Every way to read a polynomial as an update from no state, or from one that was left out because it is 0."""
    keys = sorted(polynomial.items(), key=lambda item: len(item[0]))
    if len(keys) == 1 and keys[0][1] == 1 and len(keys[0][0]) == 2:
        for gate, candidate in (keys[0][0], keys[0][0][::-1]):
            if one_gate:
                yield Update("", Factor(gate, complement=True), None, candidate)
            else:
                yield Update("", None, Factor(gate), candidate)
    elif one_gate and len(keys) == 2 and (keys[0][1], keys[1][1]) == (1, -1) and len(keys[0][0]) == 1:
        alone, pair = keys[0][0][0], keys[1][0]
        if len(pair) == 2 and alone in pair:
            yield Update("", Factor(pair[1] if pair[0] == alone else pair[0]), None, alone)
