"""The Map page: all heads at a glance, one head in full, and the current token's lines and numbers."""

from __future__ import annotations

from functools import partial
from time import perf_counter

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QScrollArea, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from embstudio.formulas.block_maximum import weight_limit
from embstudio.gui.panels.attention.map_tools import MapTools
from embstudio.gui.panels.attention.map_words import MapWords
from embstudio.gui.panels.attention.not_captured import NotCaptured
from embstudio.gui.panels.attention.scene import Scene, Spot
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.plots.attention_lines import AttentionLines
from embstudio.gui.plots.attention_map import AttentionMap, LayerHeads
from embstudio.gui.plots.head_map import HeadMap
from embstudio.gui.plots.weights_table import WeightsTable
from embstudio.gui.plots.zoom_frame import ZoomFrame
from embstudio.gui.style.colour_maps import unit_map
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.attention_rollout import AttentionRollout
from embstudio.stepper.attention_weights import AttentionWeights

AT_ONCE = 0.02  # seconds of rollout before the window gets to answer again


class MapPage(QWidget):
    """head_picked(layer, head), cell_picked(query, key), query_picked(query), key_picked(key): the person's choice.

    pointed(query, key), unpointed(): the mouse over a weight of the model's own. layer_wanted(layer): to be fetched.
    """

    head_picked = Signal(int, int)
    cell_picked = Signal(int, int)
    query_picked = Signal(int)
    key_picked = Signal(int)
    pointed = Signal(int, int)
    unpointed = Signal()
    layer_wanted = Signal(int)
    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.scene: Scene | None = None
        self.spot = Spot(0, 0, 0)
        self.unfinished = False  # whether more of the overview is on its way
        self._shown: tuple[object, ...] = ()  # what the large map holds
        self._values = np.zeros((0, 0), np.float32)
        self.tools = MapTools(self)
        self.tools.changed.connect(self._on_tools)
        self.overview = AttentionMap(theme)
        self.overview.setObjectName("HeadOverview")
        self.overview.setAccessibleName("All heads, layers down, heads across")
        self.overview.describe = self._describe_head
        self.overview.picked.connect(self._on_head)
        self.overview_state = ElidedLabel()
        self.overview_state.setObjectName("HeadOverviewState")
        self.overview_state.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.overview_state.hide()
        self.rollout: AttentionRollout | None = None
        self._roll_on = QTimer(self)
        self._roll_on.setSingleShot(True)
        self._roll_on.timeout.connect(self.changed)
        self.table = WeightsTable(theme)
        self.table.setObjectName("AttentionTable")
        self.table.picked.connect(self.key_picked)
        self.map = HeadMap(theme)
        self.map.setObjectName("HeadMap")
        self.map.setAccessibleName("One head: each row attends to the columns")
        self.map.describe = self._describe
        self.map.hovered.connect(self._on_hovered)
        self.map.unhovered.connect(self.unpointed)
        self.map.picked.connect(self.cell_picked)
        self.frame = ZoomFrame(self.map)
        self.lines = AttentionLines(theme)
        self.lines.setObjectName("AttentionLines")
        self.lines.setAccessibleName("What the current token attends to")
        self.lines.query_picked.connect(self.query_picked)
        self.lines.key_picked.connect(self.key_picked)
        self.map.window_changed.connect(lambda: self.lines.set_sight(*self.map.in_sight()))
        self.missing = NotCaptured("MapFetchLayer")
        self.missing.asked.connect(lambda: self.layer_wanted.emit(self.spot.layer))
        self._build()
        self.restyle()

    def _build(self) -> None:
        self._overview_scroll = ScrollBody(self.overview, "HeadOverviewScroll")
        self._middle = QStackedWidget()
        self._middle.addWidget(self.frame)
        self._middle.addWidget(self.missing)
        top = QWidget()
        above = QVBoxLayout(top)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addWidget(self._overview_scroll, 1)
        above.addWidget(self.overview_state)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(top)
        left.addWidget(self.table)
        left.setSizes([300, 200])
        across = QSplitter(Qt.Orientation.Horizontal)
        for widget, share in ((left, 26), (self._middle, 42), (self.lines, 32)):
            across.addWidget(widget)
            across.setStretchFactor(across.count() - 1, share)
        across.setSizes([260, 420, 320])
        for splitter in (left, across):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(across)

    def restyle(self) -> None:
        """Fonts or colours changed."""
        scale = self.theme.scale
        self.tools.restyle(self.theme)
        self.overview.redraw()
        self.overview_state.setFont(self.theme.font("small"))
        self._overview_scroll.setMinimumSize(round(110 * scale), round(80 * scale))
        self.map.restyle()
        self.map.buttons_width = self.frame.buttons_size.width()
        self.table.restyle()
        self.table.setMinimumSize(round(120 * scale), round(90 * scale))

    # What is shown -----------------------------------------------------------------------------------------------

    def set_scene(self, scene: Scene, *, more: bool = False, old: bool = False) -> None:
        """Take another trace, sort of attention or theme. more: the same input as before, with other layers held. old:
        another input for the same attention, whose pictures may stay until there are new ones."""
        self.rollout = AttentionRollout(scene.weights)
        self.set_tokens(scene)
        self.fill_overview(more=more, old=old)

    def set_tokens(self, scene: Scene) -> None:
        """Take the tokens of another layer of the same input."""
        self.scene, self._shown = scene, ()
        self.tools.set_names(scene.aside_names)
        self.map.set_labels(scene.queries, scene.keys)
        self.lines.set_labels(scene.queries, scene.keys)
        self.table.set_labels(scene.keys)

    def show_spot(self, spot: Spot, *, fetching: int | None = None) -> None:
        """Go to a head and a query."""
        scene = self.scene
        assert scene is not None
        self.spot = spot
        self.overview.set_place(scene.weights.stack.layers.index(spot.layer), spot.head)
        self._keep_in_sight()
        lacking = self._not_rolled(spot.layer) if self.tools.rolled else ""
        if lacking or not scene.weights.captured(spot.layer):
            if lacking:
                self.missing.set_text(lacking)
            else:
                self.missing.set_layer(spot.layer, fetching=fetching == spot.layer)
            self._middle.setCurrentWidget(self.missing)
            self._show_row(scene, np.full(len(scene.keys), np.nan, np.float32), spot.key or 0)
            return
        self._middle.setCurrentWidget(self.frame)
        wanted = (spot.layer, None if self.tools.rolled else spot.head, self.tools.rolled, self.tools.sets_aside)
        if self._shown != wanted:
            self._shown = wanted
            self._show_map(scene, spot)
        key = self.key
        self.map.set_place(spot.query, key)
        self._show_row(scene, self._values[spot.query], key)

    @property
    def _shows_map(self) -> bool:
        """Whether there is a map, and not a reason why there is none."""
        return self._middle.currentWidget() is self.frame

    @property
    def key(self) -> int:
        """The key chosen, or the strongest of those that the map shows."""
        assert self.scene is not None
        other = self.tools.rolled or self.tools.sets_aside
        if other and self.spot.key is None and self._shows_map:
            return self.scene.strongest(self._values[self.spot.query])[0]
        return self.scene.key(self.spot)

    def _show_row(self, scene: Scene, row: np.ndarray, key: int) -> None:
        rest = 0.0
        if scene.weights.captured(self.spot.layer) and not (self.tools.rolled or self.tools.sets_aside):
            rest = scene.weights.unassigned(self.spot.layer, self.spot.head, self.spot.query)
        self.lines.set_weights(self.spot.query, row, key, rest)
        self.table.weights.set_weights(row, "share" if self.tools.rolled or self.tools.sets_aside else "weight")

    def _show_map(self, scene: Scene, spot: Spot) -> None:
        """Fill the large map, and say above it what it shows."""
        weights, tools = scene.weights, self.tools
        warns = False
        if tools.rolled:
            assert self.rollout is not None
            self._values = self.rollout.rolled(spot.layer)
            since = self._since(spot.layer)
            covers = f"after layer {spot.layer}"
            if since is not None:
                covers = f"of layer {since} only" if since == spot.layer else f"of layers {since} to {spot.layer} only"
            heading = f"rollout {covers}: rows are made of columns, if attention told all"
            warns = True
        else:
            self._values = weights.head(spot.layer, spot.head, aside=tools.sets_aside)
            heading = f"each row attends to the columns{scene.shared_head(spot.layer, spot.head)}"
            if tools.sets_aside:
                names = scene.aside_names.removeprefix("the ")
                heading, warns = f"{names} set aside: shares of the rest of each row", True
        self.map.set_heading(heading, warns=warns)
        table = unit_map(self.theme.colours, self.theme.colours.attention)
        self.map.set_values(self._values, table, 0.0, weight_limit(self._values))
        self.lines.set_sight(*self.map.in_sight())

    def _not_rolled(self, layer: int) -> str:
        """Why there is no rollout yet, after some work at it; empty once it is there."""
        assert self.rollout is not None
        why = self.rollout.why_not(layer)
        if why:
            return why
        end = perf_counter() + AT_ONCE
        while not (done := self.rollout.advance(layer)) and perf_counter() < end:
            pass
        if done:
            return ""
        self._roll_on.start(0)
        return f"Working the rollout out: {percent(self.rollout.share(layer))}"

    def _since(self, layer: int) -> int | None:
        """The first layer that the rollout covers, where there are others below."""
        assert self.rollout is not None
        return self.rollout.covers(layer)[0] if self.rollout.missing(layer) else None

    def fill_overview(self, *, more: bool = False, old: bool = False) -> None:
        """Show what is known of all layers. more: of the same input as before."""
        assert self.scene is not None
        weights, layers = self.scene.weights, self.scene.weights.stack.layers
        rows = [self._row(weights, layer) for layer in layers]
        table = unit_map(self.theme.colours, self.theme.colours.attention)
        self.overview.set_layers(rows, table, keep=more, old=(more or old) and self.unfinished)
        self.overview_state.setVisible(not all(row.held for row in rows))
        known = sum(row.read is not None for row in rows)
        if self.unfinished:
            self.overview_state.setText(f"overview: {known} of {len(rows)} layers")
        else:
            lacking = "" if known == len(rows) else f"overview: {known} of {len(rows)} layers; "
            self.overview_state.setText(f"{lacking}dotted: click to fetch")
            self.overview_state.setToolTip(
                "Layers in dotted frames are an overview only: the attention of all layers of this text does not fit "
                "into the memory that a trace may take. The numbers of a layer are fetched when you go there."
            )

    def _row(self, weights: AttentionWeights, layer: int) -> LayerHeads:
        """One layer as the overview shows it. Shares without tokens set aside need the layer's own numbers."""
        aside, heads = self.tools.sets_aside, weights.heads(layer)
        if weights.captured(layer):
            pattern = weights.trace[weights.stack.point(layer)].values
            return LayerHeads(str(layer), heads, partial(weights.layer, layer, aside=aside), made_of=pattern)
        there = weights.overview(layer)
        if there is None or aside:
            return LayerHeads(str(layer), heads, None, held=False)
        picture = there.picture
        return LayerHeads(
            str(layer),
            heads,
            lambda: (np.nan_to_num(picture), np.isnan(picture).all(axis=0)),
            held=False,
            made_of=there,
        )

    def _keep_in_sight(self) -> None:
        """Scroll the overview to the current head where it is larger than its place."""
        area: QScrollArea = self._overview_scroll
        cell = self.overview.cell_rect(self.overview.row, self.overview.column).toRect()
        area.ensureVisible(cell.center().x(), cell.center().y(), cell.width() + 8, cell.height() + 8)

    # Words -------------------------------------------------------------------------------------------------------

    @property
    def words(self) -> MapWords:
        """What is said of the map as it is now."""
        assert self.scene is not None
        values = self._values if self._shows_map else None
        since = self._since(self.spot.layer) if self.tools.rolled and self._shows_map else None
        return MapWords(self.scene, self.spot, values, self.tools.rolled, self.tools.sets_aside, since)

    def _describe(self, query: int, key: int) -> str:
        return self.words.cell(query, key)

    def _describe_head(self, place: int, head: int) -> str:
        assert self.scene is not None
        layer = self.scene.weights.stack.layers[place]
        return self.words.head(layer, head, remembered=self.overview.remembers(place))

    # What the person does ----------------------------------------------------------------------------------------

    def _on_head(self, place: int, head: int) -> None:
        assert self.scene is not None
        layer = self.scene.weights.stack.layers[place]
        self.head_picked.emit(layer, head)
        if not self.scene.weights.captured(layer):
            self.layer_wanted.emit(layer)

    def _on_hovered(self, query: int, key: int) -> None:
        if not self.tools.rolled:
            self.pointed.emit(query, key)

    def _on_tools(self) -> None:
        if self.scene is not None:
            self.tools.set_names(self.scene.aside_names)
            self.fill_overview()
        self.changed.emit()
