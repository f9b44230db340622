"""The shapes that tensors have when a model runs, where the graph alone does not tell which of their axes is which.

A model is run twice, with a text and with two longer ones: what stays the same is the file's own (heads, widths),
what doubles is the batch. A graph that takes one text only, or one length only, tells less, and so be it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.probe import RunShapes, observed_shapes
from embstudio.anatomy.reader import read
from embstudio.base.errors import StudioError
from embstudio.modelfile.graph import Graph, Shape
from embstudio.modelfile.model_file import ModelFile
from embstudio.session import ort_errors, providers
from embstudio.session.engine import load
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.promote import copy_with_outputs
from embstudio.session.stop import Stop


def with_observed_shapes(
    file: ModelFile, contents: bytes, graph: Graph, anatomy: Anatomy, feeder: Feeder, lengths: Sequence[int]
) -> tuple[Graph, Anatomy]:
    """The graph and what is read in it, after a run where it leaves axes open; as they are where it does not run.

    contents: the model as `graph` has it. lengths: of texts to try, until the model takes one.
    """
    if not anatomy.unranked:
        return graph, anatomy
    try:
        told = graph.with_shapes(_Observer(file, contents, anatomy, feeder).shapes(lengths))
    except StudioError:
        return graph, anatomy  # why it does not run is told by the trial that follows
    return told, read(told)


class _Observer:
    """Runs a model for the shapes that its anatomy asks for."""

    def __init__(self, file: ModelFile, contents: bytes, anatomy: Anatomy, feeder: Feeder) -> None:
        self._path, self._anatomy, self._feeder = file.path, anatomy, feeder
        fed = {info.name for info in anatomy.inputs}
        own = {info.name for info in anatomy.outputs}
        self._wanted = [name for name in anatomy.unranked if name not in fed]
        promoted = copy_with_outputs(contents, [name for name in self._wanted if name not in own])
        self._session = load(
            promoted, file.path, [providers.CPU], file.external, optimise=False
        )  # fmt: skip

    def shapes(self, lengths: Sequence[int]) -> dict[str, Shape]:
        """By tensor, for the first of some lengths of text that the model takes. Raises StudioError without one."""
        rows = self._anatomy.embeddings[0].rows if self._anatomy.embeddings else None
        errors = []
        for length in lengths:
            try:
                first = self._run(self._feeder.trial(length, rows).feeds)
            except StudioError as error:
                errors.append(error)
                continue
            return observed_shapes([first, *self._second(length, rows)])
        raise errors[0]

    def _second(self, length: int, rows: int | None) -> Iterator[RunShapes]:
        """A run of two longer texts, or as much of that as the model takes."""
        for longer, twice in ((length + 1, True), (3 * length, True), (length + 1, False), (length, True)):
            try:
                feeds = self._feeder.trial(longer, rows).feeds
                yield self._run(self._twice(feeds) if twice else feeds)
            except StudioError:
                continue
            return

    def _twice(self, feeds: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """The same text two times, where an input has room for a batch."""
        shapes = {info.name: info.shape for info in self._anatomy.inputs}
        return {
            name: np.repeat(value, 2, axis=0)
            if value.ndim > 1 and len(value) == 1 and not any(isinstance(size, int) for size in shapes[name][:1])
            else value
            for name, value in feeds.items()
        }

    def _run(self, feeds: Mapping[str, np.ndarray]) -> RunShapes:
        with ort_errors.running(str(self._path), Stop()):
            values = self._session.run(self._wanted, dict(feeds))
        return {name: value.shape for name, value in zip(self._wanted, values, strict=True)}
