"""Running a model on an input: a trace, an overview of what it has no room for, and weights of its cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio.session.messages.model import ModelRef
from embstudio.session.messages.pooling import Pooling
from embstudio.session.replacement import Replacement

if TYPE_CHECKING:  # the window is painted, and the worker started, before numpy is loaded
    import numpy as np

    from embstudio.formulas.cell_weights import CellWeights
    from embstudio.trace.pattern_overview import PatternOverview
    from embstudio.trace.trace import Trace


@dataclass(frozen=True)
class TraceRequest:
    """Run one input and capture points. Answered by `Traced`.

    The input is feeds (the graph's own inputs by name) if given, else ids, else text.
    second:  what goes with the text: the other sentence of a pair, or what the decoder of an encoder-decoder has
             written so far. second_ids: the same as token ids.
    points:  globs of point names; empty captures all that fit `budget_bytes`. without: globs of those to leave out.
    cached:  how many leading tokens are run first, so that the rest finds their keys and values in the cache.
    start:   the first token of the window that is run, where a text is longer than the model can take.
    layer:   the layer to keep where attention of all layers does not fit.
    ahead_bytes: how large the trace may grow with what belongs to other layers than `layer`, the residual stream
             apart; None: as large as `budget_bytes` allows.
    pooling: None pools as the files beside the model say.
    key:     whom it is for, as in `OpenRequest`.
    replacements: gates and states of recurrent layers to be replaced while it runs, one after the other.
    """

    model: ModelRef
    text: str | None = None
    ids: tuple[int, ...] | None = None
    feeds: Mapping[str, np.ndarray] | None = None
    second: str | None = None
    second_ids: tuple[int, ...] | None = None
    points: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    budget_bytes: int = 512 * 2**20
    cached: int = 0
    start: int = 0
    layer: int = 0
    pooling: Pooling | None = None
    ahead_bytes: int | None = None
    key: int = 0
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True)
class Traced:
    """A finished trace of `text` (None where ids or feeds were given).

    request: what was asked for, so that more of the same input can be asked for later.
    """

    model: ModelRef
    text: str | None
    trace: Trace
    request: TraceRequest | None = None


@dataclass(frozen=True)
class OverviewRequest:
    """Run one input, and make an overview of as many of its patterns as fit into the budget at once, in the order
    given. Answered by `Overview`; the rest is to be asked for again.

    input: whose points do not count. points: names of patterns. side: the most rows and columns of a picture.
    key: to tell answers apart.
    """

    model: ModelRef
    input: TraceRequest
    points: tuple[str, ...]
    side: int = 128
    key: int = 0


@dataclass(frozen=True)
class Overview:
    """done: the patterns that need not be asked for again. patterns: those of them that there are, by name."""

    model: ModelRef
    key: int
    done: tuple[str, ...]
    patterns: Mapping[str, PatternOverview]


@dataclass(frozen=True)
class CellsRequest:
    """The weights of the model's recurrent layers. Answered by `Cells`."""

    model: ModelRef


@dataclass(frozen=True)
class Cells:
    """cells: of each direction of each recurrent layer, by the beginning of its points' names, `lstm.0.forward`. notes:
    why those of some layers cannot be told, as sentences."""

    model: ModelRef
    cells: Mapping[str, CellWeights]
    notes: tuple[str, ...] = ()
