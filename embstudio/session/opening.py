"""A model file made ready: opened up, read, loaded into onnxruntime, tried out and checked on its own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import onnx

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.cells.say import fixed_steps
from embstudio.anatomy.reader import read
from embstudio.base.errors import StudioError
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.model_file import ModelFile
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.engine import Engine
from embstudio.session.family import first_step, with_encoder
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.taken_lengths import TakenLengths
from embstudio.session.known_models import Known, KnownModels
from embstudio.session.length_search import find_lengths
from embstudio.session.messages import Finding
from embstudio.session.observe import with_observed_shapes
from embstudio.session.rewrite.open_up import OpenedUp, open_up
from embstudio.session.self_check import check_laws
from embstudio.session.stop import Stop
from embstudio.session.token_places import out_of_place, say_out_of_place

# Tokens of the input on which a model is tried out. The next is tried where a model does not take the one before:
# block-sparse attention wants several whole blocks.
_PROBES = (6, 16, 64, 128)


@dataclass(frozen=True)
class Opening:
    """What came of it. file: what was opened, other parts of the same model put to it. model: as it runs, rewritten
    where it had to be.

    repairs:  what was rewritten to look inside. verified: largest difference of the outputs from those of the file as
              it is; None where nothing was rewritten, or nothing could be compared.
    findings: the laws that the model's own numbers were held against.
    notes:    plain sentences on what cannot be shown, or was not tried.
    """

    file: ModelFile
    model: onnx.ModelProto
    graph: Graph
    anatomy: Anatomy
    engine: Engine
    feeder: Feeder
    repairs: tuple[str, ...]
    verified: float | None
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Reading:
    """A file opened up and read, before it is loaded. said: what was done to it."""

    file: ModelFile
    opened: OpenedUp
    graph: Graph
    anatomy: Anatomy
    feeder: Feeder
    said: tuple[str, ...]

    @classmethod
    def of(cls, file: ModelFile, said: tuple[str, ...] = ()) -> _Reading:
        opened = open_up(file.proto, file.path.parent)
        graph = graph_of(opened.model, file.path.parent) if opened.repairs else file.graph
        anatomy = read(graph)
        return cls(file, opened, graph, anatomy, _feeder(graph, anatomy, file), (*said, *opened.repairs))

    @classmethod
    def as_it_is(cls, file: ModelFile, said: tuple[str, ...]) -> _Reading:
        """Without opening anything up."""
        anatomy = read(file.graph)
        feeder = _feeder(file.graph, anatomy, file)
        return cls(file, OpenedUp(file.proto), file.graph, anatomy, feeder, said).observed()

    def with_family(self) -> _Reading:
        """The same with the other files of this model that it cannot do without, where they lie beside it."""
        found, said = self, tuple[str, ...]()
        begin = first_step(self.file, self.feeder)
        if begin is not None:
            said = (
                f"{self.file.path.name} only goes on from a first step, so {begin.path.name} beside it was opened.",
            )
            found = _Reading.of(begin, said)
        whole = with_encoder(found.file, found.feeder)
        return _Reading.of(whole.file, (*said, *whole.said)) if whole is not None else found

    @cached_property
    def contents(self) -> bytes:
        """The model as it is run."""
        return self.opened.model.SerializeToString() if self.opened.repairs else self.file.contents

    def engine(self, provider: str) -> Engine:
        """The model loaded. Raises StudioError if onnxruntime refuses it."""
        file = self.file
        return Engine(self.contents, self.opened.model, file.path, self.anatomy, provider, file.external)

    def of_taken_lengths(self, engine: Engine) -> _Reading | None:
        """The same, read again with texts of the only lengths that the model takes; None if there is no such rule."""
        lengths = find_lengths(engine, self.feeder, self.rows, Stop())
        if lengths is None:
            return None
        self.feeder.take_only(lengths)
        found = self.observed()
        found.feeder.take_only(lengths)
        return found

    @property
    def rows(self) -> int | None:
        """Of the vocabulary."""
        return self.anatomy.embeddings[0].rows if self.anatomy.embeddings else None

    def unread(self) -> Iterator[str]:
        """A sentence on inputs that nothing reads; those that opening up left without use are told of with that."""
        plain = self.file.graph if self.anatomy.unread and self.opened.repairs else None
        names = [name for name in self.anatomy.unread if plain is None or not plain.consumers(name)]
        if names:
            yield f"Inputs that nothing in the model reads: {', '.join(names)}."

    def observed(self) -> _Reading:
        """The same, read again with the shapes of a run where the graph leaves open which axis is which."""
        if not self.anatomy.unranked:
            return self
        graph, anatomy = with_observed_shapes(
            self.file, self.contents, self.graph, self.anatomy, self.feeder, _PROBES
        )  # fmt: skip
        return replace(self, graph=graph, anatomy=anatomy, feeder=_feeder(graph, anatomy, self.file))


def open_model(
    file: ModelFile, provider: str, *, alone: bool = False, remembered: KnownModels | None = None
) -> Opening:
    """Raises StudioError if the model cannot be loaded; what goes wrong in the trial run is told in `notes`.

    alone: without the other parts of the same model that lie beside it. remembered: what was found out about models
    that were opened before; None finds everything out anew.
    """
    known = remembered.find(file, provider) if remembered is not None and not alone else None
    if known is not None:
        return _open_known(file, provider, known)
    reading = (_Reading.of(file) if alone else _Reading.of(file).with_family()).observed()
    reading, engine = _loaded(reading, provider)
    trial = _Trial(reading, engine)
    if not trial.run() and (told := reading.of_taken_lengths(engine)) is not None:
        reading, engine = told, told.engine(provider)
        trial = _Trial(reading, engine)
        trial.run()
    engine.points = tuple(point for point in engine.points if point.name not in trial.out_of_place)
    readable = {point.name for point in engine.points}
    anatomy = replace(
        reading.anatomy, points=tuple(point for point in reading.anatomy.points if point.name in readable),
        unrecognised=(*reading.anatomy.unrecognised, *reading.unread()),
        missing=(*reading.anatomy.missing, *say_out_of_place(trial.out_of_place)),
    )  # fmt: skip
    # A recurrent model's gates depend on the trial; a part of a model, on what lies beside it. What was said beyond the
    # repairs (that it did not load opened up) would not be said again.
    whole = reading.file is file and not alone and not trial.notes and reading.said == reading.opened.repairs
    if remembered is not None and whole and not engine.rewritten and not engine.notes:
        repaired = bool(reading.opened.repairs)
        remembered.keep(file, provider, Known(anatomy, trial.verified, trial.findings, repaired))
    return Opening(
        reading.file, reading.opened.model, reading.graph, anatomy, engine, reading.feeder, reading.said,
        trial.verified, trial.findings, (*engine.notes, *trial.notes),
    )  # fmt: skip


def _loaded(reading: _Reading, provider: str) -> tuple[_Reading, Engine]:
    """The model in onnxruntime; where that refuses what it was opened up to, the file as it is. Raises StudioError."""
    try:
        return reading, reading.engine(provider)
    except StudioError as error:
        if not reading.opened.repairs:
            raise
        plain = _Reading.as_it_is(reading.file, (f"Opened up it would not load, so it is as in the file: {error}",))
        return plain, plain.engine(provider)


def _open_known(file: ModelFile, provider: str, known: Known) -> Opening:
    """A model as it was found when it was opened before."""
    opened = open_up(file.proto, file.path.parent) if known.repaired else OpenedUp(file.proto)
    graph = graph_of(opened.model, file.path.parent) if known.repaired else file.graph
    feeder = _feeder(graph, known.anatomy, file)
    reading = _Reading(file, opened, graph, known.anatomy, feeder, opened.repairs)
    return Opening(
        file, opened.model, graph, known.anatomy, reading.engine(provider), feeder, opened.repairs, known.verified,
        known.findings, (),
    )  # fmt: skip


def _feeder(graph: Graph, anatomy: Anatomy, file: ModelFile) -> Feeder:
    """What feeds a model: with texts of one length only where the steps of its recurrent layers are written out."""
    feeder = Feeder(graph, anatomy, Beside.of(file.path))
    steps = fixed_steps(anatomy.recurrent)
    if steps is not None:
        feeder.take_only(TakenLengths(steps))
    return feeder


class _Trial:
    """One run of a few small ids, which shows whether the numbers are right."""

    def __init__(self, reading: _Reading, engine: Engine) -> None:
        self.verified: float | None = None
        self.findings: tuple[Finding, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.out_of_place: dict[str, tuple[int, int]] = {}
        self._reading = reading
        self._engine = engine

    def run(self) -> bool:
        """Whether the model took one of the lengths that were tried."""
        errors = []
        for length in _PROBES:
            try:
                fed = self._reading.feeder.trial(length, self._reading.rows)
                self._run(fed.feeds)
            except StudioError as error:
                errors.append(error)
                continue
            if fed.made_up:
                self.notes = (f"It was tried out with random numbers for {', '.join(fed.made_up)}.",)
            return True
        # Some models take only inputs that the person has: those still open.
        self.notes = (f"A trial run with {_PROBES[0]} tokens did not succeed, so nothing was verified: {errors[0]}",)
        return False

    def _run(self, feeds: Mapping[str, np.ndarray]) -> None:
        self._verify(feeds)
        self.findings = check_laws(self._reading.anatomy, self._engine, feeds, self._reading.graph)
        self.out_of_place = out_of_place(self._reading.anatomy, self._engine, self._reading.feeder, feeds)

    def _verify(self, feeds: Mapping[str, np.ndarray]) -> None:
        differences = [self._engine.verify(feeds)]
        if self._reading.opened.repairs:
            differences.append(self._engine.difference_from(self._reading.file.contents, feeds))
        self.verified = max((each for each in differences if each is not None), default=None)
