"""One model, opened: runs inputs, returns traces, knows its own word vectors. Works in whatever process it is in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TypeVar

import numpy as np

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.base.one_thread import one_thread
from embstudio.formulas.cell_weights import CellWeights
from embstudio.modelfile.model_config import ModelConfig
from embstudio.modelfile.model_file import ModelFile
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.modelfile.tokenizing.search import find_and_open
from embstudio.session import budget, contexts, prefixes
from embstudio.session.budget import BYTES, fixed_sizes
from embstudio.session.byte_reading import byte_reader
from embstudio.session.cache_run import handed_over, no_cache, read_into_cache
from embstudio.session.canonical import Canonical
from embstudio.session.differentiate.differentiator import Differentiator
from embstudio.session.execution.devices import installed_devices
from embstudio.session.execution.fallback import Fallback
from embstudio.session.execution.wheels import installed_wheels, say_clash
from embstudio.session.family import next_steps
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.feeder import Fed
from embstudio.session.gradients import gates_of, gradients_of_cells
from embstudio.session.input_gradients import InputGradients
from embstudio.session.known_models import KnownModels
from embstudio.session.length_search import find_lengths
from embstudio.session.lens import LayerLens, Lexicon
from embstudio.session.messages import (
    Cells,
    Contexts,
    ContextsRequest,
    Embedded,
    EmbedRequest,
    GradientRequest,
    Gradients,
    Lens,
    LensRequest,
    ModelRef,
    Neighbours,
    Opened,
    Overview,
    OverviewRequest,
    Pooling,
    Prefixes,
    PrefixRequest,
    TraceRequest,
    Vectors,
)
from embstudio.session.opening import open_model
from embstudio.session.own_table import OwnTable
from embstudio.session.padding import padding_notes, seen_padding
from embstudio.session.pooling import POINT, Pooler
from embstudio.session.prompts import Prompt, Prompts
from embstudio.session.recurrent.changes import Change, changes_of
from embstudio.session.recurrent_weights import LayerWeights
from embstudio.session.replacement import Replacement, say_replacements
from embstudio.session.stop import Stop
from embstudio.session.text_vectors.digest import digest_of
from embstudio.session.text_vectors.texts_embedder import Parts, TextsEmbedder
from embstudio.session.tokenizer_info import doubts_of, info_of
from embstudio.space.vector_set import VectorSet
from embstudio.trace.axes import TOKEN_AXES, NamedArray
from embstudio.trace.pattern_overview import overviews
from embstudio.trace.points import select
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

_Answer = TypeVar("_Answer")


class Runner:
    """`Runner.open(ModelRef(path))`, then `opened`, `trace`, `vectors`, `neighbours`. Each raises StudioError."""

    def __init__(
        self,
        file: ModelFile,
        tokenizer: Tokenizer | None,
        model: ModelRef,
        *,
        alone: bool = False,
        remembered: KnownModels | None = None,
    ) -> None:
        started = time.perf_counter()
        self._model = model
        opening = open_model(file, model.provider, alone=alone, remembered=remembered)
        self._file = opening.file
        self._graph, self._anatomy, self._engine = opening.graph, opening.anatomy, opening.engine
        self._tokenizer = tokenizer = tokenizer or byte_reader(model.path, self._anatomy)
        self._feeder, self._beside = opening.feeder, Beside.of(model.path)
        self._prompts = Prompts(model, self._anatomy, tokenizer, self._feeder, self._beside)
        self._pooler = Pooler.beside(model.path, self._anatomy)
        self._lengths_sought = False
        self._table = OwnTable(model, opening.graph, opening.anatomy, tokenizer)
        self._embedders: dict[Pooling | None, TextsEmbedder] = {}
        lexicon = Lexicon(lambda: self.table, partial(self._table.finder, "cosine"), lambda: self._table.picture)
        self._lens = LayerLens(opening.model, opening.graph, opening.anatomy, opening.engine, opening.feeder, lexicon)
        self._opened_model = opening.model
        self._layer_weights = LayerWeights(opening.model, opening.graph, self._engine)
        points = self._engine.points
        self._weights = budget.Weights(self._anatomy, points)
        self._together: dict[str, int] = {}  # how many tokens share a position of points, found out when it matters
        self._canonical = {point.name: Canonical(point, fixed_sizes(self._anatomy, point.name)) for point in points}
        self.opened = Opened(
            model=model,
            anatomy=self._pooler.listed(self._anatomy),
            tokenizer=info_of(tokenizer),
            provider=self._engine.provider,
            milliseconds=1000 * (time.perf_counter() - started),
            verified=opening.verified,
            notes=(
                *_said(self._engine.fallback),
                *doubts_of(tokenizer, self._anatomy),
                *opening.notes,
                *self._pooler.notes,
                *_troubles(model),
            ),
            findings=opening.findings,
            second=self._feeder.second,
            repairs=opening.repairs,
            pooling=self._pooler.pooling,
            pooling_steps=self._pooler.steps,
            placement=self._engine.placement,
            fallback=self._engine.fallback,
            devices=installed_devices(),
        )

    @classmethod
    def open(cls, model: ModelRef, remembered: KnownModels | None = None) -> Runner:
        """Open a model and the tokenizer that is given or lies beside it. Raises StudioError.

        remembered: where to look for, and keep, what was found out about it before; None finds everything out anew.
        """
        tokenizer = find_and_open(model.path, model.tokenizer)
        return cls(ModelFile(model.path), tokenizer, model, remembered=remembered)

    @property
    def half(self) -> bool:
        """Whether values at its points come in float16."""
        return self._engine.half

    def trace(self, request: TraceRequest, stop: Stop | None = None) -> Trace:
        """Run one input and capture the points asked for. Raises StudioError, or Cancelled once `stop` is set."""
        stop = stop or Stop()
        return self._tried(lambda: self._trace(request, stop), request, stop)

    def overview(self, request: OverviewRequest, stop: Stop | None = None) -> Overview:
        """Reduce as many patterns of one input as fit at once. Raises StudioError, or Cancelled."""
        stop = stop or Stop()
        return self._tried(lambda: self._overview(request, stop), request.input, stop)

    def embed(self, request: EmbedRequest, stop: Stop | None = None) -> Embedded:
        """One vector for each text. Raises StudioError, or Cancelled once `stop` is set."""
        if request.pooling not in self._embedders:
            parts = Parts(
                self._model, self._opened_model, self._anatomy, self._engine, self._feeder, self._pooler,
                self._tokenizer, self._prompts, self.trace,
            )  # fmt: skip
            self._embedders[request.pooling] = TextsEmbedder(parts, request.pooling)
        embedded = self._embedders[request.pooling].answer(request, stop or Stop())
        embedded = replace(embedded, notes=(*_said(self._engine.fallback), *embedded.notes))
        if not request.digest:
            return embedded
        return replace(embedded, digest=digest_of(self._file, self._tokenizer, self._pooler))

    def _tried(self, run: Callable[[], _Answer], request: TraceRequest, stop: Stop) -> _Answer:
        """What a run gives; a model that fails is tried again as one that takes texts of some lengths only."""
        try:
            return run()
        except (UnsupportedModelError, InputError) as error:
            at_run = isinstance(error, UnsupportedModelError) or error.detail  # not refused before it was run
            if not at_run or request.feeds is not None or not self._learn_lengths(stop):
                raise
        return run()

    def _learn_lengths(self, stop: Stop) -> bool:
        """Whether a model that failed was found to take texts of some lengths only; from now on it is given those."""
        if self._lengths_sought:
            return False
        self._lengths_sought = True
        rows = self._anatomy.embeddings[0].rows if self._anatomy.embeddings else None
        lengths = find_lengths(self._engine, self._feeder, rows, stop)
        if lengths is not None:
            self._feeder.take_only(lengths)
        return lengths is not None

    def _trace(self, request: TraceRequest, stop: Stop) -> Trace:
        runner, trace, fed = self._begin(request, stop)
        return runner._captured(trace, fed, request, stop)

    def _overview(self, request: OverviewRequest, stop: Stop) -> Overview:
        runner, trace, fed = self._begin(request.input, stop)
        done, points = runner._weights.together(
            request.points,
            runner._engine.points,
            lambda point, axis: len(trace.along(point, axis)),
            request.input.budget_bytes,
        )
        if points:
            trace = runner._captured(trace, fed, replace(request.input, points=points, ahead_bytes=None), stop)
        return Overview(request.model, request.key, done, overviews(trace, done, request.side, stop.check))

    def _begin(self, request: TraceRequest, stop: Stop) -> tuple[Runner, Trace, Fed]:
        """A trace without values as yet, what is to be fed for them, and whose graph it is fed to."""
        prompt = self._prompts.read(request)
        runner, prompt, fed = (self, prompt, prompt.fed) if prompt.fed else self._feed(prompt, stop)
        seen = seen_padding(runner._anatomy, runner._engine, fed, stop) if fed.pads else frozenset()
        shown = {side: count for side, count in fed.pads.items() if side in seen}
        prompt = prompt.with_pads(shown, self._beside.pad_id or 0)
        trace = Trace(
            model=str(request.model.path),
            text=prompt.text,
            tokens=prompt.tokens,
            arrays={},
            provenance={},
            provider=self._engine.provider,
            notes=(*prompt.notes, *fed.notes, *padding_notes(runner._feeder, fed, seen)),
            window=prompt.window,
            target=prompt.target,
            past=prompt.past[-(runner._feeder.room or len(prompt.past)) :],
            readout=runner._anatomy.head.readout if runner._anatomy.head is not None else None,
        )
        return runner, trace, fed

    def _feed(self, prompt: Prompt, stop: Stop) -> tuple[Runner, Prompt, Fed]:
        """The graph's inputs for a prompt, and whose graph it is: another part of the model may do the later steps.

        What is to be in the cache is run first.
        """
        feeder = self._feeder
        if not prompt.past:
            return self, prompt, feeder.feeds(prompt.sequences)
        first = prompt.first(feeder.own).sequences
        if feeder.can_go_on:
            caches = read_into_cache(self._engine, feeder, first, stop)
            return self, prompt, feeder.feeds(prompt.sequences, caches)
        later = self._later
        if later is None:
            raise no_cache(feeder)
        presents = [name for name in self._engine.outputs if name != self._scores]
        values = self._engine.run(feeder.feeds(first).feeds, presents, stop)
        caches = handed_over(dict(zip(presents, values, strict=True)), later._feeder)
        prompt, between = prompt.cut(later._feeder)
        if between is not None:
            caches = read_into_cache(later._engine, later._feeder, between.sequences, stop, caches)
        if any(block.stack == "encoder" for block in self._anatomy.blocks):
            note = f"The encoder is not in this trace: {later._model.path.name} goes on from what it made before."
            prompt = replace(prompt, notes=(*prompt.notes, note))
        return later, prompt, later._feeder.feeds(prompt.sequences, caches)

    @property
    def _scores(self) -> str:
        return self._anatomy.head.output if self._anatomy.head else ""

    @cached_property
    def _later(self) -> Runner | None:
        """The part of the model that goes on with a cache where this one cannot; None if there is none beside it."""
        file = next_steps(self._file, self._anatomy.outputs)
        if file is None:
            return None
        return Runner(file, self._tokenizer, replace(self._model, path=file.path), alone=True)

    def _captured(self, trace: Trace, fed: Fed, request: TraceRequest, stop: Stop) -> Trace:
        """A trace with the values at the points that were asked for and fit."""

        def length_of(point: str, axis: str) -> int:
            return len(trace.along(point, axis))

        names = select([point.name for point in self._engine.points], request.points)
        unasked = tuple(select(names, request.without)) if request.without else ()
        wanted = set(names) - set(unasked)
        sources = [point for point in self._engine.points if point.name in wanted]
        sources, omitted = self._weights.fit(
            sources, length_of, request.budget_bytes, request.layer, request.ahead_bytes
        )
        if wanted and not sources:
            raise InputError(
                "What was asked for is larger than a trace may be.", where=next(iter(omitted)),
                advice="Ask for fewer points, or give a shorter text.",
            )  # fmt: skip
        pooled = self._pooler.source(request.pooling) if select([POINT], request.points) else ""
        asked = [*(point.tensor for point in sources), *([pooled] if pooled else [])]
        tensors = list(dict.fromkeys(asked)) or list(self._engine.outputs)
        # What a session can return it keeps, asked for or not; where that is too much, one is made that cannot.
        started = time.perf_counter()
        spare = self._weights.total(self._engine.points, length_of) - self._weights.total(sources, length_of)
        lean = spare > max(request.budget_bytes, BYTES * self._anatomy.parameters.get("total", 0))
        changes = self._changes(trace, fed, request.replacements, stop)
        found = self._engine.run(fed.feeds, tensors, stop, lean=lean, changes=changes)
        values = dict(zip(tensors, found, strict=True))
        milliseconds = 1000 * (time.perf_counter() - started)
        stop.check()
        arrays = {point.name: self._array(values[point.tensor], point.name) for point in sources}
        if self._feeder.room is not None:
            arrays = {name: _tokens_only(array, name, length_of, behind=False) for name, array in arrays.items()}
        elif fed.pads or self._feeder.has_buffer:
            arrays = {name: _tokens_only(array, name, length_of, behind=True) for name, array in arrays.items()}
        provenance = {point.name: Provenance.OBSERVED if point.is_plain else Provenance.RECOMPUTED for point in sources}
        notes = [*trace.notes, *filter(None, [say_replacements(request.replacements)])]
        if pooled:
            tokens = len(trace.tokens)
            arrays[POINT], provenance[POINT] = self._pooler.of_run(
                values[pooled], fed, self._feeder.slots, tokens, request.pooling
            )
            notes += self._pooler.remarks(tokens, request.pooling)
        return replace(
            trace, arrays=arrays, provenance=provenance, milliseconds=milliseconds, notes=tuple(notes),
            omitted=omitted, unasked=unasked,
        )  # fmt: skip

    def _changes(self, trace: Trace, fed: Fed, replacements: Sequence[Replacement], stop: Stop) -> dict[str, Change]:
        """What is to be replaced in a run. Raises InputError for what there is not."""
        if not replacements:
            return {}
        units = {name: fixed_sizes(self._anatomy, name)["unit"] for name in self._engine.gates}
        slot = next(iter(self._feeder.ids_slots), None)
        length = fed.feeds[slot.name].shape[-1] if slot else len(trace.tokens)
        for point in {each.point for each in replacements} & set(units) - set(self._together):
            tensor = next(source.tensor for source in self._engine.points if source.name == point)
            (value,) = self._engine.run(fed.feeds, [tensor], stop)
            self._together[point] = max(1, length // max(1, self._array(value, point).size("pos")))
        return changes_of(replacements, units, len(trace.tokens), length, self._together)

    def vectors(self) -> Vectors:
        """The embedding table's rows by name, and their picture. Raises UnsupportedModelError without a table."""
        return self._table.vectors()

    def neighbours(
        self, ids: Sequence[int], count: int = 12, metric: str = "cosine", stop: Stop | None = None
    ) -> Neighbours:
        """The nearest rows for each id. Raises InputError for an id or a metric that there is not, or Cancelled."""
        return self._table.neighbours(ids, count, metric, stop or Stop())

    def lens(self, request: LensRequest, stop: Stop | None = None) -> Lens:
        """What vectors of the residual stream stand for. Raises InputError for what is no such thing, or Cancelled."""
        return self._lens.answer(request, stop or Stop())

    def cell_weights(
        self, layer: RecurrentLayer, feeds: Mapping[str, np.ndarray] | None = None, stop: Stop | None = None
    ) -> dict[str, CellWeights]:
        """The cell of each direction of a recurrent layer, {"forward": …}. feeds: for weights that come with the input.

        Raises UnsupportedModelError where they cannot be told, or Cancelled.
        """
        return self._layer_weights.of(layer, feeds, stop)

    def cells(self, stop: Stop | None = None) -> Cells:
        """The cells of all recurrent layers, as far as they can be told. Raises Cancelled."""
        found: dict[str, CellWeights] = {}
        notes: list[str] = []
        for layer in self._anatomy.recurrent:
            try:
                weights = self.cell_weights(layer, stop=stop)
            except UnsupportedModelError as error:
                notes.append(error.what)
                continue
            found |= {f"{layer.kind}.{layer.layer}.{direction}": cell for direction, cell in weights.items()}
        return Cells(self._model, found, tuple(notes))

    def gradients(self, request: GradientRequest, stop: Stop | None = None) -> Gradients:
        """How what comes of one token hangs on those before it. Raises InputError for a token there is not and where
        values are held, or Cancelled."""
        stop = stop or Stop()
        _refuse_held(request.input, "Gradients")
        with one_thread():
            return self._tried(lambda: self._gradients(request, stop), request.input, stop)

    def _gradients(self, request: GradientRequest, stop: Stop) -> Gradients:
        runner, trace, fed = self._begin(request.input, stop)
        count = len(trace) or None
        if count is not None and not 0 <= request.token < count:
            raise InputError(
                f"There is no token {request.token}: the text has {count}, numbered from 0.",
                advice="Choose one of them.",
            )  # fmt: skip
        gates = gates_of(runner._anatomy)
        if gates:
            trace = runner._captured(trace, fed, replace(request.input, points=gates, ahead_bytes=None), stop)
        started = time.perf_counter()
        cells, notes = gradients_of_cells(
            trace, runner._anatomy, lambda layer: runner.cell_weights(layer, fed.feeds, stop), request.token, stop
        )
        found = Gradients(request.model, request.key, request.token, cells, notes=notes)
        found = runner._input_gradients.added(found, fed.feeds, len(trace), request.output, stop)
        return replace(found, milliseconds=1000 * (time.perf_counter() - started))

    @cached_property
    def _input_gradients(self) -> InputGradients:
        differentiator = Differentiator(self._opened_model, self._graph, self._engine.open, str(self._model.path))
        return InputGradients(self._anatomy, differentiator)

    def prefixes(self, request: PrefixRequest, stop: Stop | None = None) -> Prefixes:
        """What is said to beginnings of a text. Raises UnsupportedModelError for a model without scores, InputError for
        feeds of a person's own and where values are held, or Cancelled."""
        stop = stop or Stop()
        _refuse_held(request.input, "Predictions for the beginnings of a text")
        return self._tried(lambda: self._prefixes(request, stop), request.input, stop)

    def _prefixes(self, request: PrefixRequest, stop: Stop) -> Prefixes:
        prompt = self._prompts.read(request.input)
        point = next((point for point in self._engine.points if point.name == "logits"), None)
        if point is None or prompt.fed is not None:
            raise prefixes.cannot_be_run(str(self._model.path), has_scores=point is not None)

        def score(tokens: tuple[Token, ...]) -> np.ndarray:
            runner, part, fed = self._feed(replace(prompt, tokens=tokens), stop)
            (value,) = runner._engine.run(fed.feeds, [point.tensor], stop)
            scores = runner._array(value, point.name)
            return scores.at(pos=len(part.tokens) - 1) if "pos" in scores.axes else scores.values

        return prefixes.answer(request, prompt.tokens, score, stop)

    def contexts(self, request: ContextsRequest, stop: Stop | None = None) -> Contexts:
        """A word's vectors in some sentences. Raises StudioError for a model that has no layers to read, Cancelled."""
        static = (lambda: self.table.vectors) if self._anatomy.embeddings else None
        return contexts.answer(request, self._anatomy, self.trace, static, stop or Stop())

    @property
    def table(self) -> VectorSet:
        """The embedding table's rows by name. Raises UnsupportedModelError where none was recognised."""
        return self._table.set

    def _array(self, value: np.ndarray, point: str) -> NamedArray:
        try:
            return self._canonical[point](value)
        except ValueError as error:
            raise UnsupportedModelError(
                "A value of this model does not have the shape that was expected.", where=point, detail=str(error),
                advice="Leave this point out, and please report the model.",
            ) from error  # fmt: skip


