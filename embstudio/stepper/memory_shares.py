"""Whom the memory of a recurrent layer is due to: its state as the sum of what each token wrote into it and the gates
have let through since.

    LSTM   c_T = Σₛ (fₛ₊₁ ⊙ … ⊙ f_T) ⊙ iₛ ⊙ gₛ        + (f₁ ⊙ … ⊙ f_T) ⊙ c₀
    GRU    h_T = Σₛ (zₛ₊₁ ⊙ … ⊙ z_T) ⊙ (1 − zₛ) ⊙ nₛ  + (z₁ ⊙ … ⊙ z_T) ⊙ h₀

It is exact for the gates as they were: what a token did to later gates and candidates is not counted as its own. A
plain RNN has no such sum, since tanh goes over all of its state at every step.

Products are kept as sums of logarithms, so that nothing underflows however long the text is.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from embstudio.stepper.recurrent_flow import Flow, RecurrentCell, flow
from embstudio.trace.trace import Trace

_GATE = {"lstm": "f", "gru": "z"}


class MemoryShares:
    """The sum above for one direction of a layer. Tokens are numbered as in the text, whichever way it is read.

    keep:    [pos, unit], the gate that a state is multiplied by at each token.
    written: [pos, unit], what each token adds.
    start:   [unit], what the token that is read first found there, already multiplied by its gate.
    """

    def __init__(self, keep: np.ndarray, written: np.ndarray, start: np.ndarray, *, backwards: bool = False) -> None:
        self.backwards = backwards
        self._order = slice(None, None, -1 if backwards else 1)
        self._keep = np.asarray(keep, np.float64)[self._order]
        self._written = np.asarray(written, np.float64)[self._order]
        self._start = np.asarray(start, np.float64)
        nothing = self._keep == 0
        with np.errstate(divide="ignore"):
            logs = np.where(nothing, 0.0, np.log(np.abs(self._keep)))
        # [steps + 1, unit]: over the first n steps, Σ ln |gate|, and how many gates were 0 or negative.
        self._logs = _summed(logs)
        self._zeros = _summed(nothing) if nothing.any() else None
        negative = self._keep < 0
        self._negatives = _summed(negative) if negative.any() else None

    @classmethod
    def of(cls, trace: Trace, cell: RecurrentCell, found: Flow | None = None) -> MemoryShares | None:
        """Of a direction of a layer; None for a plain RNN, and where the trace holds too few of its parts."""
        gate = _GATE.get(cell.kind)
        found = found or flow(trace, cell)
        if found is None or gate is None or gate not in cell.parts:
            return None
        first = -1 if cell.backwards else 0
        return cls(trace[cell.point(gate)].values, found.new, found.kept[first], backwards=cell.backwards)

    @property
    def tokens(self) -> int:
        return len(self._written)

    @property
    def units(self) -> int:
        return int(self._written.shape[1])

    @property
    def starts(self) -> bool:
        """Whether the layer began with a state of its own."""
        return bool(self._start.any())

    def step(self, token: int) -> int:
        """Which step of the reading a token is, from 0."""
        return self.tokens - 1 - token if self.backwards else token

    def read(self, source: int, token: int) -> bool:
        """Whether the source has been read once `token` has."""
        return self.step(source) <= self.step(token)

    def written(self, source: int) -> np.ndarray:
        """What a token adds, [unit]."""
        return np.asarray(self._written[self.step(source)])

    @property
    def writings(self) -> np.ndarray:
        """What every token adds, [pos, unit]."""
        return np.asarray(self._written[self._order])

    def retained(self, source: int, token: int) -> np.ndarray:
        """How much of anything that was there after `source` is left after `token`: the product of the gates between,
        [unit]; NaN where the source has not been read by then."""
        if not self.read(source, token):
            return np.full(self.units, np.nan)
        return np.asarray(self._factor(self.step(source) + 1, self.step(token) + 1))

    def log10_retained(self, source: int, token: int) -> np.ndarray:
        """The same as log₁₀ of its size, for what is too small for a number; −∞ where a gate was 0."""
        if not self.read(source, token):
            return np.full(self.units, np.nan)
        first, last = self.step(source) + 1, self.step(token) + 1
        logs = (self._logs[last] - self._logs[first]) / np.log(10)
        return logs if self._zeros is None else np.where(self._zeros[last] == self._zeros[first], logs, -np.inf)

    def due(self, source: int, token: int) -> np.ndarray:
        """How much of the state after `token` is due to `source`, [unit]."""
        return np.asarray(self.retained(source, token) * self.written(source))

    def due_to_start(self, token: int) -> np.ndarray:
        """How much of the state after `token` is due to the state before the first, [unit]."""
        return np.asarray(self._factor(1, self.step(token) + 1) * self._start)

    def share(self, source: int, token: int) -> np.ndarray:
        """|due to source| as a share of all tokens' together (and of the start's), [unit]; 0 in an empty memory."""
        mass = self.mass[token]
        due = np.abs(self.due(source, token))
        return np.asarray(np.divide(due, mass, out=np.where(np.isnan(due), np.nan, 0.0), where=mass > 0))

    def composition(self, token: int, dtype: type[np.floating] = np.float64) -> np.ndarray:
        """What of the state after `token` is due to each token, [pos, unit]; NaN for those not read by then.

        With `due_to_start` the rows add up to the state.
        """
        last = self.step(token) + 1
        due = np.full(self._written.shape, np.nan, dtype)
        due[:last] = self._factor(np.arange(1, last + 1), last, dtype) * self._written[:last]
        return due[self._order]

    def picture(self, token: int) -> np.ndarray:
        """The composition as a picture wants it, [unit, pos] in float32, and 0 for tokens not read by then: several
        times as quick, and rounded."""
        last = self.step(token) + 1
        logs, written = self._across
        due = np.zeros(written.shape, np.float32)
        factor = np.exp((logs[:, last : last + 1] - logs[:, 1 : last + 1]).astype(np.float32))
        if self._zeros is not None or self._negatives is not None:
            factor = np.ascontiguousarray(self._factor(np.arange(1, last + 1), last, np.float32).T)
        np.multiply(factor, written[:, :last], out=due[:, :last])
        return due[:, self._order]

    @cached_property
    def _across(self) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms and writings with the steps of a unit side by side in memory."""
        return np.ascontiguousarray(self._logs.T), np.ascontiguousarray(self._written.T.astype(np.float32))

    @cached_property
    def mass(self) -> np.ndarray:
        """Σₛ |due to s|, the start's too, after each token, [pos, unit]: how much has gone into the memory and is still
        in it. What was written with opposite signs may cancel in the state; it does not here."""
        mass = np.empty_like(self._written)
        size, keep = np.abs(self._written), np.abs(self._keep)
        there = np.abs(self._start)
        for step in range(self.tokens):
            there = (keep[step] * there if step else there) + size[step]
            mass[step] = there
        return mass[self._order]

    def _factor(self, first: int | np.ndarray, last: int, dtype: type[np.floating] = np.float64) -> np.ndarray:
        """The product of the gates of steps first … last − 1."""
        factor = np.exp((self._logs[last] - self._logs[first]).astype(dtype, copy=False))
        if self._zeros is not None:
            factor = np.where(self._zeros[first] == self._zeros[last], factor, dtype(0))
        if self._negatives is not None:
            factor = np.where((self._negatives[last] - self._negatives[first]) % 2, -factor, factor)
        return np.asarray(factor)

    def mean_log(self) -> np.ndarray:
        """The mean of ln |gate| over the steps in which it had something to act on, [unit]; −∞ where one was 0."""
        first = 0 if self.starts or self.tokens == 1 else 1
        mean = (self._logs[-1] - self._logs[first]) / (self.tokens - first)
        return mean if self._zeros is None else np.where(self._zeros[-1] > self._zeros[first], -np.inf, mean)

    def older(self, ago: int) -> np.ndarray:
        """Σ |due to s| over the tokens read at least `ago` steps before each token, the start's too, [pos, unit]."""
        mass = self.mass[self._order]
        if not ago:
            return self.mass
        older = np.zeros_like(mass)
        if ago < self.tokens:
            older[ago:] = self._windows(ago)[1:] * mass[: self.tokens - ago]
        if self.starts:
            for step in range(min(ago, self.tokens)):
                older[step] = np.abs(self._factor(1, step + 1) * self._start)
        return older[self._order]

    def _windows(self, length: int) -> np.ndarray:
        """The product of the sizes of each `length` gates in a row, [steps − length + 1, unit]; by doubling, which is
        quicker than to take exp of all the logarithms."""
        size, wide, product, done = np.abs(self._keep), 1, None, 0
        count = self.tokens - length + 1
        while True:
            if length & wide:
                part = size[done : done + count]
                product = part if product is None else product * part
                done += wide
            if done == length:
                assert product is not None
                return np.asarray(product)
            size = size[:-wide] * size[wide:]
            wide *= 2

    def left(self, source: int, units: slice = slice(None)) -> np.ndarray:
        """The product of the sizes of the gates from `source` to every token, [pos, unit], of some units or all; NaN
        where the source is not read yet."""
        first, logs = self.step(source), self._logs[:, units]
        left = np.full((self.tokens, logs.shape[1]), np.nan)
        left[first:] = np.exp(logs[first + 1 :] - logs[first + 1])
        if self._zeros is not None:
            zeros = self._zeros[:, units]
            left[first:][zeros[first + 1 :] != zeros[first + 1]] = 0
        return left[self._order]


def _summed(values: np.ndarray) -> np.ndarray:
    """Sums of the first n rows, n = 0 … all: [n + 1, unit]."""
    counted = values.astype(np.int64) if values.dtype == bool else values
    return np.concatenate([np.zeros_like(counted[:1]), np.cumsum(counted, axis=0)])
