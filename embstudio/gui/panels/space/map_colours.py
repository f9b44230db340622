"""What the points' colours stand for: a column of metadata, clusters, or how far the picture is true at each point."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.column_colours import ColumnColours
from embstudio.gui.panels.space.map_clusters import MapClusters
from embstudio.gui.panels.space.map_controls import CLUSTERS, MEASURES, MapControls
from embstudio.gui.panels.space.map_picture import MapPicture
from embstudio.gui.panels.space.picture_trust import PictureTrust
from embstudio.gui.plots.scatter.colouring import Colouring
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.studio import Studio


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
        self.columns = ColumnColours(self)
        self.columns.came.connect(self._show_column)

    @property
    def said(self) -> str:
        return self._measured or self.clusters.said

    def show(self) -> None:
        """Colour the points as the controls say."""
        chosen, active, picture = self._controls.colour_of, self._studio.vector_sets.active, self._picture
        self._measured = ""
        self.trust.forget()
        self.columns.forget()
        if chosen == CLUSTERS:
            self.clusters.show()
        else:
            self.clusters.forget()
        if chosen in MEASURES:
            if picture.settled and picture.prepared is not None:
                self.trust.measure(chosen, picture.prepared.vectors, self._map.figure.points.points, picture.metric)
        elif chosen != CLUSTERS or self.clusters.grouping is None:
            name = self._controls.colour.currentText()
            if active is None or chosen or name not in active.metadata:
                self._map.set_colouring(None)
            else:
                self.columns.want(active, name)
                self._measured = f"Reading the column “{name}”…" if self.columns.busy else ""
        self.told.emit()

    def follow_set(self) -> None:
        """The vectors came, are others, or are compared otherwise."""
        if self._controls.colour_of == CLUSTERS:
            self.clusters.show()

    def _show_column(self, colouring: Colouring) -> None:
        self._map.set_colouring(colouring)
        self._say("")

    def _say(self, text: str) -> None:
        self._measured = text
        self.told.emit()
