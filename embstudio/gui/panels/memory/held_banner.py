"""Says plainly that what is shown is edited, lists what is held, and lets it go."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.memory import hold_words
from embstudio.gui.style.theme import Theme
from embstudio.studio import Studio

EDITED = "Edited"
NOT_ITS_OWN = "What all panels show is not the model's own run."
OFF = "Nothing is held now: this is the model's own run."


class HeldItem(QWidget):
    """One value that is held: on or off, and away."""

    def __init__(self, studio: Studio, place: int, text: str, on: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.box = QCheckBox(text, self)
        self.box.setObjectName(f"HeldValue{place}")
        self.box.setChecked(on)
        self.box.setMinimumWidth(self.box.sizeHint().height() * 2)  # narrow panels cut the text, which the tooltip has
        self.box.setToolTip(
            f"{text}\nHeld while this is on. A value held from a token on belongs to its text; with another text it is "
            "switched off."
        )
        self.box.toggled.connect(partial(studio.holds.switch, place))
        self.away = QToolButton(self)
        self.away.setObjectName(f"HeldRemove{place}")
        self.away.setText("×")
        self.away.setAutoRaise(True)
        self.away.setToolTip("Let this go and take it off the list")
        self.away.setAccessibleName(f"Remove: {text}")
        self.away.clicked.connect(partial(studio.holds.remove, place))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.box)
        row.addWidget(self.away)


class HeldBanner(QWidget):
    """Hidden while the list is empty."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio, self.theme = studio, theme
        self.setObjectName("HeldBanner")
        self.setAccessibleName("Held values")
        self.said = ElidedLabel()
        self.said.setObjectName("HeldSaid")
        self.all_away = QToolButton()
        self.all_away.setObjectName("HeldRemoveAll")
        self.all_away.setText("Remove all")
        self.all_away.setToolTip("Let everything go: back to the model's own run")
        self.all_away.clicked.connect(studio.holds.clear)
        self.items: list[HeldItem] = []
        self._row = FlowRow(self)
        top = QHBoxLayout()
        top.setContentsMargins(8, 0, 8, 0)
        top.addWidget(self.said, 1)
        top.addWidget(self.all_away)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._row)
        self._row.flow.setContentsMargins(8, 0, 8, 0)
        bind(self, studio.holds.changed, self._fill)
        self._fill()
        self.restyle()

    def restyle(self) -> None:
        """Colours changed. Fusion draws the frames of boxes darker than the window, which on dark cannot be seen."""
        palette = self.said.palette()
        palette.setColor(self.said.foregroundRole(), self.theme.colour("warning"))
        self.said.setPalette(palette)
        self.said.setFont(self.theme.font(bold=True))
        for item in self.items:
            self._paint_box(item)

    def show_place(self) -> None:
        """Say what follows of it at the current token."""
        studio = self.studio
        if not studio.holds.active:
            self.said.setText(OFF)
            return
        told = ""
        if studio.holds.baseline is not None and studio.trace is not None and studio.document is not None:
            told = hold_words.before_and_after(
                studio.document, studio.holds.baseline, studio.trace, studio.cursor.token
            )
        text = f"{EDITED}: {told}. {NOT_ITS_OWN}" if told else f"{EDITED}: {NOT_ITS_OWN[0].lower()}{NOT_ITS_OWN[1:]}"
        self.said.setText(text)

    def _fill(self) -> None:
        holds, trace = self.studio.holds, self.studio.trace
        texts = [hold_words.held(hold.what, trace) if trace is not None else str(hold.what) for hold in holds.items]
        if texts != [item.box.text() for item in self.items]:
            for item in self.items:
                self._row.flow.removeWidget(item)
                item.hide()
                item.deleteLater()
            self.items = [
                HeldItem(self.studio, place, text, holds.items[place].on, self._row) for place, text in enumerate(texts)
            ]
            for item in self.items:
                self._paint_box(item)
                self._row.flow.addWidget(item)
                item.show()
        for item, hold in zip(self.items, holds.items, strict=True):
            item.box.blockSignals(True)
            item.box.setChecked(hold.on)
            item.box.blockSignals(False)
        self.setVisible(bool(holds.items))
        self.show_place()

    def _paint_box(self, item: HeldItem) -> None:
        palette = item.box.palette()
        palette.setColor(palette.ColorRole.Window, self.theme.colour("muted"))
        item.box.setPalette(palette)
