"""Vectors of texts by one open model: the same as the point `pooled` of a trace of each, but many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import onnx

from embstudio.anatomy.anatomy import Anatomy
from embstudio.base.errors import InputError, StudioError, UnsupportedModelError
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.session import budget
from embstudio.session.engine import Engine
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.slots import Side
from embstudio.session.messages import Embedded, EmbedRequest, ModelRef, Pooling, TraceRequest
from embstudio.session.pooling import POINT, Pooler
from embstudio.session.prompts import Prompts
from embstudio.session.stop import Stop
from embstudio.session.text_vectors.one_output import OneOutput
from embstudio.session.text_vectors.probes import Probe, probes
from embstudio.session.text_vectors.rows import Row, batches, row_of
from embstudio.session.text_vectors.stacked import NotStackable, length_of, stacked
from embstudio.session.text_vectors.way import Way, find_way
from embstudio.trace.trace import Trace

BUDGET = TraceRequest.budget_bytes
_SET_ASIDE = 4  # rows of a table of positions that may stand for no place


@dataclass(frozen=True)
class Parts:
    """What an embedder needs of an open model. trace: runs one input."""

    model: ModelRef
    proto: onnx.ModelProto
    anatomy: Anatomy
    engine: Engine
    feeder: Feeder
    pooler: Pooler
    tokenizer: Tokenizer | None
    prompts: Prompts
    trace: Callable[[TraceRequest, Stop], Trace]


class TextsEmbedder:
    """`answer(request)`, pooled in one way. steps: how the tokens' vectors become one, in words.

    Raises UnsupportedModelError for a model that makes no vector of a text, InputError for a way of pooling that cannot
    be met, or for a model without a tokenizer.
    """

    def __init__(self, parts: Parts, pooling: Pooling | None) -> None:
        self._parts, self._pooling = parts, pooling
        self._tensor = self._source()
        if parts.tokenizer is None:
            raise InputError(
                "This model has no tokenizer, so it cannot read texts.", where=str(parts.model.path),
                advice="Put its tokenizer.json into the folder of the model.",
            )  # fmt: skip
        self._tokenizer = parts.tokenizer
        self.steps = self._said()
        self._turned = False  # whether the tokens' vectors come as [pos, texts, d_model]

    @property
    def _limit(self) -> int | None:
        """Tokens of a text beyond which it is cut, as the model's maker does or because the model takes no more."""
        makers = self._parts.pooler.max_tokens if self._pooling is None else None
        places, _ = self._parts.prompts.limit(self._parts.feeder.own, BUDGET)
        return min((each for each in (places, makers) if each is not None), default=None)

    def answer(self, request: EmbedRequest, stop: Stop) -> Embedded:
        """The vectors of a request's texts, without the digest. Raises StudioError, or Cancelled."""
        texts, parts = request.texts, self._parts
        width = self._width  # before the rows: in that run it may turn out that the model takes some lengths only
        limit = self._limit
        rows = [row_of(self._tokenizer, text, limit) for text in texts]
        if (
            limit is not None
            and limit == parts.anatomy.max_positions
            and (not rows or any(row.tokens > limit - _SET_ASIDE for row in rows))
        ):
            limit = self._taken
            rows = [row_of(self._tokenizer, text, limit) for text in texts]
        self._check(rows)
        vectors = np.full((len(rows), width), np.nan, np.float32)
        if len(rows) == 1:  # not worth trying out how more than one would be run
            runs: Iterable[tuple[int, ...]] = [(0,)] if len(rows[0]) else []
            way = Way.TRACED
        else:
            way = self._way
            most = 1 if way in (Way.ALONE, Way.TRACED) else request.batch
            longest = budget.longest(parts.anatomy, BUDGET)
            runs = batches(rows, most, longest, same_length=way is Way.SAME_LENGTH)
        for places in runs:
            stop.check()
            if way is Way.TRACED:
                vectors[places[0]] = self._traced(self._request_of(rows[places[0]], texts[places[0]]), stop)
            else:
                vectors[list(places)] = self._run([rows[place] for place in places], stop)
        return Embedded(
            request.model, request.key, vectors, np.array([row.tokens for row in rows], np.int32), limit,
            self.steps, "" if len(rows) == 1 else str(way), parts.engine.provider, notes=parts.pooler.notes,
        )  # fmt: skip

    @cached_property
    def _taken(self) -> int:
        """The most tokens that the model runs: some tables of positions have rows that stand for none (RoBERTa's)."""
        places = self._parts.anatomy.max_positions or 1
        # Several ids, each repeated: that of padding is one which takes no place.
        several = tuple(dict.fromkeys(self._probes[-1].row.ids))[:3]
        for count in range(places, max(places - _SET_ASIDE, 1), -1):
            with suppress(StudioError):
                for id_ in several:
                    self._traced(TraceRequest(self._parts.model, ids=(id_,) * count), Stop())
                return count
        return max(places - _SET_ASIDE, 1)

    # Ways ------------------------------------------------------------------------------------------------------

    @cached_property
    def _probes(self) -> tuple[Probe, ...]:
        tables = self._parts.anatomy.embeddings
        ids = min(self._tokenizer.size, tables[0].rows) if tables else self._tokenizer.size
        return probes(self._tokenizer, self._limit, ids)

    @cached_property
    def _width(self) -> int:
        return len(self._traced(self._request_of(self._probes[0].row, self._probes[0].text), Stop()))

    @cached_property
    def _way(self) -> Way:
        """How texts are run together, tried out once. Raises StudioError."""
        feeder = self._parts.feeder
        if feeder.ids(Side.SOURCE) is None or feeder.ids(Side.TARGET) is not None:
            return Way.TRACED
        *rows, other = (probe.row for probe in self._probes)
        expected = np.stack([self._traced(self._request_of(probe.row, probe.text), Stop()) for probe in self._probes])
        way = Way.TRACED
        for self._turned in (False, True):
            way = find_way(lambda rows: self._run(rows, Stop()), rows, [other], expected)
            if way is not Way.TRACED:
                break
        return way

    def _run(self, rows: Sequence[Row], stop: Stop) -> np.ndarray:
        """Vectors [rows, width] in one run. Raises StudioError, NotStackable, or Cancelled."""
        length = length_of(self._parts.feeder, rows)
        values = self._session.run(stacked(self._parts.feeder, rows, length), stop)
        if values.ndim == 2 and len(values) == len(rows):
            return values.astype(np.float32)
        if self._turned and values.ndim == 3:
            values = values.swapaxes(0, 1)
        if values.ndim != 3 or values.shape[:2] != (len(rows), length):
            raise NotStackable(self._tensor)
        pooler, places = self._parts.pooler, np.arange(length)
        return np.stack([
            pooler.pooled(vectors, places < len(row), self._pooling).values
            for vectors, row in zip(values, rows, strict=True)
        ])  # fmt: skip

    @cached_property
    def _session(self) -> OneOutput:
        parts = self._parts
        return OneOutput(parts.engine, parts.proto, self._tensor, str(parts.model.path))

    def _request_of(self, row: Row, text: str | None) -> TraceRequest:
        """What a trace of a text would ask for."""
        if text is None or row.tokens > len(row):
            return TraceRequest(self._parts.model, ids=row.ids)
        return TraceRequest(self._parts.model, text=text)

    def _traced(self, request: TraceRequest, stop: Stop) -> np.ndarray:
        trace = self._parts.trace(replace(request, points=(POINT,), pooling=self._pooling), stop)
        return np.asarray(trace[POINT].values, np.float32)

    # What there is -----------------------------------------------------------------------------------------------

    def _source(self) -> str:
        """The output that vectors are made of. Raises StudioError."""
        parts = self._parts
        found = parts.pooler.source(self._pooling)
        own = next((point.tensor for point in parts.engine.points if point.name == POINT), "")
        if found or own:
            return found or own
        tokens = parts.pooler.tensor
        raise UnsupportedModelError(
            "This model makes no vector of a whole text" + (": nothing says how its tokens' are put together."
                                                            if tokens else "."),
            where=str(parts.model.path),
            advice="Say how with --pooling mean (or cls, max, lasttoken)." if tokens else
            "Give one that does: the bundled model sentences, or one that `embstudio add minilm` makes.",
        )  # fmt: skip

    def _said(self) -> tuple[str, ...]:
        if self._pooling is not None:
            return self._parts.pooler.words_of(self._pooling)
        return self._parts.pooler.steps or (f"the model's own output {self._tensor}",)

    def _check(self, rows: Sequence[Row]) -> None:
        anatomy = self._parts.anatomy
        size = anatomy.embeddings[0].rows if anatomy.embeddings else None
        outside = [id_ for row in rows for id_ in row.ids if size is not None and not 0 <= id_ < size]
        if outside:
            raise InputError(
                f"There is no token {outside[0]}: the model has {size}, numbered from 0.",
                where=str(self._parts.model.path),
                advice="The tokenizer may belong to another model; put the model's own into its folder.",
            )  # fmt: skip
