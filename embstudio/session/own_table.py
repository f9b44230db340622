"""A model's own table of vectors: its rows by name, the nearest of some, and their picture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.table_values import table_values
from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.session.messages import ModelRef, Neighbours, Vectors
from embstudio.session.stop import Stop
from embstudio.space.neighbours import SUPPORTED, NeighbourFinder
from embstudio.space.projection import Pca, pca
from embstudio.space.vector_set import VectorSet

_ASKED_TOGETHER = 256  # rows whose neighbours are looked for before asking whether anybody still waits


class OwnTable:
    """`set`, `picture` and `finder` are made when they are first asked for, and kept."""

    def __init__(self, model: ModelRef, graph: Graph, anatomy: Anatomy, tokenizer: Tokenizer | None) -> None:
        self._model, self._graph, self._anatomy, self._tokenizer = model, graph, anatomy, tokenizer
        self._finders: dict[str, NeighbourFinder] = {}

    @cached_property
    def set(self) -> VectorSet:
        """The embedding table's rows by name. Raises UnsupportedModelError where none was recognised."""
        if not self._anatomy.embeddings:
            raise UnsupportedModelError(
                "This model has no embedding table that embstudio recognises.", where=str(self._model.path),
                advice="Its other points can still be shown.",
            )  # fmt: skip
        table = self._anatomy.embeddings[0]
        vectors = table_values(self._graph, table)
        names = self._tokenizer.words() if self._tokenizer else ()
        words = (*names, *(f"#{row}" for row in range(len(names), len(vectors))))[: len(vectors)]
        return VectorSet(words, vectors, special=self._special(min(len(names), len(vectors))))

    def _special(self, rows: int) -> frozenset[int]:
        """The first rows that stand for no text, among them what stands for the unknown."""
        tokenizer = self._tokenizer
        if tokenizer is None:
            return frozenset()
        return frozenset(id_ for id_ in range(rows) if id_ == tokenizer.unk_id or tokenizer.is_special(id_))

    @cached_property
    def picture(self) -> Pca:
        """Raises UnsupportedModelError without a table."""
        return pca(self.set.vectors)

    def finder(self, metric: str) -> NeighbourFinder:
        """Raises UnsupportedModelError without a table."""
        if metric not in self._finders:
            self._finders[metric] = NeighbourFinder(self.set.vectors, metric)
        return self._finders[metric]

    def vectors(self) -> Vectors:
        """The rows by name, and their picture. Raises UnsupportedModelError without a table."""
        first, second = map(float, self.picture.explained)
        return Vectors(self._model, self.set.words, self.set.width, self.picture.points, (first, second))

    def neighbours(self, ids: Sequence[int], count: int, metric: str, stop: Stop) -> Neighbours:
        """The nearest rows for each id. Raises InputError for an id or a metric that there is not, or Cancelled."""
        if metric not in SUPPORTED:
            raise InputError("There is no such metric.", where=metric, advice=f"Use one of {', '.join(SUPPORTED)}.")
        self._check(ids)
        finder, found = self.finder(metric), []
        for start in range(0, max(len(ids), 1), _ASKED_TOGETHER):
            stop.check()
            found.append(finder.of_rows(ids[start : start + _ASKED_TOGETHER], count))
        rows, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return Neighbours(self._model, tuple(ids), metric, rows, distances)

    def _check(self, ids: Sequence[int]) -> None:
        rows = len(self.set)
        outside = [id_ for id_ in ids if not 0 <= id_ < rows]
        if outside:
            raise InputError(
                f"There is no token {outside[0]}: the model has {rows}, numbered from 0.",
                where=str(self._model.path),
                advice="The tokenizer may belong to another model; open the model again with its own.",
            )  # fmt: skip
