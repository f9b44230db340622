"""One word in several sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio.session.messages.model import ModelRef

if TYPE_CHECKING:  # the window is painted, and the worker started, before numpy is loaded
    import numpy as np

    from embstudio.trace.occurrences import Occurrence
    from embstudio.trace.word_stages import WordStage


@dataclass(frozen=True)
class ContextsRequest:
    """The vectors of one word wherever it stands in some sentences, layer by layer. Answered by `Contexts`, with as
    many of the sentences as could be run in a fraction of a second, at least one; the rest is to be asked for again.

    order: whether to find out, with one more run, if the model looks ahead of a word. serial: to tell answers apart.
    """

    model: ModelRef
    word: str
    sentences: tuple[str, ...]
    order: bool = False
    serial: int = 0


@dataclass(frozen=True)
class SentenceContexts:
    """One sentence as the model read it: the vectors of a word wherever it stands in it.

    occurrences: those whose tokens were run. lost: how many there are of which the model read no token.
    vectors:  for each stage of `Contexts`, [occurrences, width] float32, the mean of each occurrence's tokens.
    static:   [occurrences, width], the same of the rows of the embedding table; None where no table was recognised.
    sums:     for each stage, Σ x over all tokens of the sentence, special ones left out: [width] float64.
    units:    for each stage, Σ x / ‖x‖ over them, and of how many that could be told.
    static_sum: Σ x of their rows of the table. tokens: how many they are.
    notes:    what a person must know of this sentence: that it was cut, or padded.
    problem:  why it could not be run; "" if it was.
    """

    text: str
    occurrences: tuple[Occurrence, ...] = ()
    lost: int = 0
    vectors: tuple[np.ndarray, ...] = ()
    static: np.ndarray | None = None
    sums: tuple[np.ndarray, ...] = ()
    units: tuple[tuple[np.ndarray, int], ...] = ()
    static_sum: np.ndarray | None = None
    tokens: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Contexts:
    """The first of the sentences asked for, in their order, and what their vectors are read from.

    stages: those after the embedding table, first to last. recurrent: whether they are states of recurrent layers.
    looks_ahead: whether what stands after a word changes its vectors; None: not asked for, or no sentence tells.
    """

    model: ModelRef
    serial: int
    stages: tuple[WordStage, ...]
    recurrent: bool
    sentences: tuple[SentenceContexts, ...]
    looks_ahead: bool | None = None
