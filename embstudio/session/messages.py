"""What the window asks of the worker and what comes back: frozen, self-contained, picklable.

A request holds everything it needs (the model's file among it), so that it can be repeated as it is in a new
worker when one has died. No onnx, onnxruntime or numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from embstudio.anatomy.anatomy import Anatomy
from embstudio.base.errors import StudioError
from embstudio.session.execution.fallback import Fallback
from embstudio.session.execution.installed import Device
from embstudio.session.execution.parity import Parity, ParityRequest
from embstudio.session.execution.placement import Placement
from embstudio.session.replacement import Replacement

if TYPE_CHECKING:  # the window is painted, and the worker started, before numpy is loaded
    import numpy as np

    from embstudio.formulas.cell_weights import CellWeights
    from embstudio.space.vector_set import VectorSet
    from embstudio.trace.occurrences import Occurrence
    from embstudio.trace.pattern_overview import PatternOverview
    from embstudio.trace.trace import Trace
    from embstudio.trace.word_stages import WordStage


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
class Pooling:
    """How the tokens' vectors become one. mode: of `formulas.pooling.MODES`; several with "+" between."""

    mode: str = "mean"
    normalise: bool = False


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
class VectorsRequest:
    """The model's own word vectors with their two-dimensional PCA picture. Answered by `Vectors`."""

    model: ModelRef


@dataclass(frozen=True)
class TableRequest:
    """All vectors of the model's embedding table. Answered by `Table`."""

    model: ModelRef


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
class NeighboursRequest:
    """The nearest rows of the embedding table for each of the given ids. Answered by `Neighbours`.

    key: to tell answers apart; 0: of the sentence's tokens.
    """

    model: ModelRef
    ids: tuple[int, ...]
    count: int = 12
    metric: str = "cosine"
    key: int = 0


@dataclass(frozen=True)
class LensRequest:
    """What vectors of the residual stream stand for: words near them, and what the head says to them. Answered by
    `Lens`.

    vectors: [n, d_model], the stream of one token at n places. words: ids whose rank is wanted at each. count: how
    many words of each sort. stack: whose stream it is, "", "encoder" or "decoder". key: to tell answers apart.
    """

    model: ModelRef
    vectors: np.ndarray
    words: tuple[int, ...] = ()
    count: int = 8
    stack: str = ""
    key: int = 0


@dataclass(frozen=True)
class GradientRequest:
    """How much what a model makes of one token hangs on each token before it. Answered by `Gradients`.

    input:  whose points do not count. token: T, the place among the trace's tokens that is looked back from.
    output: which score of the output head (a class, or an id of the vocabulary) the saliency is of; None: the highest
            at that token. key: to tell answers apart.
    """

    model: ModelRef
    input: TraceRequest
    token: int
    output: int | None = None
    key: int = 0


@dataclass(frozen=True)
class PrefixRequest:
    """What the output head says to the beginnings of a text, each run by itself: of a model that gives scores for the
    whole text, or for its last token, only. Answered by `Prefixes`, with as many of the places as could be run in a
    fraction of a second, at least one; the rest is to be asked for again.

    input:  whose points do not count. places: tokens of its trace; the text is run up to and with each.
    key:    whom it is for, as in `OpenRequest`. serial: to tell answers apart.
    """

    model: ModelRef
    input: TraceRequest
    places: tuple[int, ...]
    key: int = 0
    serial: int = 0


@dataclass(frozen=True)
class CellsRequest:
    """The weights of the model's recurrent layers. Answered by `Cells`."""

    model: ModelRef


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


Request = (
    OpenRequest
    | TraceRequest
    | OverviewRequest
    | VectorsRequest
    | TableRequest
    | EmbedRequest
    | NeighboursRequest
    | LensRequest
    | GradientRequest
    | PrefixRequest
    | CellsRequest
    | ContextsRequest
    | ParityRequest
)


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
class Overview:
    """done: the patterns that need not be asked for again. patterns: those of them that there are, by name."""

    model: ModelRef
    key: int
    done: tuple[str, ...]
    patterns: Mapping[str, PatternOverview]


