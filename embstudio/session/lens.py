"""What vectors of the residual stream stand for: the words near them, and what the output head makes of them.

The second is the logit lens (nostalgebraist, "interpreting GPT: the logit lens", 2020): the model's own end, final
norm included, is given the stream of an earlier layer as if it were the last one's. It is offered only after it gave
the model's own scores for the last layer's stream.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import onnx

from embstudio.anatomy.anatomy import Anatomy, PointSource
from embstudio.base.errors import InputError, StudioError, UnsupportedModelError
from embstudio.formulas.attention import softmax
from embstudio.formulas.sampling import as_scores
from embstudio.modelfile.graph import Graph
from embstudio.session.canonical import Canonical
from embstudio.session.engine import Engine
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.messages import Lens, LensRequest
from embstudio.session.readout import Readout
from embstudio.session.stop import Stop
from embstudio.space.neighbours import NeighbourFinder
from embstudio.space.projection import Pca
from embstudio.space.vector_set import VectorSet
from embstudio.trace.points import parse

TOLERANCE = 1e-4  # of scores, for the last layer's stream; half precision may differ by its own rounding
_PROBES = (6, 16, 64, 128)  # tokens on which the lens is tried
_TOGETHER = 16  # vectors read out before asking whether anybody still waits


@dataclass(frozen=True)
class Lexicon:
    """The words of the embedding table, how they are searched, and their picture; each made when first asked for."""

    table: Callable[[], VectorSet]
    finder: Callable[[], NeighbourFinder]
    picture: Callable[[], Pca]


@dataclass(frozen=True)
class _Ready:
    """The model's end as it was checked: which stack's stream it reads, and its largest difference from the model."""

    stack: str
    readout: Readout
    worst: float


@dataclass(frozen=True)
class _Read:
    """What the head makes of vectors: the best words, and the words asked for with their ranks; [n, …] each."""

    ids: np.ndarray
    probabilities: np.ndarray
    words: tuple[int, ...]
    ranks: np.ndarray
    followed: np.ndarray
    worst: float | None = None

    @classmethod
    def none(cls, n: int) -> _Read:
        return cls(np.zeros((n, 0), np.int64), np.zeros((n, 0)), (), np.zeros((n, 0), np.int64), np.zeros((n, 0)))

    @classmethod
    def of(cls, scores: np.ndarray, words: Sequence[int], count: int) -> _Read:
        scores = as_scores(scores)
        known = tuple(id_ for id_ in words if 0 <= id_ < scores.shape[1])
        p = softmax(scores.astype(np.float64))
        best = np.stack([_best(row, count) for row in scores])
        ranks = np.stack([_ranks(row, known) for row in scores])
        return cls(best, np.take_along_axis(p, best, axis=1), known, ranks, p[:, list(known)])

    @classmethod
    def joined(cls, parts: Sequence[_Read]) -> _Read:
        return cls(
            np.concatenate([part.ids for part in parts]),
            np.concatenate([part.probabilities for part in parts]),
            parts[0].words,
            np.concatenate([part.ranks for part in parts]),
            np.concatenate([part.followed for part in parts]),
        )


@dataclass(frozen=True)
class _Near:
    """The nearest rows with their cosines [n, count], and where the vectors lie in the words' picture."""

    rows: np.ndarray
    cosines: np.ndarray
    path: np.ndarray | None = None
    evened: np.ndarray | None = None
    in_plane: np.ndarray | None = None


