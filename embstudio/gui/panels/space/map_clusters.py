"""Clusters on the map: their colours and names, their list, and the choice of how many."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.cluster_controls import ClusterControls
from embstudio.gui.panels.space.cluster_run import ClusterRun
from embstudio.gui.panels.space.grouping import Grouping
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.gui.plots.cluster_table import ClusterLine, ClusterTable
from embstudio.gui.plots.scatter.picture import category_looks
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.signs import Signs
from embstudio.gui.style.numbers import four
from embstudio.space.cluster_count import Counts
from embstudio.space.prepared_set import PreparedSet
from embstudio.studio import Studio

_PLACED = 20_000  # points of a cluster of which the middle is found


class MapClusters(QObject):
    """told(): `said` is another. listed(bool): there is a list, or no more. failed(StudioError)."""

    told = Signal()
    listed = Signal(bool)
    failed = Signal(object)

    def __init__(
        self,
        studio: Studio,
        scatter: Scatter,
        controls: ClusterControls,
        table: ClusterTable,
        preparation: Preparation,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._studio, self._map, self._controls, self._table = studio, scatter, controls, table
        self._preparation = preparation
        self.said = ""
        self.shown: Grouping | None = None
        self._wanted = False
        self._suggested = ""  # what was found of how many there are
        self._painted: tuple[Grouping, object] | None = None  # on which points
        self.search = ClusterRun(self)
        self.search.came.connect(self._take)
        self.search.told.connect(self._say)
        self.search.suggested.connect(self._take_count)
        self.search.failed.connect(self.failed)
        self.search.run.ended.connect(lambda _outcome: controls.show_running(running=False))
        controls.changed.connect(self._on_count)
        controls.suggest_wanted.connect(self._suggest)
        controls.stop_wanted.connect(self.search.run.stop)
        table.picked.connect(self.select)

    @property
    def grouping(self) -> Grouping | None:
        """What the colours stand for, of the vectors that are looked at."""
        active = self._studio.vector_sets.active
        return self.shown if self._wanted and self.shown is not None and self.shown.prepared.set is active else None

    def show(self) -> None:
        """Colours stand for clusters: find them, unless they are known, and paint them, unless they are."""
        self._wanted = True
        self._controls.show()
        if self.shown is not None and self.grouping is None:  # of other vectors
            self.shown, self._suggested = None, ""
            self.listed.emit(False)
        prepared = self._prepared()
        if prepared is not None:
            self.search.group(prepared, self._controls.count.value(), self._by)
            self._controls.show_running(running=self.search.run.running)
            if self.shown is not None:
                self._paint()

    def forget(self) -> None:
        """Colours stand for something else."""
        if self._wanted:
            self._wanted, self.shown, self._painted, self.said, self._suggested = False, None, None, "", ""
            self.search.forget()
            self._controls.hide()
            self._map.set_signs(Signs())
            self.listed.emit(False)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        if self.grouping is not None:
            self._list(self.grouping)

    def select(self, cluster: int) -> None:
        """Select the points of a cluster."""
        if self.grouping is not None and cluster < self.grouping.count:
            self._map.select(self.grouping.members(cluster))

    @property
    def _by(self) -> str:
        return "cosine" if self._studio.vector_walk.comparison.metric in ("cosine", "angular") else "euclidean"

    def _prepared(self) -> PreparedSet | None:
        """The vectors as they are compared; asked for where they are not there."""
        sets, changes = self._studio.vector_sets, self._studio.vector_walk.comparison.changes
        active = sets.active
        if active is None:
            sets.want()
            self._say("The vectors are on their way…")
            return None
        prepared = self._preparation.of(active, changes)
        if prepared is None:
            self._preparation.want(active, changes)  # whoever hears of it being ready comes here again
            return self._preparation.of(active, changes)
        return prepared

    def _on_count(self) -> None:
        self._suggested = ""
        self.search.forget()
        self.show()

    def _suggest(self) -> None:
        prepared = self._prepared()
        if prepared is not None:
            self.search.suggest(prepared, self._by)
            self._controls.show_running(running=True)

    def _take_count(self, counts: Counts) -> None:
        of = f", measured on {counts.measured:,} vectors drawn at random" if counts.sampled else ""
        measure = f"of {counts.tried[0]} to {counts.tried[-1]} clusters, {counts.best} stand apart best, with a mean "
        measure += f"silhouette of {four(counts.highest)}{of}"
        if counts.structured:
            weak = ": they are weak" if counts.weak else ""
            self._suggested = f"{measure[0].upper()}{measure[1:]}{weak}. "
            self._controls.set_count(counts.best)
        else:
            self._suggested = f"There are no clear clusters, and any number is a way of dividing: {measure}. "
        self.show()

    def _take(self, grouping: Grouping) -> None:
        if not self._wanted:
            return
        self.shown = grouping
        found = grouping.clustering
        if not found.finished:
            of = f"of {found.starts}"
            now = (
                f"Try {found.start + 1} {of}" if self.search.run.running else f"Stopped after {found.start} {of} tries"
            )
            self._say(f"{now}: {grouping.sentence}")
        else:
            self._say(grouping.sentence)
        self._paint()

    def _say(self, text: str) -> None:
        self.said = f"{self._suggested}{text}"
        self.told.emit()

    def _paint(self) -> None:
        """On the points there are, if they are of the same vectors, and into the list."""
        grouping, figure = self.grouping, self._map.figure
        if grouping is None or len(figure.points) != len(grouping.of_row):
            return
        if self._painted is not None and self._painted[0] is grouping and self._painted[1] is figure.points:
            return
        fresh = self._painted is None or self._painted[0] is not grouping
        self._painted = grouping, figure.points
        colouring = grouping.colouring
        self._map.set_colouring(colouring)
        codes = [min(place, len(colouring.names) - 1) for place in range(grouping.count)]
        self._map.set_signs(Signs(self._middles(grouping), tuple(grouping.names), tuple(codes), grouping.caption))
        if fresh:
            self._list(grouping)
            self.listed.emit(True)

    def _list(self, grouping: Grouping) -> None:
        colouring, sizes = grouping.colouring, grouping.clustering.sizes.tolist()
        looks = category_looks(colouring, self._map.theme.colours)
        self._table.clusters.take(
            [
                ClusterLine(size, grouping.words[place], looks[min(place, len(looks) - 1)], grouping.sentences[place])
                for place, size in enumerate(sizes)
            ]
        )

    def _middles(self, grouping: Grouping) -> np.ndarray:
        """Of each cluster the drawn point that is nearest to the middle of its points: [clusters, dimensions]. NaN
        where none is drawn."""
        points = self._map.figure.points.points
        middles = np.full((grouping.count, points.shape[1]), np.nan)
        for cluster in range(grouping.count):
            own = points[grouping.members(cluster)[:: max(1, int(grouping.clustering.sizes[cluster]) // _PLACED)]]
            own = own[np.isfinite(own).all(axis=1)].astype(np.float64)
            if len(own):
                middles[cluster] = own[np.square(own - np.median(own, axis=0)).sum(axis=1).argmin()]
        return middles
