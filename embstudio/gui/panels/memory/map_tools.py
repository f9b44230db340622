"""The controls of the Map page: what units are sorted by, in which order the columns stand, and what is in sight."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from embstudio.gui.panels.memory.scene import Scene
from embstudio.gui.panels.memory.sorting import By, Named, Sort, choice, sorts_of
from embstudio.gui.plots.zoom_grid import STEP

TEXT, READING, BOTH = range(3)
_ORDERS = ("in the text's order", "as the layer reads", "both directions")


class SortChoice(QWidget):
    """chosen(): another sort (`sort`), or the same again, at another step."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sorts: Sequence[Sort] = (Sort(),)
        self.box = QComboBox(self)
        self.box.setObjectName("MemorySort")
        self.box.setAccessibleName("Sort units by")
        self.box.setToolTip(
            "The order of the rows, in all maps. Units keep the model's numbers. Choosing the same again sorts by the "
            "value at the token where you are now."
        )
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(17)
        self.box.activated.connect(self.chosen)
        label = QLabel("&Sort", self)
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.box)

    @property
    def sort(self) -> Sort:
        return self.sorts[max(0, self.box.currentIndex())]

    def set_scene(self, scene: Scene, named: Named, wanted: Sort) -> Sort:
        """Offer what can be had of a layer; returns the wanted sort, or what there is of it."""
        sorts = sorts_of(scene)
        titles = [choice(scene, sort, named) for sort in sorts]
        if titles != [self.box.itemText(place) for place in range(self.box.count())]:
            self.box.clear()
            self.box.addItems(titles)
            self.box.view().setMinimumWidth(self.box.view().sizeHintForColumn(0) + 24)
        self.sorts = sorts
        there = next((place for place, sort in enumerate(sorts) if sort == _timeless(wanted)), None)
        if there is None:  # the predicted class is another one in another sentence
            there = next((place for place, sort in enumerate(sorts) if _like(sort, wanted)), 0)
        self.box.setCurrentIndex(there)
        kept = sorts[there]
        step = wanted.step if wanted.step is not None and wanted.step < scene.steps else 0
        return kept.here(step)


class ZoomChoice(QWidget):
    """zoomed(factor, rows): see more or fewer tokens or units; 0: all."""

    zoomed = Signal(float, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for what, rows, keys in (("tokens", False, ("−", "+")), ("units", True, ("/", "*"))):
            row.addWidget(QLabel(what, self))
            for name, text, factor, tip, key in (
                ("More", "−", 1 / STEP, f"See more {what}", keys[0]),
                ("Fewer", "+", STEP, f"See fewer {what}, larger", keys[1]),
            ):
                self._button(row, f"Memory{name}{what.title()}", text, f"{tip} ({key} with the focus on a map)",
                             partial(self.zoomed.emit, factor, rows))  # fmt: skip
            row.addSpacing(4)
        self._button(row, "MemoryAll", "all", "See all tokens and units (0, or double-click a map)",
                     partial(self.zoomed.emit, 0.0, False))  # fmt: skip

    def _button(self, row: QHBoxLayout, name: str, text: str, tip: str, act: partial[None]) -> None:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setAutoRaise(True)
        button.clicked.connect(act)
        row.addWidget(button)


def order_box() -> QComboBox:
    """In which order the columns stand, for layers that read backwards or both ways."""
    box = QComboBox()
    box.setObjectName("MemoryColumns")
    box.setAccessibleName("Order of the columns")
    box.setToolTip(
        "A reverse layer reads the last token first. Its columns can stand as the text does, or in its own order of "
        "reading; or both directions are shown side by side."
    )
    box.addItems(_ORDERS)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(17)
    return box


def table_button() -> QToolButton:
    """Lines or numbers."""
    button = QToolButton()
    button.setObjectName("MemoryTable")
    button.setText("&Numbers")
    button.setToolTip("Show the current unit as a table instead of lines")
    button.setCheckable(True)
    return button


def hold_button() -> QToolButton:
    """Opens what holds a value."""
    button = QToolButton()
    button.setObjectName("MemoryHold")
    button.setText("&Hold…")
    button.setShortcut("Ctrl+H")
    button.setToolTip(
        "Hold a gate or state of the current unit at a value while the model runs, and see what follows (Ctrl+H, or "
        "the right button on a map)"
    )
    return button


def _timeless(sort: Sort) -> Sort:
    return Sort(sort.by, sort.part, sort.output)


def _like(sort: Sort, wanted: Sort) -> bool:
    if sort.by is not wanted.by or sort.part != wanted.part:
        return False
    if sort.by is not By.OUTPUT or sort.output is None or wanted.output is None:
        return True
    return sort.output.entry == wanted.output.entry or (sort.output.predicted and wanted.output.predicted)
