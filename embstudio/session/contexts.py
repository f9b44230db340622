"""The vectors of one word in several sentences, layer by layer: each sentence is traced, and only these are kept.

Which of a word's vectors in context are near each other, and how far any two tokens are apart at all, is measured as
in Ethayarajh 2019 ("How contextual are contextualized word representations?"); the sums for it are kept too.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from embstudio.anatomy.anatomy import Anatomy
from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.session.messages import Contexts, ContextsRequest, SentenceContexts, TraceRequest
from embstudio.session.stop import Stop
from embstudio.trace.by_token import by_token
from embstudio.trace.occurrences import occurrence_at, spans_of
from embstudio.trace.points import parse
from embstudio.trace.trace import Trace
from embstudio.trace.word_stages import (
    WordStage,
    all_vectors,
    of_occurrences,
    static_point,
    wanted_points,
    word_stages,
)

UNEVEN = (
    "The model takes several tokens together before its layers, and those of this sentence do not come out even. Add a "
    "letter or take one away."
)
_SAME = 1e-2  # of a vector's length; coarse arithmetic (int8) differs by less from run to run
SLICE_SECONDS = 0.25  # after which what is done is handed over; other requests then have their turn


def answer(
    request: ContextsRequest,
    anatomy: Anatomy,
    trace_of: Callable[[TraceRequest, Stop], Trace],
    table: Callable[[], np.ndarray] | None,
    stop: Stop,
) -> Contexts:
    """As many of the sentences as there is time for, at least one.

    trace_of: runs one input. table: the rows of the embedding table, where there is one.
    Raises UnsupportedModelError for a model without layers, what `trace_of` raises besides InputError, or Cancelled.
    """
    points = wanted_points(anatomy.point_names)
    if not any(parse(name).layer is not None for name in points):
        raise no_layers(str(request.model.path), anatomy)
    until = time.perf_counter() + SLICE_SECONDS
    stages: tuple[WordStage, ...] = ()
    done: list[SentenceContexts] = []
    for text in request.sentences:
        stop.check()
        try:
            trace = by_token(trace_of(TraceRequest(request.model, text=text, points=points), stop))
        except InputError as error:
            done.append(SentenceContexts(text, problem=f"{error.what} {error.advice}".strip()))
        else:
            if trace.omitted:
                done.append(SentenceContexts(text, problem="It is so long that its layers do not fit into memory."))
                continue
            if any(parse(name).direction and name not in trace for name in points):
                done.append(SentenceContexts(text, problem=UNEVEN))
                continue
            stages = word_stages(trace)
            if not stages:
                raise no_layers(str(request.model.path), anatomy)
            done.append(_read(request.word, text, trace, stages, table))
        if time.perf_counter() > until:
            break
    recurrent = any(parse(name).direction is not None for name in points)
    ahead = _looks_ahead(request, points, trace_of, done, stop) if request.order else None
    return Contexts(request.model, request.serial, stages, recurrent, tuple(done), ahead)


def _looks_ahead(
    request: ContextsRequest,
    points: tuple[str, ...],
    trace_of: Callable[[TraceRequest, Stop], Trace],
    done: list[SentenceContexts],
    stop: Stop,
) -> bool | None:
    """Whether a word's last vector is another where the sentence ends with the word: a run tells, whatever the model
    is made of. None where no sentence goes on after the word, or where its beginning cannot be run."""
    for each in done:
        text = each.text
        if not each.occurrences or not text[each.occurrences[0].span[1] :].strip(" .!?"):
            continue
        first = each.occurrences[0]
        beginning = text[: first.span[1]]
        try:
            trace = by_token(trace_of(TraceRequest(request.model, text=beginning, points=points), stop))
        except InputError:
            continue
        found = occurrence_at(first.span, beginning, trace.tokens)
        if found is None or (found.places, found.ids) != (first.places, first.ids):
            continue
        x = of_occurrences(all_vectors(trace, word_stages(trace)[-1], range(len(trace.tokens))), [found])
        y = each.vectors[-1][:1].astype(np.float64)
        return bool(np.linalg.norm(x - y) > _SAME * np.linalg.norm(y))
    return None


def no_layers(model: str, anatomy: Anatomy) -> UnsupportedModelError:
    """Why a model says nothing of a word in its sentence: it is a table, or its layers are of an unknown kind."""
    if anatomy.kind == "embedding table":
        return UnsupportedModelError(
            "In this model a word has one vector whatever its sentence: it is a table, without layers.", where=model,
            advice="Open a transformer or a recurrent model, such as the bundled masked-word.",
        )  # fmt: skip
    return UnsupportedModelError(
        "No layers that read the sentence were recognised in this model.", where=model,
        advice="A transformer's residual stream or the states of recurrent layers are needed; of an encoder-decoder, "
        "the encoder.",
    )  # fmt: skip


def _read(
    word: str,
    text: str,
    trace: Trace,
    stages: tuple[WordStage, ...],
    table: Callable[[], np.ndarray] | None,
) -> SentenceContexts:
    """What is kept of a trace."""
    spans = spans_of(word, text)
    found = [occurrence_at(span, text, trace.tokens) for span in spans]
    occurrences = [each for each in found if each is not None]
    places = range(len(trace.tokens))
    own = [place for place in places if not trace.tokens[place].special]
    vectors, sums, units = [], [], []
    for stage in stages:
        x = all_vectors(trace, stage, places)
        vectors.append(of_occurrences(x, occurrences).astype(np.float32))
        sums.append(x[own].sum(axis=0))
        units.append(_directions(x[own]))
    static = _static(trace, table)
    return SentenceContexts(
        text,
        tuple(occurrences),
        len(spans) - len(occurrences),
        tuple(vectors),
        of_occurrences(static, occurrences).astype(np.float32) if static is not None else None,
        tuple(sums),
        tuple(units),
        static[own].sum(axis=0) if static is not None else None,
        len(own),
        trace.notes,
    )


def _directions(x: np.ndarray) -> tuple[np.ndarray, int]:
    """Σ x / ‖x‖ of vectors [n, width], and of how many: one of zeros has none."""
    lengths = np.linalg.norm(x, axis=1)
    told = lengths > 0
    return np.asarray((x[told] / lengths[told, None]).sum(axis=0)), int(told.sum())


def _static(trace: Trace, table: Callable[[], np.ndarray] | None) -> np.ndarray | None:
    """The tokens' rows of the embedding table, [pos, width] in float64: as the model looked them up, where that can be
    read."""
    name = static_point(trace)
    if name:
        return trace[name].values.astype(np.float64)
    if table is None:
        return None
    rows = table()
    ids = np.array([token.id for token in trace.tokens])
    inside = (ids >= 0) & (ids < len(rows))
    return np.asarray(np.where(inside[:, None], rows[np.where(inside, ids, 0)], 0), np.float64)
