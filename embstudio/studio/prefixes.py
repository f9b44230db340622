"""What a model says after each token, where it judges the whole text at once: it is run on each beginning of the text.

Asked for a slice at a time and only while somebody wants it, so that nothing else has to wait long for the worker. No
numpy here until something is there: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal
from embstudio.session.messages import Failed, Opened, Prefixes, PrefixRequest, Reply, Request, TraceRequest

if TYPE_CHECKING:
    import numpy as np

    from embstudio.trace.trace import Trace

# Beginnings that are run of one text. Their cost grows with the square of its length; a text of this length takes a
# model of MiniLM's size a minute or two.
MOST = 1000
MOST_BYTES = 128 * 2**20  # of scores: of a large vocabulary fewer beginnings are run
_LOGITS = "logits"


class PrefixRuns:
    """The runs on the beginnings of one model's text. `changed` is emitted with each slice that comes.

    needed:  whether the model judges the whole text at once, so that there is anything to be run.
    scores:  [total, class or vocab], after each token, NaN where they are not there yet; None before the first.
    done:    beginnings that were run. total: those that are to be.
    problem: why they cannot be run.
    """

    def __init__(self, submit: Callable[[Request, str], object], cancel: Callable[[str], object], key: int = 0) -> None:
        self.changed: Signal[[]] = Signal()
        self.needed = False
        self.scores: np.ndarray | None = None
        self.done, self.total = 0, 0
        self.problem: StudioError | None = None
        self._submit, self._cancel, self._key = submit, cancel, key
        self._lane = f"companion:{key}:prefixes" if key else "prefixes"
        self._ran: TraceRequest | None = None
        self._trace: Trace | None = None
        self._opened: Opened | None = None
        self._serial = 0
        self._underway = False
        self._wanted = False
        self._tokens = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return not self.needed or self.problem is not None or self.done >= self.total

    @property
    def note(self) -> str:
        """What has to be said of a text that is too long for all of them."""
        if self.needed and self.total < self._tokens:
            return f"Only the first {self.total:,} beginnings of this text are run."
        return ""

    def scores_at(self, token: int) -> np.ndarray | None:
        """[class or vocab], after one token; None where they are not there (yet)."""
        return self.scores[token] if self.scores is not None and 0 <= token < self.done else None

    @property
    def probabilities(self) -> np.ndarray | None:
        """Of the scores, read as the trace's are, [pos, class or vocab] in float64, NaN where they are not there yet;
        None before the first, and where nothing has to be run."""
        if self.scores is None:
            return None
        import numpy as np

        from embstudio.stepper.class_readout import class_readout
        from embstudio.stepper.prediction import probabilities_of

        found = np.full((self._tokens, self.scores.shape[1]), np.nan)
        readout = class_readout(self._trace) if self._trace is not None else None
        found[: self.done] = (readout.of if readout is not None else probabilities_of)(self.scores[: self.done])
        return found

    def begin(self, trace: Trace, ran: TraceRequest | None, opened: Opened | None) -> None:
        """Another text or model: forget what is known. The same text with more points changes nothing."""
        self._trace = trace
        if ran is not None and ran is self._ran:
            return
        self.leave()
        self._ran, self._opened, self._trace = ran, opened, trace
        scores = trace.arrays.get(_LOGITS)
        self.needed = (
            scores is not None and scores.axes in (("class",), ("vocab",)) and len(trace) > 0
            and ran is not None and ran.feeds is None
        )  # fmt: skip
        most = max(1, min(MOST, MOST_BYTES // (4 * scores.shape[0]))) if self.needed and scores is not None else 0
        self.total = min(len(trace), most)
        self._tokens = len(trace)

    def want(self) -> None:
        """Run what is still lacking, unless that is underway."""
        self._wanted = True
        if self._underway or self.finished or self._ran is None or self._opened is None:
            return
        self._underway = True
        self._serial += 1
        places = tuple(range(self.done, self.total))
        self._submit(PrefixRequest(self._opened.model, self._ran, places, self._key, self._serial), self._lane)

    def pause(self) -> None:
        """Let something else go first."""
        if self._underway:
            self._underway = False
            self._cancel(self._lane)

    def resume(self) -> None:
        """Go on after a pause, if somebody wanted it."""
        if self._wanted:
            self.want()

    def stop(self) -> None:
        """Give up what is underway until it is wanted again."""
        self.pause()
        self._wanted = False

    def leave(self) -> None:
        """Forget the text."""
        self.stop()
        self._ran = self._opened = self._trace = self.scores = self.problem = None
        self.needed, self.done, self.total = False, 0, 0

    def take(self, reply: Reply) -> None:
        """Take an answer to what was asked last; others are passed over."""
        match reply:
            case Prefixes() if self._underway and reply.serial == self._serial:
                self._keep(reply)
            case Failed(request=PrefixRequest() as asked) if self._underway and asked.serial == self._serial:
                self.problem = reply.error
            case _:
                return
        self._underway = False
        self.resume()
        self.changed.emit()

    def _keep(self, reply: Prefixes) -> None:
        import numpy as np

        if self.scores is None:
            self.scores = np.full((self.total, reply.scores.shape[1]), np.nan, np.float32)
        self.scores[list(reply.places)] = reply.scores
        self.done = max(reply.places, default=self.total) + 1
