"""The Units page: which units still remember a token at another, and whom the memory is due to."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.memory.page import MemoryPage
from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.gui.panels.memory.source_choice import SourceBox, SourceChoice
from embstudio.gui.plots.heat_map import symmetric_limit
from embstudio.gui.plots.source_map import SourceMap
from embstudio.gui.plots.token_axis import TokenAxis
from embstudio.gui.plots.unit_table import UnitColumn, UnitTable
from embstudio.gui.style.colour_maps import signed_map, unit_map
from embstudio.gui.style.numbers import MINUS, four, percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.crowding import left_of
from embstudio.stepper.memory_shares import MemoryShares
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio

LEFT, AMOUNT, SHARE = range(3)
NO_SUM = (
    "A plain RNN keeps nothing as it is: at every step tanh goes over all of its state, so no part of it belongs to "
    "one token.\nHow much the state still hangs on an earlier token is in the Gradient panel."
)
TOO_FEW = "The gates that this needs are not in the trace."
GATES_HELD = (
    "For the gates as they were: what a token did to later gates and candidates is not counted as its own.\n"
    "Rows add up to the state of the unit."
)
_GATE = {"lstm": "f", "gru": "z"}
TINY = 1e-4  # of a share, below which its power of ten is told


class UnitsPage(MemoryPage):
    """A map of unit × token: how much of the state now is due to each token; below it, all units by what is left in
    them of one token's writing."""

    name = "Units"
    tip = "Which units remember: what of the memory now is due to which token, and what is left of one token's writing"

    def __init__(self, studio: Studio, theme: Theme, source: SourceChoice, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.source = source
        self.shares: MemoryShares | None = None
        self._order = np.zeros(0, np.intp)  # the unit of each row of the map
        self._limit = 1.0  # the end of the colours for amounts, the same at every token
        self._drawn: tuple[object, ...] = ()  # what the map is of
        self._left: tuple[Scene, int, np.ndarray] | None = None
        source.changed.connect(self.changed)
        self.source_box = SourceBox(source, "UnitsSource", "; a click on a token below chooses it too")
        self.what = QComboBox()
        self.what.setObjectName("UnitsWhat")
        self.what.setAccessibleName("What the map shows")
        self.what.addItems(["what is left", "due to each", "shares of each"])
        for place, tip in (
            (LEFT, "What is left of the chosen token's writing after each token from there on: the gates multiplied"),
            (AMOUNT, "What of the state is due to each token, with its sign: rows add up to it"),
            (SHARE, "The same as a share of all that is in the unit, whatever its sign"),
        ):
            self.what.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.what.setToolTip(
            "A column of the map is a token from the chosen one on, with what is left of that one's writing by then; "
            "or a token that wrote, with what is still there of it at the current one"
        )
        self.what.activated.connect(lambda _place: self.changed.emit())
        self.sorted = QCheckBox("&Sorted")
        self.sorted.setObjectName("UnitsSorted")
        self.sorted.setToolTip("Rows of the map in the order of the table below, in place of the units' numbers")
        self.sorted.toggled.connect(lambda _on: self.changed.emit())
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.source_box, self.what, self.sorted):
            row.addWidget(widget)
        self.tools = (tools,)
        self.map = SourceMap(theme)
        self.map.setObjectName("UnitsMap")
        self.map.describe = self._describe
        self.map.picked.connect(self._pick)
        self.map.hovered.connect(lambda row, _column: self._point(int(self._order[row])))
        self.map.unhovered.connect(self.unpointed)
        self.axis = TokenAxis(theme)
        self.axis.setToolTip("Click a token: what it wrote is followed")
        self.axis.picked.connect(source.choose)
        self.map.window_changed.connect(self._fit_axis)
        self.table = UnitTable(theme)
        self.table.setObjectName("UnitsTable")
        self.table.setAccessibleName("What is left of the chosen token in each unit")
        self.table.picked.connect(self.unit_picked)
        self.table.pointed.connect(self._point)
        self.table.unpointed.connect(self.unpointed)
        self.caution = ElidedLabel(GATES_HELD.partition("\n")[0])
        self.caution.setObjectName("UnitsCaution")
        self.caution.setContentsMargins(8, 0, 8, 0)
        self.caution.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.empty = EmptyState(NO_SUM)
        self.empty.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.map, 3)
        column.addWidget(self.axis)
        column.addWidget(self.table, 2)
        column.addWidget(self.caution)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(body)
        self._stack.addWidget(self.empty)

    def restyle(self) -> None:
        self.map.redraw()
        self.table.restyle()
        self.caution.setFont(self.theme.font("small"))

    # What is shown -----------------------------------------------------------------------------------------------

    def set_scene(self, scene: Scene) -> None:
        super().set_scene(scene)
        self.shares = shares_of(scene)
        self._left = None
        self._limit = symmetric_limit(scene.flow.new) if scene.flow is not None else 1.0
        self.empty.setText(NO_SUM if scene.cell.kind == "rnn" else TOO_FEW)
        self._stack.setCurrentIndex(0 if self.shares is not None else 1)
        for tool in self.tools:
            tool.setEnabled(self.shares is not None)
        if self.shares is None:
            self.source_box.show_choice(None)
            return
        gutter = self._gutter()
        self.map.backwards = scene.cell.backwards
        self.map.set_gutter(gutter)
        self._drawn = ()
        self.axis.set_labels(scene.labels, gutter)
        self.table.units.set_columns(_columns(scene))
        if not self.table.units.values:
            self.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)

    def show_spot(self, spot: Spot) -> None:
        super().show_spot(spot)
        scene, shares = self.scene, self.shares
        assert scene is not None
        if shares is None:
            return
        self.source.settle(scene, shares, spot.step)
        self.source_box.show_choice(scene)
        source, now = self.source.step, spot.step
        due, share = shares.due(source, now), shares.share(source, now)
        written, retained = shares.written(source), shares.retained(source, now)
        state = np.asarray(scene.values(scene.cell.state)[now], np.float64)
        self.table.units.set_values((written, retained, due, share, state))
        self.table.set_unit(spot.unit)
        self._fill(scene, shares, now)
        row, left = int(np.flatnonzero(self._order == spot.unit)[0]), self.what.currentIndex() == LEFT
        self.map.set_columns(now, source)
        self.map.set_place(row, now if left else source)
        self.axis.set_column(now)

    def _fill(self, scene: Scene, shares: MemoryShares, now: int) -> None:
        """Draw the map anew where another step, source or order changes something in it."""
        what, source, ordered = self.what.currentIndex(), self.source.step, self.sorted.isChecked()
        self._order = self.table.units.order if ordered else np.arange(shares.units)
        drawn = (what, source if what == LEFT else now, self._order.tobytes() if ordered else b"")
        if drawn == self._drawn:
            return
        if not self._drawn or self._drawn[0] != what:
            self._name(scene.cell.state, _GATE.get(scene.cell.kind, ""), what)
        self._drawn = drawn
        colours, state = self.theme.colours, scene.cell.state
        if what == AMOUNT:
            values, table, low, high = shares.picture(now), signed_map(colours), -self._limit, self._limit
        elif what == SHARE:
            values, mass = np.abs(shares.picture(now)), shares.mass[now].astype(np.float32)[:, None]
            values = np.divide(values, mass, out=np.zeros_like(values), where=mass > 0)
            table, low, high = unit_map(colours, colours.role(state)), 0.0, 1.0
        else:
            values = np.ascontiguousarray(shares.left(source).T.astype(np.float32))
            table, low, high = unit_map(colours, colours.role(_GATE[scene.cell.kind])), 0.0, 1.0
        self.map.set_values(values[self._order] if ordered else values, table, low, high)

    def _name(self, state: str, gate: str, what: int) -> None:
        """Give the map its title."""
        if what == LEFT:
            about = f"What is left of what the chosen token wrote, after each token: the product of {gate} since."
            self.map.set_title(f"Π{gate}", "what is left", gate, about)
            return
        of = f"of {state}" if what == AMOUNT else "of what is in the unit"
        about = f"How much {of} now is due to each token.\n{GATES_HELD}"
        self.map.set_title(state, "due to …", state, about)

    def _gutter(self) -> int:
        metrics = QFontMetrics(self.theme.font())
        wide = metrics.horizontalAdvance("what is left") + QFontMetrics(self.theme.mono()).horizontalAdvance("mm") + 28
        return min(max(wide, metrics.horizontalAdvance("clipped 0000")), max(110, self.width() // 4))

    def _fit_axis(self) -> None:
        self.axis.set_sight(self.map.in_sight()[1])

    @property
    def probe(self) -> Probe | None:
        scene = self.scene
        return None if scene is None else Probe(scene.cell.point(scene.state), (self.spot.step, self.spot.unit))

    # Words -------------------------------------------------------------------------------------------------------

    def telling(self) -> str:
        scene, shares = self.scene, self.shares
        if scene is None or shares is None:
            return ""
        source, now = self.source.step, self.spot.step
        word, here = f"‘{scene.labels[source]}’", f"‘{scene.labels[now]}’"
        if not shares.read(source, now):
            return f"{word} has not been read yet at {here}"
        if self._left is None or self._left[:2] != (scene, source):
            self._left = scene, source, left_of(shares, source)
        left = float(self._left[2][now])
        if np.isnan(left):
            return f"{word} wrote nothing"
        best = np.argsort(-np.abs(shares.due(source, now)), kind="stable")[:3]
        most = ", ".join(map(str, best.tolist()))
        began = "; the layer began with a state of its own" if shares.starts else ""
        return f"of what {word} wrote, {percent(left)} is left at {here}, most of it in units {most}{began}"

    def _describe(self, row: int, column: int) -> str:
        scene, shares = self.scene, self.shares
        if scene is None or shares is None or not len(self._order):
            return ""
        unit, now = int(self._order[row]), self.spot.step
        if self.what.currentIndex() == LEFT:
            now, column = column, self.source.step
        word, here = scene.labels[column], scene.labels[now]
        if not shares.read(column, now):
            return f"unit {unit}: ‘{word}’ has not been read yet at ‘{here}’"
        due, written = float(shares.due(column, now)[unit]), float(shares.written(column)[unit])
        share = float(shares.share(column, now)[unit])
        kept = _kept(float(shares.retained(column, now)[unit]), float(shares.log10_retained(column, now)[unit]))
        state = float(scene.values(scene.cell.state)[now, unit])
        return (
            f"unit {unit}: of {four(written)} that ‘{word}’ wrote, {kept} is left at ‘{here}’: {four(due)}\n"
            f"{percent(share)} of what is in the unit; its {scene.cell.state} is {four(state)}"
        )

    # What the person does ----------------------------------------------------------------------------------------

    def _pick(self, row: int, column: int) -> None:
        unit = int(self._order[row])
        if self.what.currentIndex() == LEFT:  # a column is a later token here
            self.cell_picked.emit(column, unit)
            return
        if unit != self.spot.unit:
            self.unit_picked.emit(unit)
        self.source.choose(column)

    def _point(self, unit: int) -> None:
        if self.scene is not None:
            self.pointed.emit(Probe(self.scene.cell.point(self.scene.state), (self.spot.step, unit)))


def shares_of(scene: Scene) -> MemoryShares | None:
    """Whom the memory of a scene is due to, worked out once."""
    if MemoryShares not in scene.kept:
        scene.kept[MemoryShares] = MemoryShares.of(scene.trace, scene.cell, scene.flow)
    found = scene.kept[MemoryShares]
    return found if isinstance(found, MemoryShares) else None


def _columns(scene: Scene) -> tuple[UnitColumn, ...]:
    state, gate = scene.cell.state, _GATE.get(scene.cell.kind, "")
    new = "i ⊙ g" if scene.cell.kind == "lstm" else "(1 − z) ⊙ n"
    return (
        UnitColumn("wrote", f"What the chosen token added to the unit: {new}", by_size=True),
        UnitColumn("kept", f"How much of anything then in the unit the gates have let through since: Π {gate}", _share),
        UnitColumn("still there", f"wrote × kept: how much of {state} now is due to the chosen token", by_size=True),
        UnitColumn("of the unit", "Its share of all that is in the unit: |still there| / Σ |what is due to any token|",
                   _share),
        UnitColumn(f"{state} now", f"The unit's {state} at the current token", by_size=True),
    )  # fmt: skip


def _share(value: float) -> str:
    return _kept(value, float(np.log10(abs(value))) if value else -np.inf)


def _kept(value: float, log10: float) -> str:
    """A share as a percentage, or as a power of ten where a percentage says nothing."""
    if abs(value) >= TINY:
        return percent(value)
    return "0 %" if np.isneginf(log10) else f"10^{MINUS}{abs(log10):.0f}"
