"""One of the three networks: vectors of words, a cell, and a read-out of the last state; its loss and gradients.

P = E Wᵀ + b,  h = cell(P[x], R),  logits = h_T Uᵀ + v,  L = mean of −log softmax(logits)[answer]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from embstudio.lab.recurrent.cells import Passed, cell_of
from embstudio.lab.recurrent.tasks import Examples

WIDTH = 16  # of a word's vector


@dataclass(frozen=True)
class Guessed:
    """loss: the mean. right: how many answers were. chances: [B, answers], softmax of the logits."""

    loss: float
    right: int
    chances: np.ndarray
    passed: Passed


@dataclass(frozen=True)
class Learnt:
    """gradient: dL/dθ, as long as θ. dh, dc: [T, B, H], dL/dh_t and dL/dc_t with L the mean over the batch."""

    guessed: Guessed
    gradient: np.ndarray
    dh: np.ndarray
    dc: np.ndarray | None


class Network:
    """theta: all its numbers in one vector; E [words, WIDTH], W [G·H, WIDTH], R [G·H, H], b [G·H], bR [H] (GRU only),
    U [answers, H] and v [answers] are parts of it."""

    def __init__(self, kind: str, words: int, answers: int, units: int, dtype: type = np.float32) -> None:
        self.kind, self.units = kind, units
        self.cell = cell_of(kind)
        wide = self.cell.gates * units
        self._shapes: dict[str, tuple[int, ...]] = {"E": (words, WIDTH), "W": (wide, WIDTH), "R": (wide, units),
                                                    "b": (wide,)}  # fmt: skip
        if self.cell.inner_bias:
            self._shapes["bR"] = (units,)
        self._shapes |= {"U": (answers, units), "v": (answers,)}
        self.theta: np.ndarray = np.zeros(sum(int(np.prod(shape)) for shape in self._shapes.values()), dtype)
        self.parts = self.parts_of(self.theta)

    def copy(self) -> Network:
        """Another one with the same numbers."""
        words, answers = len(self.parts["E"]), len(self.parts["v"])
        other = Network(self.kind, words, answers, self.units, self.theta.dtype.type)
        other.theta[...] = self.theta
        return other

    def parts_of(self, vector: np.ndarray) -> Mapping[str, np.ndarray]:
        """The parts of a vector like theta, by name; they share its memory."""
        parts, start = {}, 0
        for name, shape in self._shapes.items():
            size = int(np.prod(shape))
            parts[name] = vector[start : start + size].reshape(shape)
            start += size
        return parts

    def begin(self, chance: np.random.Generator, scale: float, forget: float) -> None:
        """Random numbers of the usual sizes (variance 1 / inputs; Glorot and Bengio 2010), and R as is wished: each
        gate's part normal, then multiplied so that its largest eigenvalue has the size `scale`."""
        parts, units = self.parts, self.units
        parts["E"][...] = chance.standard_normal(parts["E"].shape)
        parts["W"][...] = chance.standard_normal(parts["W"].shape) / np.sqrt(WIDTH)
        parts["U"][...] = chance.standard_normal(parts["U"].shape) / np.sqrt(units)
        for gate in range(self.cell.gates):
            block = chance.standard_normal((units, units))
            radius = np.abs(np.linalg.eigvals(block)).max()
            parts["R"][gate * units : (gate + 1) * units] = scale * block / radius
        if self.cell.keeps is not None:
            parts["b"][self.cell.keeps * units : (self.cell.keeps + 1) * units] = forget

    def guess(self, examples: Examples) -> Guessed:
        """Forward only."""
        parts = self.parts
        P = parts["E"] @ parts["W"].T + parts["b"]
        passed = self.cell.forward(P[examples.ids], parts["R"], parts.get("bR"))
        chances = self.read(passed.h[-1])
        rows = np.arange(len(examples))
        loss = -float(np.log(chances[rows, examples.answers]).mean())
        right = int((chances.argmax(axis=1) == examples.answers).sum())
        return Guessed(loss, right, chances, passed)

    def learn(self, examples: Examples) -> Learnt:
        """Forward and back."""
        parts, ids = self.parts, examples.ids
        guessed = self.guess(examples)
        error = guessed.chances.copy()  # dL/dlogits · B
        error[np.arange(len(examples)), examples.answers] -= 1
        error /= len(examples)
        back = self.cell.backward(guessed.passed, parts["R"], parts.get("bR"), error @ parts["U"])
        gradient = np.empty_like(self.theta)
        into = self.parts_of(gradient)
        seen = (ids.reshape(-1) == np.arange(len(parts["E"]))[:, None]).astype(self.theta.dtype)
        dP = seen @ back.da.reshape(ids.size, -1)  # [words, G·H]
        into["E"][...] = dP @ parts["W"]
        into["W"][...] = dP.T @ parts["E"]
        into["R"][...] = back.dr
        into["b"][...] = dP.sum(axis=0)
        if back.dbr is not None:
            into["bR"][...] = back.dbr
        into["U"][...] = error.T @ guessed.passed.h[-1]
        into["v"][...] = error.sum(axis=0)
        return Learnt(guessed, gradient, back.dh, back.dc)

    def read(self, h: np.ndarray) -> np.ndarray:
        """What the read-out makes of states [..., H]: chances [..., answers]."""
        logits = h @ self.parts["U"].T + self.parts["v"]
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=-1, keepdims=True))
