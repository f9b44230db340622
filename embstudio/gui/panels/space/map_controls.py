"""The controls above the map: find, by what to compare, what to do first, how to draw, what colours stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QToolButton, QWidget

from embstudio.formulas.distances import METRICS
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.space.cluster_controls import ClusterControls
from embstudio.gui.panels.space.index_controls import IndexSwitch
from embstudio.gui.panels.space.prepare_menu import PrepareMenu
from embstudio.gui.panels.space.search_field import SearchField
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.tools import ScatterTools
from embstudio.space.projections.linear import PrincipalComponents, RandomDirections
from embstudio.space.projections.method import Method
from embstudio.space.projections.tsne import Tsne
from embstudio.space.projections.umap import Umap
from embstudio.studio.vector_walk import VectorWalk

PATH = (
    "The current token's vector at each layer, drawn in the plane of the words' two main directions: what leaves that "
    "plane cannot be seen. Layers often write vectors far longer than any word's; evened out, all are as long as a "
    "word, and only their direction counts."
)
# Name → the method, by the distance that its neighbours are told by.
PICTURES: dict[str, Callable[[str], Method]] = {
    "PCA": lambda _metric: PrincipalComponents(),
    "PCA, 3D": lambda _metric: PrincipalComponents(3),
    "t-SNE": lambda metric: Tsne(metric=metric),
    "UMAP": lambda metric: Umap(metric=metric),
    "UMAP, 3D": lambda metric: Umap(3, metric=metric),
    "random": lambda _metric: RandomDirections(),
}
ONE_COLOUR, CLUSTERS, TRUST, CONTINUITY = "one colour", "clusters", "trustworthiness", "continuity"
MEASURES = {
    TRUST: "How far the neighbours that the picture shows are true ones: where it is low, strangers moved in",
    CONTINUITY: "How far true neighbours are still neighbours in the picture: where it is low, they were torn away",
}
# What can be worked out of any vectors; a column of metadata of the same name goes before.
WORKED_OUT = {
    CLUSTERS: "Groups of vectors around centres (k-means), found among the vectors themselves, named by typical words",
    **MEASURES,
}
_TIP = Qt.ItemDataRole.ToolTipRole


class MapControls(FlowRow):
    """One row that wraps. `way` is of models with layers, `stop` of pictures that are being drawn."""

    def __init__(self, walk: VectorWalk, scatter: Scatter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField(self)
        self.metrics = self._box("mapMetric", "Metric", "By what the nearest are found", list(METRICS))
        for at, metric in enumerate(METRICS.values()):
            self.metrics.setItemData(at, metric.formula, _TIP)
        self.index = IndexSwitch(walk, self)
        self.prepare = PrepareMenu(walk, self)
        self.picture = self._box("mapPicture", "Picture", "How the vectors are laid out in the plane", list(PICTURES))
        self.stop = QToolButton(self)
        self.stop.setObjectName("mapStop")
        self.stop.setText("Stop")
        self.stop.setAccessibleName("Stop drawing the picture")
        self.stop.setToolTip("Stop here, and keep the picture as it is")
        self.stop.hide()
        self.colour = self._box("mapColour", "Colours", "What the points' colours stand for", [])
        self._columns: Sequence[str] = ()
        self.clusters = ClusterControls(self)
        self.clusters.hide()
        self.way = self._box(
            "mapPath", "The current token's path through the layers", PATH, ["No path", "Path", "Path, evened out"]
        )
        self.tools = ScatterTools(scatter, self)
        self.flow.setContentsMargins(4, 0, 4, 0)
        for widget in (self.search, self.metrics, self.index, self.prepare, self.picture, self.stop, self.colour,
                       self.clusters, self.way, self.tools):  # fmt: skip
            self.flow.addWidget(widget)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.search.restyle()
        self.tools.restyle()

    @property
    def colour_of(self) -> str:
        """What colours stand for: one of `WORKED_OUT`, or "" for a column or none."""
        chosen = self.colour.currentText()
        return chosen if chosen in WORKED_OUT and chosen not in self._columns else ""

    def offer_colours(self, columns: Sequence[str]) -> None:
        """Name the columns of metadata there are; what was chosen stays, where there is such a column."""
        self._columns = columns
        items = [ONE_COLOUR, *columns, *(each for each in WORKED_OUT if each not in columns)]
        box = self.colour
        if [box.itemText(at) for at in range(box.count())] == items:
            return
        kept = box.currentText()
        box.blockSignals(True)
        box.clear()
        box.addItems(items)
        for at, item in enumerate(items):
            box.setItemData(
                at, WORKED_OUT.get(item) if item not in columns else f"The metadata's column “{item}”", _TIP
            )
        box.setCurrentIndex(items.index(kept) if kept in items else 0)
        box.blockSignals(False)

    def _box(self, name: str, plain: str, tip: str, items: Sequence[str]) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(plain)
        box.setToolTip(tip)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.addItems(list(items))
        return box
