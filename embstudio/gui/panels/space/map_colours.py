"""What the points' colours stand for: a column of metadata, clusters, or how far the picture is true at each point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.map_clusters import MapClusters
from embstudio.gui.panels.space.map_controls import CLUSTERS, MEASURES, MapControls
from embstudio.gui.panels.space.map_picture import MapPicture
from embstudio.gui.panels.space.picture_trust import PictureTrust
from embstudio.gui.plots.scatter.colouring import Colouring, categories_of, numbers_of
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Studio

_FEW = 10  # different numbers that are rather names of groups


class MapColours(QObject):
    """said: what is to be said of the colours; told(): it is another. failed(StudioError)."""

    told = Signal()
    failed = Signal(object)

    def __init__(
        self,
        studio: Studio,
        scatter: Scatter,
        controls: MapControls,
        picture: MapPicture,
        clusters: MapClusters,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._studio, self._map, self._controls, self._picture = studio, scatter, controls, picture
        self.clusters = clusters
        self._measured = ""
        self.trust = PictureTrust(self)
        self.trust.came.connect(scatter.set_colouring)
        self.trust.told.connect(self._say)
        for each in (self.trust, clusters):
            each.failed.connect(self.failed)
        clusters.told.connect(self.told)
        picture.begun.connect(self.trust.forget)
        self._columns: dict[tuple[int, str], tuple[VectorSet, Colouring]] = {}

    @property
    def said(self) -> str:
        return self._measured or self.clusters.said

    def show(self) -> None:
        """Colour the points as the controls say."""
        chosen, active, picture = self._controls.colour_of, self._studio.vector_sets.active, self._picture
        self._measured = ""
        self.trust.forget()
        if chosen == CLUSTERS:
            self.clusters.show()
        else:
            self.clusters.forget()
        if chosen in MEASURES:
            if picture.settled and picture.prepared is not None:
                self.trust.measure(chosen, picture.prepared.vectors, self._map.figure.points.points, picture.metric)
        elif chosen != CLUSTERS or self.clusters.grouping is None:
            name = self._controls.colour.currentText()
            self._map.set_colouring(self._of_column(active, name) if active is not None and not chosen else None)
        self.told.emit()

    def follow_set(self) -> None:
        """The vectors came, are others, or are compared otherwise."""
        if self._controls.colour_of == CLUSTERS:
            self.clusters.show()

    def _of_column(self, vectors: VectorSet, name: str) -> Colouring | None:
        """Numbers where all values are, else groups; None where there is no such column."""
        if name not in vectors.metadata:
            return None
        known = self._columns.get((id(vectors), name))
        if known is None or known[0] is not vectors:
            self._columns = {(id(vectors), name): (vectors, _colouring(name, vectors.metadata[name]))}
            known = self._columns[id(vectors), name]
        return known[1]

    def _say(self, text: str) -> None:
        self._measured = text
        self.told.emit()


def _colouring(name: str, column: Sequence[str]) -> Colouring:
    try:
        numbers = np.array([float(value) if value.strip() else np.nan for value in column])
    except ValueError:
        return categories_of(name, column)
    if len(np.unique(numbers[np.isfinite(numbers)])) <= _FEW:
        return categories_of(name, column)
    return numbers_of(name, numbers)
