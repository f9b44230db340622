"""RNN, GRU and LSTM nodes: back-propagation through time. Source: the operators' ONNX specifications.

The gates are worked out again in float64 from what the node was observed to be given: it hands out none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.anatomy.recurrent_node import RecurrentNode, recurrent_node
from embstudio.formulas.back_propagation import back_propagate
from embstudio.formulas.cell_run import run
from embstudio.formulas.cell_slopes import Rows
from embstudio.formulas.cell_weights import CellWeights
from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Gradients, PullSeveral, Rule, everything
from embstudio.session.differentiate.step import Step

_X, _H0, _C0 = 0, 5, 6  # places among the inputs
_Outer = tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]


def _recurrent(step: Step) -> PullSeveral:
    try:
        node = recurrent_node(step.node)
    except ValueError as error:
        refuse(step.node, str(error))
    if node is None or step.wanted - {_X, _H0, _C0}:
        refuse(step.node, "its weights hang on the input")
    X = _time_first(step.x(_X), node)
    states = [_time_first(step.x(place), node) if step.has(place) else None for place in (_H0, _C0)]
    lengths = np.ravel(step.given(4)) if node.lengths else np.full(X.shape[1], len(X))
    cells = _cells(step, node)
    sequences = [
        _Sequence.of(cells[at], at, batch, direction == "reverse", int(lengths[batch]), X, states)
        for at, direction in enumerate(node.directions)
        for batch in range(X.shape[1])
    ]
    batched = (len(node.directions), X.shape[1], cells[0].units)

    def pull(gradients: Sequence[np.ndarray | None]) -> Gradients:
        seeds = next((len(each) for each in gradients if each is not None), 0)
        dY, dh, dc = _outer(gradients, node)
        dX = np.zeros((seeds, *X.shape))
        first = {_H0: np.zeros((seeds, *batched)), _C0: np.zeros((seeds, *batched))}
        for sequence in sequences:
            sequence.pull(dX, first, (dY, dh, dc))
        found = {_X: dX, **first}
        return {place: _as_given(found[place], node) for place in step.wanted}

    return pull


@dataclass(frozen=True)
class _Sequence:
    """One direction over one sequence of the batch.

    values: gates and states [read, unit], in the order in which they are read. h, c: [unit], the state before.
    """

    cell: CellWeights
    direction: int
    batch: int
    reverse: bool
    values: dict[str, np.ndarray]
    h: np.ndarray
    c: np.ndarray

    @classmethod
    def of(
        cls,
        cell: CellWeights,
        direction: int,
        batch: int,
        reverse: bool,
        length: int,
        X: np.ndarray,
        states: Sequence[np.ndarray | None],
    ) -> _Sequence:
        h, c = (np.zeros(cell.units) if state is None else state[direction, batch] for state in states)
        x = X[:length, batch]
        return cls(cell, direction, batch, reverse, run(cell, x[::-1] if reverse else x, h, c), h, c)

    def pull(self, dX: np.ndarray, first: dict[int, np.ndarray], outer: _Outer) -> None:
        """Add to dX [seed, pos, batch, input] and to the gradients of the first states.

        outer: of Y [seed, pos, direction, batch, unit], Y_h and Y_c [seed, direction, batch, unit].
        """
        length, own = len(self.values["h"]), (slice(None), self.direction, self.batch)
        read = slice(None, None, -1 if self.reverse else 1)
        nothing = np.zeros((len(dX), self.cell.units))
        h, c = (nothing if each is None else each[own] for each in outer[1:])
        by_h = np.zeros((len(dX), length, self.cell.units))
        if outer[0] is not None:
            by_h += outer[0][:, :length, self.direction, self.batch][:, read]
        found = back_propagate(
            self.cell, self.values, by_h, by_last=Rows(h, c if self.cell.kind == "lstm" else None), h=self.h, c=self.c
        )
        dX[:, :length, self.batch] += found.by_x[:, read]
        first[_H0][own] = found.by_first.h
        if found.by_first.c is not None:
            first[_C0][own] = found.by_first.c


def _cells(step: Step, node: RecurrentNode) -> list[CellWeights]:
    """Of each direction, in float64."""
    W, R = step.x(1), step.x(2)
    B = step.x(3) if step.has(3) else np.zeros((len(W), 2 * W.shape[1]))
    P = step.x(7) if node.P else None
    return [
        CellWeights(
            node.kind, W[at], R[at], B[at], activations, None if P is None else P[at], node.clip,
            node.linear_before_reset, node.input_forget,
        )
        for at, activations in enumerate(node.activations)
    ]  # fmt: skip


def _time_first(value: np.ndarray, node: RecurrentNode) -> np.ndarray:
    """X as [pos, batch, input], a state as [direction, batch, unit]."""
    return value.swapaxes(0, 1) if node.batch_first else value


def _as_given(gradient: np.ndarray, node: RecurrentNode) -> np.ndarray:
    return gradient.swapaxes(1, 2) if node.batch_first else gradient


def _outer(gradients: Sequence[np.ndarray | None], node: RecurrentNode) -> _Outer:
    """What comes from outside: of Y, Y_h and Y_c, with the batch where it is without the batch-first layout."""
    dY, dh, dc = (*gradients, None, None)[:3]
    if node.batch_first:
        dY = None if dY is None else np.moveaxis(dY, 1, 3)  # [seed, batch, pos, direction, unit]
        dh, dc = (None if each is None else each.swapaxes(1, 2) for each in (dh, dc))
    return dY, dh, dc


RULES: dict[str, Rule] = {"RNN": Rule(_recurrent, everything), "GRU": Rule(_recurrent, everything),
                          "LSTM": Rule(_recurrent, everything)}  # fmt: skip