def _tokens_only(array: NamedArray, point: str, length_of: Callable[[str, str], int], *, behind: bool) -> NamedArray:
    """The values at the tokens that are there, without those at padding tokens behind them, or at the places before
    them of a cache that is not full."""

    def kept(axis: str, size: int) -> slice:
        count = length_of(point, axis) if axis in TOKEN_AXES else size
        return slice(count) if behind else slice(max(0, size - count), size)

    places = tuple(kept(axis, size) for axis, size in zip(array.axes, array.shape, strict=True))
    return NamedArray(np.ascontiguousarray(array.values[places]), array.axes)


def _troubles(model: ModelRef) -> tuple[str, ...]:
    """Why a config.json that lies beside the model could not be used."""
    problem = ModelConfig.beside(model.path).problem
    return (problem,) if problem else ()


def _said(fallback: Fallback | None) -> tuple[str, ...]:
    """That the model does not run on the provider that was asked for, and that onnxruntime is there twice."""
    return tuple(filter(None, (str(fallback) if fallback is not None else "", say_clash(installed_wheels()))))


def _refuse_held(request: TraceRequest, what: str) -> None:
    """Raise InputError where gates or states are replaced: what is worked out of the plain graph would mix two runs."""
    if request.replacements:
        raise InputError(
            f"{what} are those of the model's own run, and values are held in this one.",
            where=", ".join(map(str, request.replacements[:3])),
            advice="Switch off what is held in the Memory panel.",
        )  # fmt: skip
