"""A model file made ready: opened up, read, loaded into onnxruntime, tried out and checked on its own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import onnx

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.probe import open_tensors, settle
from embstudio.anatomy.reader import read
from embstudio.base.errors import ModelFileError, StudioError
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.model_file import ModelFile
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.engine import Engine
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.messages import Finding
from embstudio.session.rewrite.open_up import OpenedUp, open_up
from embstudio.session.self_check import check_laws
from embstudio.session.stop import Stop

# Tokens of the input on which a model is tried out. The next is tried where a model does not take the one before:
# block-sparse attention wants several whole blocks.
_PROBES = (6, 16, 64, 128)


@dataclass(frozen=True)
class Opening:
    """What came of it. model: as it runs, rewritten where it had to be.

    repairs:  what was rewritten to look inside. verified: largest difference of the outputs from those of the file as
              it is; None where nothing was rewritten, or nothing could be compared.
    findings: the laws that the model's own numbers were held against.
    notes:    plain sentences on what cannot be shown, or was not tried.
    """

    model: onnx.ModelProto
    graph: Graph
    anatomy: Anatomy
    engine: Engine
    feeder: Feeder
    repairs: tuple[str, ...]
    verified: float | None
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def open_model(file: ModelFile, provider: str) -> Opening:
    """Raises StudioError if the model cannot be loaded; what goes wrong in the trial run is told in `notes`."""
    opened = open_up(file.proto)
    rewritten = bool(opened.repairs)
    graph = graph_of(opened.model, file.path.parent) if rewritten else file.graph
    contents = opened.model.SerializeToString() if rewritten else _contents(file)
    anatomy = read(graph)
    engine = Engine(contents, opened.model, file.path, anatomy, provider, file.external)
    feeder = Feeder(graph, anatomy, Beside.of(file.path))
    trial = _Trial(file, opened, graph, anatomy, engine, feeder)
    trial.run()
    readable = {point.name for point in engine.points}
    anatomy = replace(trial.anatomy, points=tuple(point for point in trial.anatomy.points if point.name in readable))
    return Opening(
        opened.model, graph, anatomy, engine, feeder, opened.repairs, trial.verified, trial.findings,
        (*engine.notes, *trial.notes),
    )  # fmt: skip


class _Trial:
    """One run of a few small ids: it settles what the graph leaves open, and shows whether the numbers are right."""

    def __init__(
        self, file: ModelFile, opened: OpenedUp, graph: Graph, anatomy: Anatomy, engine: Engine, feeder: Feeder
    ) -> None:
        self.anatomy = anatomy
        self.verified: float | None = None
        self.findings: tuple[Finding, ...] = ()
        self.notes: tuple[str, ...] = ()
        self._file = file
        self._opened = opened
        self._engine = engine
        self._feeder = feeder
        self._operators = frozenset(node.op for node in graph.nodes)

    def run(self) -> None:
        errors = []
        rows = self.anatomy.embeddings[0].rows if self.anatomy.embeddings else None
        for length in _PROBES:
            try:
                self._run(self._feeder.trial(length, rows))
                return
            except StudioError as error:
                errors.append(error)
        # Some models take only inputs that the person has: those still open.
        self.notes = (f"A trial run with {_PROBES[0]} tokens did not succeed, so nothing was verified: {errors[0]}",)

    def _run(self, feeds: Mapping[str, np.ndarray]) -> None:
        unknown = open_tensors(self.anatomy)
        if unknown:
            shapes = [value.shape for value in self._engine.run(feeds, unknown, Stop())]
            self.anatomy = settle(self.anatomy, dict(zip(unknown, shapes, strict=True)), batch=self._feeder.batch)
        self._verify(feeds)
        self.findings = check_laws(self.anatomy, self._engine, feeds, self._operators)

    def _verify(self, feeds: Mapping[str, np.ndarray]) -> None:
        differences = [self._engine.verify(feeds)]
        if self._opened.repairs:
            differences.append(self._engine.difference_from(_contents(self._file), feeds))
        self.verified = max((each for each in differences if each is not None), default=None)


def _contents(file: ModelFile) -> bytes:
    try:
        return file.path.read_bytes()
    except OSError as error:  # it could be read a moment ago
        raise ModelFileError(
            "The file could not be read.", where=str(file.path), detail=str(error),
            advice="Check that it is still there.",
        ) from error  # fmt: skip
