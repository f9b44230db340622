"""One vector for each of many texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio.session.messages.model import ModelRef
from embstudio.session.messages.pooling import Pooling

if TYPE_CHECKING:  # the window is painted, and the worker started, before numpy is loaded
    import numpy as np


@dataclass(frozen=True)
class EmbedRequest:
    """One vector for each of some texts. Answered by `Embedded`.

    batch: how many are run at once, as far as that leaves the vectors as they are. pooling: as in `TraceRequest`.
    digest: whether the digest of the model's files is wanted, for which they are read. key: to tell answers apart.
    """

    model: ModelRef
    texts: tuple[str, ...]
    batch: int = 32
    pooling: Pooling | None = None
    digest: bool = False
    key: int = 0


@dataclass(frozen=True)
class Embedded:
    """vectors [texts, width] float32: the point `pooled` of each text, NaN where the tokenizer finds nothing in one.

    tokens: [texts], how many each has, what was cut off included. limit: where longer ones are cut; None: nowhere.
    steps:  how a vector is made, in words, in order. way: how texts are run together, in words; "" for one text alone.
    provider: the one that ran them. digest: of the model's files, "" unless asked for. notes: what a person must know.
    """

    model: ModelRef
    key: int
    vectors: np.ndarray
    tokens: np.ndarray
    limit: int | None
    steps: tuple[str, ...]
    way: str
    provider: str
    digest: str = ""
    notes: tuple[str, ...] = ()