class LayerLens:
    """Answers `LensRequest`s about one open model."""

    def __init__(
        self, model: onnx.ModelProto, graph: Graph, anatomy: Anatomy, engine: Engine, feeder: Feeder, lexicon: Lexicon
    ) -> None:
        self._model, self._graph, self._anatomy, self._engine = model, graph, anatomy, engine
        self._feeder = feeder
        self._lexicon = lexicon
        self._length: float | None = None  # of the table's rows, once it was asked for
        self._tried: _Ready | StudioError | None = None

    def answer(self, request: LensRequest, stop: Stop) -> Lens:
        """Raises InputError for vectors that are none, or Cancelled. What is not available is told in the notes."""
        vectors = np.asarray(request.vectors)
        if vectors.ndim != 2 or not len(vectors) or not np.issubdtype(vectors.dtype, np.floating):
            raise InputError("A lens looks at vectors: numbers [n, width].", where=str(vectors.shape))
        stop.check()
        read, why_not = self._read_out(request, vectors, stop)
        stop.check()
        near, no_words = self._near(vectors, request.count)
        return Lens(
            request.model, request.key, read.ids, read.probabilities, read.words, read.ranks, read.followed, near.rows,
            near.cosines, near.path, near.evened, near.in_plane, read.worst,
            tuple(note for note in (why_not, no_words) if note),
        )  # fmt: skip

    # The output head ---------------------------------------------------------------------------------------------

    def _read_out(self, request: LensRequest, vectors: np.ndarray, stop: Stop) -> tuple[_Read, str]:
        n = len(vectors)
        try:
            ready = self._ready()
        except StudioError as error:
            return _Read.none(n), f"{error.what} {_sentence(error.where)}"
        if ready.stack != request.stack:
            return _Read.none(n), "The output head reads the decoder, so there is no logit lens on the encoder."
        parts = []
        for start in range(0, n, _TOGETHER):
            scores = ready.readout(vectors[start : start + _TOGETHER], stop)
            stop.check()
            parts.append(_Read.of(scores, request.words, request.count))
        return replace(_Read.joined(parts), worst=ready.worst), ""

    def _ready(self) -> _Ready:
        """The model's end, opened and checked once. Raises StudioError where there is no logit lens."""
        if self._tried is None:
            try:
                self._tried = self._open_readout()
            except StudioError as error:
                self._tried = error
        if isinstance(self._tried, StudioError):
            raise self._tried
        return self._tried

    def _open_readout(self) -> _Ready:
        head, points = self._anatomy.head, {point.name: point for point in self._engine.points}
        if head is None or head.kind != "next word" or "logits" not in points:
            raise _no_lens("it does not end in scores for the words of its vocabulary")
        streams = [point for name, point in points.items() if name.endswith(".resid_post") and not _encoder(name)]
        if not streams:
            raise _no_lens("the stream that leaves its last block was not found")
        stream, logits = max(streams, key=lambda point: parse(point.name).layer or 0), points["logits"]
        last = max((block.layer for block in self._anatomy.blocks if block.stack != "encoder"), default=-1)
        if parse(stream.name).layer != last:
            raise _no_lens("the stream that leaves its last block was not found")
        readout = Readout(self._model, self._graph, stream, logits, self._engine.open, self._feeds)
        worst, limit = self._check(readout, stream, logits)
        if not worst <= limit:
            raise _no_lens(f"given the last layer's stream, its end differs from the model's own scores by {worst:.2g}")
        return _Ready(parse(stream.name).stack or "", readout, worst)

    def _check(self, readout: Readout, stream: PointSource, logits: PointSource) -> tuple[float, float]:
        """How far the cut-out end is from the model on the model's own stream, and how far it may be."""
        x, y = self._tried_out([stream.tensor, logits.tensor])
        sizes = {"d_model": x.shape[-1]}
        vectors = Canonical(stream, sizes)(x).values
        scores = np.atleast_2d(Canonical(logits, {})(y).values).astype(np.float64)
        rounding = 4 * float(np.finfo(y.dtype).eps) * float(np.max(np.abs(scores), initial=0.0))
        return readout.matches(vectors[-len(scores) :], scores), max(TOLERANCE, rounding)

    def _tried_out(self, tensors: list[str]) -> list[np.ndarray]:
        """Tensors of a trial run, of the first length that the model takes. Raises StudioError if it takes none."""
        for length in _PROBES[:-1]:
            with suppress(StudioError):
                return self._engine.run(self._feeds(length), tensors, Stop())
        return self._engine.run(self._feeds(_PROBES[-1]), tensors, Stop())

    def _feeds(self, length: int) -> dict[str, np.ndarray]:
        rows = self._anatomy.embeddings[0].rows if self._anatomy.embeddings else None
        return self._feeder.trial(length, rows).feeds

    # The embedding table -----------------------------------------------------------------------------------------

    def _near(self, vectors: np.ndarray, count: int) -> tuple[_Near, str]:
        """What lies near the vectors, and why nothing does."""
        nothing = _Near(np.zeros((len(vectors), 0), np.int64), np.zeros((len(vectors), 0)))
        try:
            table = self._lexicon.table()
        except StudioError as error:
            return nothing, error.what
        if table.width != vectors.shape[1]:
            return nothing, (
                f"The stream is {vectors.shape[1]} wide and the embedding table {table.width}: words and layers "
                "cannot be compared in this model."
            )
        x = vectors.astype(np.float64)
        rows, distances = self._lexicon.finder().of_vectors(x, count)
        picture = self._lexicon.picture()
        lengths = np.linalg.norm(x, axis=1, keepdims=True)
        even = x * (self._typical(table) / np.where(lengths > 0, lengths, 1))
        path, evened = ((vectors - picture.mean) @ picture.axes.T for vectors in (x, even))
        shares = [_share_in_plane(points, full - picture.mean) for points, full in ((path, x), (evened, even))]
        return _Near(rows, 1 - distances, path, evened, np.stack(shares, axis=1)), ""

    def _typical(self, table: VectorSet) -> float:
        """The mean length of the table's rows."""
        if self._length is None:
            self._length = float(np.mean(np.sqrt(np.einsum("ij,ij->i", table.vectors, table.vectors))))
        return self._length


def _share_in_plane(points: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """‖point‖² / ‖vector‖² of each; 0 where there is nothing."""
    whole = np.sum(vectors * vectors, axis=1)
    return np.asarray(np.sum(points * points, axis=1) / np.where(whole > 0, whole, 1))


def _encoder(name: str) -> bool:
    return parse(name).stack == "encoder"


def _best(scores: np.ndarray, count: int) -> np.ndarray:
    """The ids with the highest scores [vocab], best first, the lower id first of equals."""
    count = min(count, scores.size)
    least = np.partition(scores, -count)[-count]
    candidates = np.flatnonzero(~(scores < least))
    return np.asarray(candidates[np.argsort(-scores[candidates], kind="stable")][:count])


def _ranks(scores: np.ndarray, words: Sequence[int]) -> np.ndarray:
    """The rank of each of some words among scores [vocab]: 1 for the best."""
    return np.array(
        [1 + int((scores > scores[id_]).sum() + (scores[:id_] == scores[id_]).sum()) for id_ in words], np.int64
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _no_lens(reason: str) -> UnsupportedModelError:
    return UnsupportedModelError("There is no logit lens for this model.", where=reason)
