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

    @property
    def reached(self) -> np.ndarray | None:
        """‖∂v_T/∂x_t‖ of its tokens, log10; None where it could not be had, or is of other tokens (a decoder's)."""
        return self._of_tokens(self.answer.reached)

    @property
    def saliency(self) -> np.ndarray | None:
        """∂y/∂x_t of its tokens; None as above."""
        return self._of_tokens(self.answer.saliency)

    def _of_tokens(self, array: np.ndarray | None) -> np.ndarray | None:
        return array if array is not None and len(array) == len(self.tokens) else None

    def cells(self, prefix: str = "") -> tuple[CellGradients, ...]:
        """Its states, or those of one layer ("lstm.0"), or of one of its directions ("lstm.0.forward")."""
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
    def parts(self) -> tuple[str, ...]:
        """What there is to choose from of them: layers that read both ways ("lstm.0"), and each direction."""
        layers: dict[str, list[str]] = {}
        for prefix in self.prefixes:
            layers.setdefault(prefix.rpartition(".")[0], []).append(prefix)
        return tuple(
            part
            for layer, ways in layers.items()
            for part in (*((layer,) if len(ways) > 1 < len(layers) else ()), *ways)
        )

    def part_at(self, layer: int, like: str) -> str:
        """The part in another layer that is like one of this: that reads the same way; the same where there is none."""
        kind, _layer, *way = like.split(".")
        wanted = ".".join((kind, str(layer), *way))
        return wanted if wanted in self.parts else like

    @property
    def first(self) -> int:
        """The token that is read first by what is looked at: the last, where all layers read backwards."""
        return self.count - 1 if self.prefixes and all(".reverse" in each for each in self.prefixes) else 0
