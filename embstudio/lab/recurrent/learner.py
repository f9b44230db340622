"""One cell in training: its network, its optimiser, how it has fared, and when it is stopped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lab.recurrent.course import Course, Past
from embstudio.lab.recurrent.network import Learnt, Network
from embstudio.lab.recurrent.optimiser import Optimiser, clip
from embstudio.lab.recurrent.settings import ADAM, Settings
from embstudio.lab.recurrent.tasks import Examples

RUNAWAY = 2.0  # times the loss of a guess among the answers
WATCHED = 20  # batches of an epoch, over whose mean that is asked
ARRAYS = 4  # that a learner's state has


@dataclass(frozen=True)
class Flow:
    """What comes back of a gradient, by distance from the end: place k is the state k steps before the last one.

    h: mean of ‖∂L/∂h‖ over examples, [T]; c: of an LSTM's memory. L: each example's own loss.
    """

    h: np.ndarray
    c: np.ndarray | None

    @classmethod
    def of(cls, learnt: Learnt, chosen: slice = slice(None)) -> Flow:
        """chosen: of which examples."""
        examples = learnt.dh.shape[1]

        def norms(gradient: np.ndarray) -> np.ndarray:
            # Of the batch's mean loss an example's own is a share. In float64, where squares of small numbers stay.
            own = np.linalg.norm(gradient[::-1, chosen].astype(np.float64), axis=2) * examples
            return np.asarray(own.mean(axis=1))

        return cls(norms(learnt.dh), None if learnt.dc is None else norms(learnt.dc))


class Learner:
    """kind: RNN, GRU or LSTM. first: the network before training. good: theta when the epoch before this one began."""

    def __init__(self, kind: str, words: int, answers: int, settings: Settings, chance: np.random.Generator) -> None:
        self.kind = kind
        self.network = Network(kind, words, answers, settings.units)
        self.network.begin(chance, settings.scale, settings.forget)
        self.optimiser = Optimiser(self.network.theta.size)
        self.course = Course()
        self.first = self.network.copy()
        self.good = self._began = self.network.theta.copy()
        self._nothing = float(np.log(answers))
        self._recent: list[float] = []

    @property
    def stopped(self) -> bool:
        return bool(self.course.stopped)

    @property
    def largest(self) -> float:
        """The largest singular value of the part of R that makes the candidate: how far one step can stretch h."""
        units, at = self.network.units, self.network.cell.candidate
        return float(np.linalg.norm(self.network.parts["R"][at * units : (at + 1) * units].astype(np.float64), 2))

    def learn(self, examples: Examples, settings: Settings, at: float) -> Learnt | None:
        """Take one step; None where that ruined the cell, which then stands where it was an epoch ago or more: what
        ruined it is seen only in the losses that follow.

        at: in epochs.
        """
        network = self.network
        with np.errstate(all="ignore"):  # it is looked at below
            learnt = network.learn(examples)
            norm, clipped = clip(learnt.gradient, settings.clipping)
            if np.isfinite(norm):
                step = self.optimiser.adam if settings.optimiser == ADAM else self.optimiser.sgd
                step(network.theta, learnt.gradient, settings.rate)
        why = self._what_is_wrong(learnt.guessed.loss, norm)
        if why:
            network.theta[...] = self.good
            self.course.stopped, self.course.stopped_at = why, at
            return None
        self.course.learnt(learnt.guessed.loss, learnt.guessed.right, norm, len(examples), clipped=clipped)
        return learnt

    def _what_is_wrong(self, loss: float, norm: float) -> str:
        self._recent = [*self._recent, loss][-WATCHED:]
        mean = float(np.mean(self._recent))
        if not (np.isfinite(loss) and np.isfinite(norm) and np.isfinite(self.network.theta).all()):
            what = "gradient" if np.isfinite(loss) else "loss"
            return f"its {what} grew beyond all numbers"
        if len(self._recent) == WATCHED and mean > RUNAWAY * self._nothing:
            return f"its loss rose to {mean:.3g}, while a blind guess has {self._nothing:.3g}"
        return ""

    def begin_epoch(self) -> None:
        """Another epoch begins; the losses of the last one are no longer asked about."""
        self._recent = []
        self.good, self._began = self._began, self.network.theta.copy()

    def arrays(self) -> tuple[np.ndarray, ...]:
        """Copies of all numbers that training goes on from."""
        optimiser = self.optimiser
        return tuple(array.copy() for array in (self.network.theta, optimiser.m, optimiser.v, self.good))

    def restore(self, arrays: tuple[np.ndarray, ...], past: Past) -> None:
        """Go back."""
        theta, m, v, good = arrays
        self.network.theta[...] = theta
        self.optimiser.m, self.optimiser.v, self.optimiser.steps = m.copy(), v.copy(), past.steps
        self.good, self._began, self._recent = good.copy(), theta.copy(), []
        self.course.take(past)
