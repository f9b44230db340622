"""A model that is open, and what there is to tell the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.modelfile.catalogue import ModelSource
from embstudio.modelfile.model_config import ModelConfig
from embstudio.session.messages import Opened
from embstudio.stepper.cursor import Bounds

if TYPE_CHECKING:
    from embstudio.trace.trace import Trace


class Severity(Enum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Notice:
    """Something to tell the person. action: what one click can do about it, and `do` does it; "" for nothing."""

    severity: Severity
    text: str
    advice: str = ""
    detail: str = ""
    action: str = ""
    do: Callable[[], object] | None = None

    @classmethod
    def of(cls, error: StudioError) -> Notice:
        place = f" ({error.where})" if error.where else ""
        return cls(Severity.ERROR, error.what + place, error.advice, error.detail)

    def then(self, later: Notice) -> Notice:
        """Both in one, as serious as the more serious of them."""
        worse = max((self.severity, later.severity), key=list(Severity).index)
        text = "\n".join(part for part in (self.text, self.advice, later.text) if part)
        detail = "\n".join(part for part in (self.detail, later.detail) if part)
        acting = later if later.action else self
        return Notice(worse, text, later.advice, detail, acting.action, acting.do)


@dataclass(frozen=True)
class Document:
    """A model that is open, with what the worker said of it."""

    source: ModelSource
    opened: Opened

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Readable text of each token id; empty without a tokenizer."""
        return self.opened.tokenizer.vocabulary if self.opened.tokenizer else ()

    def word(self, id_: int) -> str:
        """Readable text of a token id, or its number where there is no text for it."""
        return self.vocabulary[id_] if 0 <= id_ < len(self.vocabulary) else f"#{id_}"

    def bounds(self, trace: Trace) -> Bounds:
        """How far the cursor can go in this model and a trace of it."""
        anatomy = self.opened.anatomy
        patterns = [trace[name] for name in trace.points("pattern")]
        units = [layer.units for layer in anatomy.recurrent]
        widths = [trace[name].size("d_model") for name in trace.arrays if "d_model" in trace[name].axes]
        return Bounds(
            token=len(trace),
            layer=max((block.layer + 1 for block in anatomy.blocks), default=len(anatomy.recurrent)),
            head=max((pattern.size("head") for pattern in patterns), default=0),
            unit=max(units, default=max(widths, default=0)),
        )

    @cached_property
    def spaced(self) -> bool:
        """Whether the vocabulary writes the space before a word into the word."""
        return any(word.startswith(" ") for word in self.vocabulary)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes: the card's, or those of the config.json beside the model if they are as many as the
        classes; numbered where nobody named them."""
        card = self.source.card
        if card and card.labels:
            return card.labels
        head = self.opened.anatomy.head
        width = head.width if head and head.width and head.kind.startswith("classes") else 0
        named = ModelConfig.beside(self.source.path).labels if width else ()
        if len(named) == width:
            return named
        if head is not None and width == 1:  # no class among others
            return ("score" if head.readout is None else "probability",)
        return tuple(f"class {n}" for n in range(width))
