"""The picture on the map: the worker's of a model's own words, or one that is drawn for this window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.aside_run import AsideRun
from embstudio.gui.panels.space.map_controls import MEASURES, PICTURES, MapControls
from embstudio.gui.panels.space.picture_run import picture_run
from embstudio.gui.panels.space.picture_words import axes_of, captions_of, status_of
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.gui.panels.space.standing import Standing
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.style.numbers import percent
from embstudio.space.aside.run import Outcome
from embstudio.space.prepared_set import PreparedSet
from embstudio.space.projections.drawing import Drawing
from embstudio.space.projections.run import Picture
from embstudio.studio import Studio

COMPUTING = "Computing the map of the words…"
DRAWING = "Drawing the vectors…"
WAITING = "The vectors of the model's words are on their way…"
NO_VECTORS = "The vectors of this model's words could not be had."


class MapPicture(QObject):
    """begun(): another picture is wanted; the one there is stays until it comes. changed(): points lie elsewhere on the
    scatter, or will not move any more. told(): what is said of them is another. waiting(text): there is nothing to show
    yet. failed(StudioError).

    said: what the picture keeps. shown: whose points they are. prepared and latest: of a picture drawn here, else None.
    """

    begun = Signal()
    changed = Signal()
    told = Signal()
    waiting = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        studio: Studio,
        standing: Standing,
        scatter: Scatter,
        controls: MapControls,
        preparation: Preparation,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._standing = standing
        self._studio, self._map, self._controls, self._preparation = studio, scatter, controls, preparation
        self.run = AsideRun(self)
        self.run.came.connect(self._on_picture)
        self.run.ended.connect(self._on_end)
        self.said = ""
        self.shown: object = None
        self.latest: Picture | None = None
        self._drawn: tuple[PreparedSet, Drawing] | None = None  # what was drawn last, or is being drawn
        self.whose: object = None  # the points on the scatter are; what is selected of them stays selected

    @property
    def from_worker(self) -> bool:
        """Whether the picture is the one that the worker draws."""
        plain = not any(self._studio.vector_walk.comparison.changes) and self._controls.picture.currentText() == "PCA"
        return self._studio.vector_sets.is_model and plain and self._controls.colour_of not in MEASURES

    @property
    def prepared(self) -> PreparedSet | None:
        """The vectors that were drawn here last, or are being drawn, as they were prepared."""
        return self._drawn[0] if self._drawn is not None else None

    @property
    def metric(self) -> str:
        """By what the picture was drawn here."""
        return str(getattr(self._drawn[1].method, "metric", "euclidean")) if self._drawn is not None else "euclidean"

    @property
    def settled(self) -> bool:
        """Whether a picture drawn here is there, gets no better, and is not about to give way to one of the vectors as
        they are being prepared."""
        return self.latest is not None and not self.run.running and not self._preparation.busy

    def show(self) -> None:
        """Draw what is looked at, as the controls say, unless that is done."""
        sets = self._studio.vector_sets
        active = sets.active
        if self.from_worker:
            self._forget()
            if self._studio.vectors is None:
                self.waiting.emit(COMPUTING)
                self._studio.want_vectors()
            else:
                self._show_workers()
        elif active is None:
            sets.want()
            self.waiting.emit(WAITING if sets.waiting else NO_VECTORS)
        else:
            self._preparation.want(active, self._studio.vector_walk.comparison.changes)

    def draw(self, prepared: PreparedSet) -> None:
        """Draw these vectors here, unless that is done."""
        by = "cosine" if self._studio.vector_walk.comparison.metric in ("cosine", "angular") else "euclidean"
        drawing = Drawing(PICTURES[self._controls.picture.currentText()](by))
        if self._drawn is not None and self._drawn[0] is prepared and self._drawn[1] == drawing:
            if self.shown is prepared.set:
                self.told.emit()
            return
        self._drawn, self.latest = (prepared, drawing), None
        self.begun.emit()
        if self.shown is not prepared.set:
            self.waiting.emit(DRAWING)
        self.run.start(lambda came, ended: picture_run(prepared.vectors, drawing, came, ended))
        self._controls.stop.setVisible(drawing.method.slow)

    def _show_workers(self) -> None:
        vectors = self._studio.vectors
        assert vectors is not None
        if vectors is self.shown:
            self.told.emit()
            return
        self.shown = vectors
        first, second = vectors.explained
        axes = (f"PC1 ({percent(first)} of the variance)", f"PC2 ({percent(second)} of the variance)")
        self._map.figure.captions = ()
        self._put(vectors.picture, vectors.words, axes)
        kept = first + second
        hint = "distances on it are only hints" if kept < 0.9 else "distances on it are nearly true"
        self.said = f"This flat picture keeps {percent(kept)} of the variance: {hint}."
        self.changed.emit()

    def _on_picture(self, picture: Picture) -> None:
        assert self._drawn is not None
        vectors, chosen = self._drawn[0].set, picture.sample.rows
        points = picture.snapshot.points
        if chosen is not None:  # those that are not drawn have no place
            points = np.full((len(vectors), points.shape[1]), np.nan, np.float32)
            points[chosen] = picture.snapshot.points
        self.latest, self.shown = picture, vectors
        self._map.figure.captions = captions_of(picture, self._drawn[0].transform.words)
        self._put(points, vectors.words, axes_of(picture))
        self.said = status_of(picture, stopped=False)
        self.changed.emit()

    def _put(self, points: np.ndarray, names: Sequence[str], axes: tuple[str, ...]) -> None:
        """Points on the scatter, with what was selected where they are of the same vectors as before."""
        same = self._standing.whose == self.whose and len(points) == len(self._map.figure.points)
        self.whose, selected = self._standing.whose, self._map.figure.selected
        self._map.blockSignals(same)
        self._map.set_points(points, names, axes)
        if same:
            self._map.select(selected)
        self._map.blockSignals(False)

    def _on_end(self, outcome: Outcome[Picture]) -> None:
        self._controls.stop.hide()
        if outcome.error is not None:
            self.failed.emit(outcome.error)
            if self.latest is None:
                self.waiting.emit(f"{outcome.error.what} {outcome.error.advice}")
        elif self.latest is not None:
            self.said = status_of(self.latest, stopped=outcome.stopped)
            self.changed.emit()

    def _forget(self) -> None:
        self.run.give_up()
        self.begun.emit()
        self._controls.stop.hide()
        self._drawn = self.latest = None
