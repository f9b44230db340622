"""What the gates of one step are made of: the sum that goes into each, in the parts it comes from.

Source: the RNN, GRU and LSTM operators of the ONNX specification (version 22). Everything is of one direction, worked
out in the precision of what is given; the sums of a whole layer are cheap enough for every step of a cursor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.cells import ORDER


@dataclass(frozen=True, eq=False)
class GateSum:
    """One gate or candidate of all units, each array [unit]: value = activation(word + memory + bias + peephole).

    word: W x. memory: R h₋₁. bias: the input bias and the recurrent one. peephole: P ⊙ c, of an LSTM that has any.
    size: at least the sum of the sizes of all terms, for telling what rounding can make of it.
    """

    word: np.ndarray
    memory: np.ndarray
    bias: np.ndarray
    peephole: np.ndarray | None
    activation: Activation
    clip: float | None
    size: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """The sum before it is cut off at ±clip, if it is."""
        total = self.word + self.memory + self.bias
        return np.asarray(total if self.peephole is None else total + self.peephole)

    @property
    def value(self) -> np.ndarray:
        total = self.total
        return self.activation.of(total if self.clip is None else np.clip(total, -self.clip, self.clip))


class GateSums:
    """The sums of one cell, x [input] and h [unit] being what a step reads. Made once, asked at every step."""

    def __init__(self, cell: CellWeights) -> None:
        self.cell = cell
        self.parts = tuple(p for p in ORDER[cell.kind] if not (p == "f" and cell.input_forget))
        self._biases = np.split(cell.B, 2)
        self._lengths = np.linalg.norm(cell.W, axis=1), np.linalg.norm(cell.R, axis=1)

    def rows(self, part: str) -> slice:
        """Where a gate is in the stacked weights."""
        at, units = ORDER[self.cell.kind].index(part), self.cell.units
        return slice(at * units, (at + 1) * units)

    def of(
        self, x: np.ndarray, h: np.ndarray, *, c_before: np.ndarray | None = None, c: np.ndarray | None = None
    ) -> dict[str, GateSum]:
        """The sums of one step by the name of the gate. c_before, c: the memory before and after, for peepholes.

        f = 1 − i of a cell with input_forget is no sum, and is left out.
        """
        words = self.cell.W @ x
        size = self._lengths[0] * np.linalg.norm(x) + self._lengths[1] * np.linalg.norm(h)
        size = size + np.abs(self._biases[0]) + np.abs(self._biases[1])
        memories = self.cell.R @ h
        biases = self._biases[0] + self._biases[1]
        if self.cell.kind == "gru":
            memories, biases = self._reset(words, memories, biases, h)
        sums = {}
        for place, part in enumerate(self.parts):
            rows = self.rows(part)
            sums[part] = GateSum(
                words[rows], memories[rows], biases[rows], self._peephole(part, c_before, c),
                self._activation(place, part), self.cell.clip, size[rows],
            )  # fmt: skip
        return sums

    def reset_gate(self, words: np.ndarray, memories: np.ndarray, biases: np.ndarray) -> np.ndarray:
        """r of a GRU, from the stacked parts of the sums."""
        rows = self.rows("r")
        total = words[rows] + memories[rows] + biases[rows]
        if self.cell.clip is not None:
            total = np.clip(total, -self.cell.clip, self.cell.clip)
        return self.cell.activations[0].of(total)

    def memory_terms(self, part: str, unit: int, h: np.ndarray, r: np.ndarray | None = None) -> np.ndarray:
        """What each unit's h₋₁ adds to one gate of one unit, [unit]: they add up to its memory part.

        r: the reset gate of a GRU, [unit], which its candidate needs.
        """
        row = self.cell.R[self.rows(part)][unit]
        if self.cell.kind != "gru" or part != "n" or r is None:
            return np.asarray(row * h)
        return np.asarray(r[unit] * row * h if self.cell.linear_before_reset else row * r * h)

    def _reset(
        self, words: np.ndarray, memories: np.ndarray, biases: np.ndarray, h: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The parts of a GRU's candidate, in which the reset gate has its say; those of the gates as they are."""
        rows, r = self.rows("n"), self.reset_gate(words, memories, biases)
        memories, biases = memories.copy(), biases.copy()
        if self.cell.linear_before_reset:
            memories[rows] *= r
            biases[rows] = self._biases[0][rows] + r * self._biases[1][rows]
        else:
            memories[rows] = self.cell.R[rows] @ (r * h)
        return memories, biases

    def _peephole(self, part: str, before: np.ndarray | None, now: np.ndarray | None) -> np.ndarray | None:
        """P ⊙ c: the gates i and f see the memory before, o the one after."""
        at = {"i": 0, "o": 1, "f": 2}.get(part)
        memory = now if part == "o" else before
        if self.cell.kind != "lstm" or self.cell.peepholes is None or at is None or memory is None:
            return None
        return np.asarray(np.split(self.cell.peepholes, 3)[at] * memory)

    def _activation(self, place: int, part: str) -> Activation:
        given = self.cell.activations
        return given[0] if self.cell.kind == "rnn" or part not in ("g", "n") else given[1]
