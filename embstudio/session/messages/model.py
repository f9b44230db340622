"""Opening a model: which one, and what is known of it then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from embstudio.anatomy.anatomy import Anatomy
from embstudio.session.execution.fallback import Fallback
from embstudio.session.execution.installed import Device
from embstudio.session.execution.placement import Placement
from embstudio.session.messages.pooling import Pooling


@dataclass(frozen=True)
class ModelRef:
    """A model as the worker knows it. provider "" lets the worker choose; tokenizer None: look beside the file."""

    path: Path
    tokenizer: Path | None = None
    provider: str = ""


@dataclass(frozen=True)
class OpenRequest:
    """Open a model. Answered by `Opened`.

    key: whom it is for: 0 the model whose trace is shown, another number one of those beside it.
    """

    model: ModelRef
    key: int = 0


@dataclass(frozen=True)
class TokenizerInfo:
    """What is known of the tokenizer beside a model.

    vocabulary: readable text of each id. notes: what was changed (truncation switched off).
    mask: the id of what stands for a word to be guessed; None where there is no such token.
    """

    path: Path
    kind: str  # "BPE", "WordPiece", "WordLevel", "Unigram", "SentencePiece" or "bytes"
    vocabulary: tuple[str, ...]
    notes: tuple[str, ...] = ()
    mask: int | None = None


@dataclass(frozen=True)
class Finding:
    """One identity that was checked on the open model itself, wherever it applies.

    law: "q·k = raw scores". places: how often it was checked. worst: the largest difference, and `where` it was.
    """

    law: str
    places: int
    worst: float
    where: str
    holds: bool


@dataclass(frozen=True)
class Opened:
    """A model that is ready to run.

    provider: the one that runs it, as onnxruntime says.
    verified: largest difference of the instrumented model from the plain one on a probe; None: nothing was rewritten.
    findings: what the model's own numbers were checked for at opening.
    repairs:  what was rewritten to look inside, as sentences.
    pooling:  how its sentence vectors are made; None where it makes none. pooling_steps: the same in words, in order.
    second:   what a second text would be to it: "decoder", "second sentence", or "" where it takes one only.
    key:      that of the request.
    placement: which provider runs how much of it; None where onnxruntime does not tell. fallback: why it does not run
              on the one that was asked for; None where it does. devices: the providers that there are here.
    """

    model: ModelRef
    anatomy: Anatomy
    tokenizer: TokenizerInfo | None
    provider: str
    milliseconds: float
    verified: float | None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    repairs: tuple[str, ...] = ()
    pooling: Pooling | None = None
    pooling_steps: tuple[str, ...] = ()
    second: str = ""
    key: int = 0
    placement: Placement | None = None
    fallback: Fallback | None = None
    devices: tuple[Device, ...] = ()
