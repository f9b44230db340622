"""What is known of a word in its sentences, as points and layers that can be compared and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from embstudio.session.messages import SentenceContexts
from embstudio.space.context_cloud import ContextLayer, Pairs, Plane, common_plane, cosines, pairs, to_own
from embstudio.studio.contexts import WordContexts
from embstudio.trace.occurrences import Occurrence
from embstudio.trace.word_stages import WordStage


@dataclass(frozen=True)
class ContextPoint:
    """One occurrence. row: of its sentence in the list; label: "3", or "3b" for the second of a sentence."""

    row: int
    label: str
    group: str
    sentence: str
    occurrence: Occurrence


@dataclass(frozen=True)
class StaticPoint:
    """A vector of the embedding table, or the mean of several: what a word is before its sentence is read.

    pieces: of its tokens. owners: the places of the points that start from it. vector: [width].
    """

    pieces: tuple[str, ...]
    owners: tuple[int, ...]
    vector: np.ndarray


@dataclass(frozen=True)
class ContextTable:
    """All occurrences by all stages.

    stages: what each layer was read from; None: the embedding table. layers: of as many, all of the same points.
    static:    [points, width], each point's vector from the table; None where it is of another kind than the layers'
               (a table of another width, the states of a recurrent model).
    statics:   the different ones among them. static_mean: [width], of all tokens.
    centred:   whether the mean of all tokens of the sentences was taken away. tokens: how many these are.
    shared_axes: whether one plane can show all layers.
    """

    points: tuple[ContextPoint, ...]
    stages: tuple[WordStage | None, ...]
    layers: tuple[ContextLayer, ...]
    static: np.ndarray | None
    statics: tuple[StaticPoint, ...]
    tokens: int
    shared_axes: bool
    centred: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """The group of each point; "" where the person named none."""
        return tuple(point.group for point in self.points)


@dataclass(frozen=True)
class LayerReading:
    """One layer in numbers. matrix: cosines [points, points]. to_static: mean cosine with the points' own static
    vectors; any_two: of two tokens of the sentences; NaN where they are not known. share: how much the plane keeps."""

    matrix: np.ndarray
    pairs: Pairs
    to_static: float
    any_two: float
    places: np.ndarray
    static_places: np.ndarray
    share: float


@dataclass(frozen=True)
class ContextReading:
    """A table with all that is drawn of it."""

    table: ContextTable
    layers: tuple[LayerReading, ...]

    @property
    def everywhere(self) -> np.ndarray:
        """The places of all points in all layers, one below the other: [n, 2]."""
        return np.concatenate([part for layer in self.layers for part in (layer.places, layer.static_places)])


def table_of(contexts: WordContexts, rows: Sequence[tuple[str, str]]) -> ContextTable | None:
    """What is known of the sentences of some rows (group, sentence); None where no occurrence is known yet."""
    read: list[tuple[int, str, SentenceContexts]] = []
    for row, (group, sentence) in enumerate(rows):
        found = contexts.found(sentence)
        if found is not None and found.vectors and len(found.vectors) == len(contexts.stages):
            read.append((row, group.strip(), found))
    points = tuple(
        ContextPoint(row, _label(row, turn, len(found.occurrences)), group, found.text, occurrence)
        for row, group, found in read
        for turn, occurrence in enumerate(found.occurrences)
    )
    if not points:
        return None
    each_once = list({found.text: found for _row, _group, found in read}.values())
    tokens = sum(found.tokens for found in each_once)
    layers = [
        ContextLayer(
            np.concatenate([found.vectors[stage] for _row, _group, found in read]).astype(np.float64),
            np.sum([found.sums[stage] for found in each_once], axis=0) / max(1, tokens),
            np.sum([found.units[stage][0] for found in each_once], axis=0),
            sum(found.units[stage][1] for found in each_once),
        )
        for stage in range(len(contexts.stages))
    ]
    stages: list[WordStage | None] = list(contexts.stages)
    one_width = len({layer.width for layer in layers}) == 1
    static, mean = _static(read, each_once, tokens)
    if contexts.recurrent or static is None or not one_width or static.shape[1] != layers[0].width:
        return ContextTable(
            points, tuple(stages), tuple(layers), None, (), tokens, one_width and not contexts.recurrent
        )
    # What two tokens of the table have in common is not asked for: the sums are of the layers.
    before = ContextLayer(static, mean, np.zeros_like(mean), 0)
    return ContextTable(
        points, (None, *stages), (before, *layers), static, _different(points, static), tokens, shared_axes=True
    )


def centred(table: ContextTable) -> ContextTable:
    """The same less the mean of all tokens of the sentences, layer by layer."""
    if table.static is None:
        return replace(table, layers=tuple(layer.centred() for layer in table.layers), centred=True)
    mean = table.layers[0].mean
    return replace(
        table,
        layers=tuple(layer.centred() for layer in table.layers),
        static=table.static - mean,
        statics=tuple(replace(each, vector=each.vector - mean) for each in table.statics),
        centred=True,
    )


def read(table: ContextTable) -> ContextReading:
    """All numbers and places. Takes a while for many occurrences of a large model."""
    vectors = [layer.vectors for layer in table.layers]
    planes = [common_plane(vectors)] * len(vectors) if table.shared_axes else [common_plane([x]) for x in vectors]
    readings = zip(table.layers, planes, strict=True)
    return ContextReading(table, tuple(_layer(table, layer, plane) for layer, plane in readings))


def _layer(table: ContextTable, layer: ContextLayer, plane: Plane) -> LayerReading:
    matrix = cosines(layer.vectors)
    statics = np.array([each.vector for each in table.statics]).reshape(-1, layer.width)
    return LayerReading(
        matrix,
        pairs(matrix, table.groups),
        to_own(layer.vectors, table.static) if table.static is not None else float("nan"),
        layer.any_two,
        plane.place(layer.vectors),
        plane.place(statics),
        plane.share(layer.vectors),
    )


def _static(
    read: Sequence[tuple[int, str, SentenceContexts]], each_once: Sequence[SentenceContexts], tokens: int
) -> tuple[np.ndarray | None, np.ndarray]:
    """The static vector of each occurrence [points, width], and the mean of those of all tokens [width]."""
    parts = [found.static for _row, _group, found in read if found.static is not None]
    sums = [found.static_sum for found in each_once if found.static_sum is not None]
    if len(parts) < len(read) or len(sums) < len(each_once):
        return None, np.zeros(0)
    return np.concatenate(parts).astype(np.float64), np.sum(sums, axis=0) / max(1, tokens)


def _different(points: Sequence[ContextPoint], static: np.ndarray) -> tuple[StaticPoint, ...]:
    """One for each way in which the word is cut into tokens."""
    owners: dict[tuple[int, ...], list[int]] = {}
    for place, point in enumerate(points):
        owners.setdefault(point.occurrence.ids, []).append(place)
    return tuple(
        StaticPoint(points[places[0]].occurrence.pieces, tuple(places), static[places[0]]) for places in owners.values()
    )


def _label(row: int, turn: int, count: int) -> str:
    return f"{row + 1}{chr(ord('a') + turn % 26) if count > 1 else ''}"
