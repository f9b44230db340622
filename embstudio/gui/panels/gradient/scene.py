"""What the Gradient panel shows: how what one token comes to hangs on the others, of one model or of several."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embstudio.gui.plots.token_label import token_labels
from embstudio.session.messages import CellGradients, Gradients
from embstudio.studio import Document
from embstudio.trace.token import Token
from embstudio.trace.trace import Trace

_SHORT = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM", "transformer": "transformer"}


@dataclass(frozen=True)
class Strand:
    """One model's answer. tokens: those that it was given. places, reach: the open model's columns of each, as curves
    have them."""

    document: Document
    tokens: tuple[Token, ...]
    answer: Gradients
    places: np.ndarray
    reach: np.ndarray | None = None

    @property
    def last(self) -> int:
        """T among its own tokens."""
        return self.answer.token

    @property
    def short(self) -> str:
        """The sort of model in a word: LSTM."""
        kind = self.document.opened.anatomy.kind
        return _SHORT.get(kind, self.document.source.title)

    def cells(self, prefix: str = "") -> tuple[CellGradients, ...]:
        """Its states, or those of one layer and direction ("lstm.0.forward")."""
        return tuple(cell for cell in self.answer.cells if not prefix or cell.state.startswith(prefix + "."))


@dataclass(frozen=True)
class Scene:
    """strands: the open model's first, then those of the others that read the same text. trace: the open model's."""

    trace: Trace
    strands: tuple[Strand, ...]

    @classmethod
    def of(cls, document: Document, trace: Trace, answer: Gradients, others: tuple[Strand, ...] = ()) -> Scene:
        own = Strand(document, trace.tokens, answer, np.arange(len(trace), dtype=np.float64))
        return cls(trace, (own, *others))

    def shows(self, other: Scene) -> bool:
        """Whether another scene is the same."""
        mine, theirs = ([strand.answer for strand in scene.strands] for scene in (self, other))
        alike = len(mine) == len(theirs) and all(one is two for one, two in zip(mine, theirs, strict=True))
        return alike and self.trace is other.trace

    @property
    def own(self) -> Strand:
        return self.strands[0]

    @property
    def last(self) -> int:
        """T: the token that is looked back from."""
        return self.own.last

    @property
    def count(self) -> int:
        return len(self.trace)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The open model's tokens as an axis writes them."""
        return token_labels(self.trace.tokens, len(self.trace))

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The open model's recurrent layers and directions: "lstm.0.forward"."""
        return tuple(dict.fromkeys(cell.state.rpartition(".")[0] for cell in self.own.answer.cells))

    @property
    def first(self) -> int:
        """The token that is read first by what is looked at: the last, where all layers read backwards."""
        return self.count - 1 if self.prefixes and all(".reverse" in each for each in self.prefixes) else 0