@dataclass(frozen=True)
class Vectors:
    """All rows of the embedding table by name, and where PCA puts them.

    words: rows; picture: [rows, 2] float32; explained: share of the variance each of the two axes carries.
    """

    model: ModelRef
    words: tuple[str, ...]
    width: int
    picture: np.ndarray
    explained: tuple[float, float]


@dataclass(frozen=True)
class Table:
    """The embedding table itself; it can be large."""

    model: ModelRef
    table: VectorSet


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


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows for each id asked for, the id itself left out.

    rows, distances: [ids, count], nearest first.
    """

    model: ModelRef
    ids: tuple[int, ...]
    metric: str
    rows: np.ndarray
    distances: np.ndarray
    key: int = 0


@dataclass(frozen=True)
class Lens:
    """What each of n vectors stands for. What the model does not have is empty, and `notes` say why.

    ids, probabilities: [n, count], the words that the output head puts first, best first.
    words:              those asked for that the model has.
    ranks, followed:    [n, words], the rank (1 is best) and probability of each of them.
    rows, cosines:      [n, count], the nearest rows of the embedding table, nearest first.
    path:               [n, 2], where the vectors lie in the picture of `Vectors`; None where they do not fit in.
    evened:             [n, 2], the same for the vectors brought to the mean length of the table's rows.
    in_plane:           [n, 2], the share of each vector's squared distance from the words' mean that lies in the plane
                        of the picture: as it is, and evened.
    worst:              largest difference of the head's scores from the model's own, when it was tried; None: no head.
    """

    model: ModelRef
    key: int
    ids: np.ndarray
    probabilities: np.ndarray
    words: tuple[int, ...]
    ranks: np.ndarray
    followed: np.ndarray
    rows: np.ndarray
    cosines: np.ndarray
    path: np.ndarray | None
    evened: np.ndarray | None
    in_plane: np.ndarray | None
    worst: float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellGradients:
    """How a state of one direction of a recurrent layer hangs on its earlier self, exactly and in float64.

    state:   the point, `lstm.0.forward.c`, that is differentiated by itself.
    norms:   [pos], log10 ‖∂state_T / ∂state_t‖ in the Frobenius norm; NaN where t is read after T.
    largest: [pos], log10 of the largest singular value of the same.
    steps:   [pos], the largest singular value of ∂state_t / ∂state_t₋₁; NaN at the token that is read first.
    """

    state: str
    norms: np.ndarray
    largest: np.ndarray
    steps: np.ndarray


@dataclass(frozen=True)
class Gradients:
    """token: T. What could not be had is None or empty, and `notes` say why.

    cells:    of each recurrent layer and direction: h, and for an LSTM the memory c.
    reached:  [pos], log10 ‖∂v_T / ∂x_t‖ in the Frobenius norm, x the tokens' vectors from the embedding table and v
              what `of` names: the state of the last layer, or the residual stream after the last block; −∞ where v
              does not hang on x at all.
    output:   the class or vocabulary entry whose score y the saliency is of; −1 for none. score: y itself.
    saliency: [pos, d_model], ∂y / ∂x_t. times_input: [pos], the same times x_t, summed.
    milliseconds: of the calculation, the run left out.
    """

    model: ModelRef
    key: int
    token: int
    cells: tuple[CellGradients, ...] = ()
    of: str = ""
    reached: np.ndarray | None = None
    output: int = -1
    score: float = 0.0
    saliency: np.ndarray | None = None
    times_input: np.ndarray | None = None
    milliseconds: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prefixes:
    """scores [n, class or vocab]: the output head's, after each of `places`, the first n of those asked for."""

    model: ModelRef
    key: int
    serial: int
    places: tuple[int, ...]
    scores: np.ndarray


@dataclass(frozen=True)
class Cells:
    """cells: of each direction of each recurrent layer, by the beginning of its points' names, `lstm.0.forward`. notes:
    why those of some layers cannot be told, as sentences."""

    model: ModelRef
    cells: Mapping[str, CellWeights]
    notes: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class Failed:
    """The request could not be met. The error says why in plain words."""

    request: Request
    error: StudioError = field(default_factory=lambda: StudioError("Something failed."))


Reply = (
    Opened
    | Traced
    | Overview
    | Vectors
    | Table
    | Embedded
    | Neighbours
    | Lens
    | Gradients
    | Prefixes
    | Cells
    | Contexts
    | Parity
    | Failed
)
