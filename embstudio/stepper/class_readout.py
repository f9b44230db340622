"""One rule for what the scores of a classes head mean; every view reads them by it.

What the graph itself does with its scores at the end comes first, then what the numbers show, then what the person
chose, and softmax where nothing else is known. A head of one score alone never takes a softmax, which would make 100 %
of any number (binary classifiers of Keras end like that).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.formulas.attention import softmax
from embstudio.formulas.sampling import as_scores, each_by_itself
from embstudio.trace.readout import Readout
from embstudio.trace.trace import Trace

LOGITS = "logits"


@dataclass(frozen=True)
class ClassReadout:
    """way: ONE_OF or EACH. given: the values are probabilities already. open: the numbers do not tell the way.
    bare: one score of which nobody says that it is a probability: it is shown as it is, σ(score) beside it."""

    way: Readout
    given: bool = False
    open: bool = False
    bare: bool = False

    @property
    def apart(self) -> bool:
        """Whether each class is judged by itself, so that none wins over another."""
        return self.way is Readout.EACH

    @property
    def formula(self) -> str:
        """In the symbols of the literature, of a score x."""
        if self.given:
            return "p = x"
        return "p = σ(x)" if self.apart else "p = softmax(x)"

    def of(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities [..., class] in float64 of scores [..., class]: softmax(x) over the classes, or
        σ(x) = 1 / (1 + e⁻ˣ) of each, or x itself. Rows that are not there yet (NaN) stay NaN."""
        wide = np.asarray(scores, np.float64)
        if self.apart:
            return wide if self.given else each_by_itself(wide)
        unknown = np.isnan(wide).any(axis=-1, keepdims=True)
        known = np.where(unknown, 1 / wide.shape[-1], wide)  # a row that is one of probabilities too
        return np.where(unknown, np.nan, softmax(as_scores(known) if self.given else known))


def class_readout(trace: Trace) -> ClassReadout | None:
    """How the classes of a trace are to be read; None for a model without classes."""
    if LOGITS not in trace or "class" not in trace[LOGITS].axes:
        return None
    scores = np.atleast_2d(trace[LOGITS].values)
    within = bool(scores.size) and float(scores.min()) >= 0 and float(scores.max()) <= 1
    if trace.readout is Readout.GIVEN and within:
        return ClassReadout(Readout.EACH, given=True)
    if scores.shape[-1] == 1:
        return ClassReadout(Readout.EACH, bare=trace.readout is not Readout.EACH)
    if within and as_scores(scores) is not scores:
        return ClassReadout(Readout.ONE_OF, given=True)
    if trace.readout in (Readout.ONE_OF, Readout.EACH):
        return ClassReadout(trace.readout, open=True)
    return ClassReadout(Readout.ONE_OF, open=True)
