"""One model, opened: runs inputs, returns traces, knows its own word vectors. Works in whatever process it is in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from embstudio.anatomy.anatomy import Anatomy
from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.modelfile.mask_token import mask_id
from embstudio.modelfile.model_file import ModelFile
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.modelfile.tokenizing.search import find_and_open
from embstudio.session import budget
from embstudio.session.budget import fixed_sizes
from embstudio.session.canonical import Canonical
from embstudio.session.inputs import check_feeds, make_feeds
from embstudio.session.lens import LayerLens, Lexicon
from embstudio.session.messages import (
    Lens,
    LensRequest,
    ModelRef,
    Neighbours,
    Opened,
    TokenizerInfo,
    TraceRequest,
    Vectors,
)
from embstudio.session.opening import open_model
from embstudio.session.stop import Stop
from embstudio.space.neighbours import SUPPORTED, NeighbourFinder
from embstudio.space.projection import Pca, pca
from embstudio.space.vector_set import VectorSet
from embstudio.trace.axes import NamedArray
from embstudio.trace.points import select
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace
from embstudio.trace.window import Window, cut

_LEAST_USED = 0.9  # share of an embedding table's rows that its own tokenizer has entries for

_ASKED_TOGETHER = 256  # rows whose neighbours are looked for before asking whether anybody still waits


@dataclass(frozen=True)
class _Input:
    """One input on its way into the model."""

    text: str
    tokens: tuple[Token, ...]
    feeds: dict[str, np.ndarray]
    notes: tuple[str, ...] = ()
    window: Window | None = None


class Runner:
    """`Runner.open(ModelRef(path))`, then `opened`, `trace`, `vectors`, `neighbours`. Each raises StudioError."""

    def __init__(self, file: ModelFile, tokenizer: Tokenizer | None, model: ModelRef) -> None:
        started = time.perf_counter()
        self._model = model
        self._tokenizer = tokenizer
        opening = open_model(file, model.provider)
        self._graph, self._anatomy, self._engine = opening.graph, opening.anatomy, opening.engine
        self._finders: dict[str, NeighbourFinder] = {}
        lexicon = Lexicon(lambda: self._table, partial(self._finder, "cosine"), lambda: self._picture)
        self._lens = LayerLens(opening.model, opening.graph, opening.anatomy, opening.engine, lexicon)
        points = self._engine.points
        self._weights = budget.Weights(self._anatomy, points)
        self._canonical = {point.name: Canonical(point, fixed_sizes(self._anatomy, point.name)) for point in points}
        self.opened = Opened(
            model=model,
            anatomy=self._anatomy,
            tokenizer=_info(tokenizer),
            provider=self._engine.provider,
            milliseconds=1000 * (time.perf_counter() - started),
            verified=opening.verified,
            notes=(*_doubts(tokenizer, self._anatomy), *opening.notes),
            findings=opening.findings,
            repairs=opening.repairs,
        )

    @classmethod
    def open(cls, model: ModelRef) -> Runner:
        """Open a model and the tokenizer that is given or lies beside it. Raises StudioError."""
        return cls(ModelFile(model.path), find_and_open(model.path, model.tokenizer), model)

    def trace(self, request: TraceRequest, stop: Stop | None = None) -> Trace:
        """Run one input and capture the points asked for. Raises StudioError, or Cancelled once `stop` is set."""
        stop = stop or Stop()
        given = self._input(request)
        wanted = set(select([point.name for point in self._engine.points], request.points))
        sources = [point for point in self._engine.points if point.name in wanted]
        sources, left_out = self._weights.fit(
            sources, lambda _point, _axis: len(given.tokens), request.budget_bytes, request.layer
        )
        if wanted and not sources:
            raise InputError(
                "What was asked for is larger than a trace may be.", detail=left_out[0],
                advice="Ask for fewer points, or give a shorter text.",
            )  # fmt: skip
        tensors = list(dict.fromkeys(point.tensor for point in sources)) or list(self._engine.outputs)
        started = time.perf_counter()
        values = dict(zip(tensors, self._engine.run(given.feeds, tensors, stop), strict=True))
        milliseconds = 1000 * (time.perf_counter() - started)
        stop.check()
        arrays = {point.name: self._array(values[point.tensor], point.name) for point in sources}
        return Trace(
            model=str(request.model.path),
            text=given.text,
            tokens=given.tokens,
            arrays=arrays,
            provenance=dict.fromkeys(arrays, Provenance.OBSERVED),
            provider=self._engine.provider,
            milliseconds=milliseconds,
            notes=(*given.notes, *left_out),
            window=given.window,
        )

    def vectors(self) -> Vectors:
        """The embedding table's rows by name, and their picture. Raises UnsupportedModelError without a table."""
        table, picture = self._table, self._picture
        first, second = map(float, picture.explained)
        return Vectors(self._model, table.words, table.width, picture.points, (first, second))

    def neighbours(
        self, ids: Sequence[int], count: int = 12, metric: str = "cosine", stop: Stop | None = None
    ) -> Neighbours:
        """The nearest rows for each id. Raises InputError for an id or a metric that there is not, or Cancelled."""
        stop = stop or Stop()
        if metric not in SUPPORTED:
            raise InputError("There is no such metric.", where=metric, advice=f"Use one of {', '.join(SUPPORTED)}.")
        table = self._table
        self._check_ids(ids, len(table))
        finder, found = self._finder(metric), []
        for start in range(0, max(len(ids), 1), _ASKED_TOGETHER):
            stop.check()
            found.append(finder.of_rows(ids[start : start + _ASKED_TOGETHER], count))
        rows, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return Neighbours(self._model, tuple(ids), metric, rows, distances)

    def lens(self, request: LensRequest, stop: Stop | None = None) -> Lens:
        """What vectors of the residual stream stand for. Raises InputError for what is no such thing, or Cancelled."""
        return self._lens.answer(request, stop or Stop())

    def _finder(self, metric: str) -> NeighbourFinder:
        if metric not in self._finders:
            self._finders[metric] = NeighbourFinder(self._table.vectors, metric)
        return self._finders[metric]

    @cached_property
    def _picture(self) -> Pca:
        return pca(self._table.vectors)

    @cached_property
    def _table(self) -> VectorSet:
        if not self._anatomy.embeddings:
            raise UnsupportedModelError(
                "This model has no embedding table that embstudio recognises.", where=str(self._model.path),
                advice="Its other points can still be shown.",
            )  # fmt: skip
        table = self._anatomy.embeddings[0]
        vectors = self._graph.weights[table.initializer].values.astype(np.float32)
        names = self._tokenizer.words() if self._tokenizer else ()
        words = (*names, *(f"#{row}" for row in range(len(names), len(vectors))))[: len(vectors)]
        return VectorSet(words, vectors)

    def _input(self, request: TraceRequest) -> _Input:
        """What a request feeds, as tokens and as the graph's inputs. Raises InputError."""
        if request.feeds is not None:
            feeds = check_feeds(self._anatomy, request.feeds)
            made = [name for name in feeds if name not in request.feeds]
            notes = (f"Not given, so made up as for a plain sentence: {', '.join(made)}.",) if made else ()
            return _Input(request.text or "", self._tokens_of_feeds(feeds), feeds, notes)
        tokens = self._name(request.ids) if request.ids is not None else self._tokenize(request.text or "")
        limit, why = self._limit(request.budget_bytes)
        whole = len(tokens)
        tokens, window = cut(tokens, limit or whole, request.start)
        notes = (f"{len(tokens)} of {whole} tokens were run, from token {window.start}: {why}",) if window else ()
        ids = [token.id for token in tokens]
        if self._anatomy.embeddings:
            self._check_ids(ids, self._anatomy.embeddings[0].rows)
        return _Input(request.text or "", tokens, make_feeds(self._anatomy, ids), notes, window)

    def _tokenize(self, text: str) -> tuple[Token, ...]:
        if self._tokenizer is None:
            raise InputError(
                "This model has no tokenizer, so it takes token ids.", where=str(self._model.path),
                advice="Give ids, or open it again with its tokenizer.json.",
            )  # fmt: skip
        if not text.strip():
            raise InputError("There is no text to run.", advice="Type a sentence.")
        tokens = self._tokenizer.encode(text)
        if not tokens:
            raise InputError(
                "The model's tokenizer finds nothing in this text that it knows.", where=text[:60],
                advice="Type words of the language the model was trained on.",
            )  # fmt: skip
        return tokens

    def _name(self, ids: Sequence[int]) -> tuple[Token, ...]:
        if not ids:
            raise InputError("There are no token ids to run.", advice="Give at least one, for example 1,2,3.")
        if self._tokenizer is not None:
            return self._tokenizer.tokens(ids)
        return tuple(Token(text=f"#{id_}", piece=f"#{id_}", id=id_) for id_ in ids)

    def _tokens_of_feeds(self, feeds: dict[str, np.ndarray]) -> tuple[Token, ...]:
        """The tokens that feeds hold. Raises InputError for more than one sequence: a trace has no batch."""
        name = self._anatomy.ids_input
        if name is None:
            return ()
        ids = feeds[name]
        if ids.ndim > 1 and ids.shape[0] != 1:
            raise InputError(
                "A trace is of one sequence.", where=f"{name}: {list(ids.shape)}", advice="Give a batch of one.",
            )  # fmt: skip
        return self._name([int(id_) for id_ in ids.reshape(-1)])

    def _limit(self, budget_bytes: int) -> tuple[int | None, str]:
        """The most tokens that can be run, and why no more."""
        positions = self._anatomy.max_positions
        memory = budget.longest(self._anatomy, budget_bytes)
        if positions is not None and (memory is None or positions <= memory):
            return positions, "the model has no more positions."
        return memory, "attention to more would not fit into the memory a trace may take."

    def _check_ids(self, ids: Sequence[int], rows: int) -> None:
        outside = [id_ for id_ in ids if not 0 <= id_ < rows]
        if outside:
            raise InputError(
                f"There is no token {outside[0]}: the model has {rows}, numbered from 0.",
                where=str(self._model.path),
                advice="The tokenizer may belong to another model; open the model again with its own.",
            )  # fmt: skip

    def _array(self, value: np.ndarray, point: str) -> NamedArray:
        try:
            return self._canonical[point](value)
        except ValueError as error:
            raise UnsupportedModelError(
                "A value of this model does not have the shape that was expected.", where=point, detail=str(error),
                advice="Leave this point out, and please report the model.",
            ) from error  # fmt: skip


def _doubts(tokenizer: Tokenizer | None, anatomy: Anatomy) -> list[str]:
    """Why the tokenizer may be another model's, as sentences. Its size says so where it does not fit the table: too
    many entries never belong, while many tables have some rows more than entries, for alignment."""
    if tokenizer is None or not anatomy.embeddings:
        return []
    rows = anatomy.embeddings[0].rows
    if tokenizer.size > rows or tokenizer.size < _LEAST_USED * rows:
        return [
            f"The tokenizer has {tokenizer.size:,} entries and the model's table {rows:,} rows: it may belong to "
            f"another model. It is {tokenizer.path}."
        ]
    return []


def _info(tokenizer: Tokenizer | None) -> TokenizerInfo | None:
    if tokenizer is None:
        return None
    words = tuple(tokenizer.words())
    return TokenizerInfo(tokenizer.path, tokenizer.kind, words, tokenizer.notes, mask_id(tokenizer))
