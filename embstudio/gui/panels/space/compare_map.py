"""Both sets in one picture: every word a line from its place in A to its place in B."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.space.compare_run import Compared
from embstudio.gui.panels.space.compare_words import picture_words
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.scatter.colouring import Categories
from embstudio.gui.plots.scatter.emphasis import MOST_LINES, Emphasis, Lines
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.tools import ScatterTools
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme

MOST, LEAST, RANDOM, FOUND, ALL = "most moved", "least moved", "at random", "these words:", "all"
COUNTS = (30, 100, 300, 1000)
_MOST_DRAWN = 20_000  # words with lines; of all of a larger set so many are drawn at random
_LETTERS = 22
_LEAST_HEIGHT = 170  # pixels of the plot; a lower panel scrolls


class CompareMap(QWidget):
    """pointed(place or None): the mouse came to a word. picked(place): one was clicked."""

    pointed = Signal(object)
    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.places = np.zeros(0, np.intp)  # of the words that are drawn, in the comparison's words
        self._compared: Compared | None = None
        self._at: int | None = None
        self.map = Scatter(theme)
        self.map.setObjectName("compareMap")
        self.map.setAccessibleName("Words where they are in A and where they are in B")
        self.map.setMinimumHeight(_LEAST_HEIGHT)
        self.map.describe = self._describe
        self.map.hovered.connect(self._on_hover)
        self.map.clicked.connect(lambda point: self.picked.emit(int(self.places[point % len(self.places)])))
        self.which = self._box("compareWhich", "Which words are drawn", [MOST, LEAST, RANDOM, FOUND, ALL])
        self.many = self._box("compareMany", "How many words are drawn", [str(count) for count in COUNTS])
        self.words = QLineEdit(self)
        self.words.setObjectName("compareWords")
        self.words.setAccessibleName("Words to draw, with commas between them")
        self.words.setPlaceholderText("bank, spring, king, …")
        self.words.editingFinished.connect(self._draw)
        self.tools = ScatterTools(self.map, self)
        self.said = WrappedLabel("", self)
        self.said.setObjectName("comparePictureSaid")
        row = FlowRow(self)
        for widget in (self.which, self.many, self.words, self.tools):
            row.flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(row)
        column.addWidget(self.map, 1)
        column.addWidget(self.said)
        self.restyle()

    def set_compared(self, compared: Compared) -> None:
        """Take another comparison."""
        self._compared = compared
        self._draw()

    def go_on(self, compared: Compared) -> None:
        """Take the same, with more neighbours compared: the picture stays as it is."""
        self._compared = compared

    def forget(self) -> None:
        """Let go of the picture."""
        self._compared, self._at, self.places = None, None, np.zeros(0, np.intp)
        self.map.set_points(np.zeros((0, 2), np.float32))

    def stand(self, place: int | None) -> None:
        """Mark where one stands, if it is drawn."""
        self._at = place
        found = np.flatnonzero(self.places == place) if place is not None else self.places[:0]
        if not len(found):
            self.map.set_emphasis(Emphasis())
        else:
            here = int(found[0])
            self.map.set_emphasis(Emphasis(here, (here + len(self.places),)))

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.words.setMinimumWidth(self.fontMetrics().averageCharWidth() * _LETTERS)
        self.map.restyle()
        self.tools.restyle()

    def _draw(self) -> None:
        which = self.which.currentText()
        self.words.setCursorPosition(0)
        self.many.setVisible(which in (MOST, LEAST, RANDOM))
        self.words.setVisible(which == FOUND)
        compared = self._compared
        if compared is None:
            return
        self.places, missing = self._chosen(compared)
        picture, count = compared.picture, len(self.places)
        first, second = picture.first[self.places], picture.second[self.places]
        names = [compared.comparison.words[place] for place in self.places.tolist()]
        x, y = (percent(float(each)) for each in picture.explained)
        axes = (f"PC1 of both ({x} of the variance)", f"PC2 of both ({y})")
        # The same word is named once, where it is in B: there the line leads to.
        self.map.set_points(np.concatenate([second, first]), [*names, *[""] * count], axes)
        codes = np.repeat(np.array([1, 0], np.uint8), count)
        self.map.set_colouring(Categories("place in", codes, ("A", "B")) if count else None)
        self.map.set_lines(Lines(first, second, arrows=count <= COUNTS[-1]))
        said = picture_words(compared, count)
        if which == ALL and count < len(compared.comparison.words):
            said = f"Drawn at random: {said}"
        if count > MOST_LINES:
            said += f" Of the lines in sight {MOST_LINES:,} at most are drawn."
        self.said.setText(f"{missing} {said}".strip())
        self.stand(self._at)

    def _chosen(self, compared: Compared) -> tuple[np.ndarray, str]:
        """Places of the words to draw, and what is missing of those asked for."""
        found, which = compared.comparison, self.which.currentText()
        many = int(self.many.currentText())
        if which == MOST:
            return found.most_moved[:many], ""
        if which == LEAST:
            return found.most_moved[::-1][:many], ""
        if which == FOUND:
            asked = [word.strip() for word in self.words.text().replace(";", ",").split(",") if word.strip()]
            at = compared.places
            missing = [word for word in asked if word not in at]
            said = f"Not in both: {', '.join(missing)}." if missing else ""
            return np.array([at[word] for word in dict.fromkeys(asked) if word in at], np.intp), said
        most = many if which == RANDOM else _MOST_DRAWN
        if len(found.words) <= most:
            return np.arange(len(found.words)), ""
        return np.sort(np.random.default_rng(0).choice(len(found.words), most, replace=False)), ""

    def _on_hover(self, point: int | None) -> None:
        self.pointed.emit(int(self.places[point % len(self.places)]) if point is not None else None)

    def _describe(self, point: int) -> str:
        assert self._compared is not None
        found, place = self._compared.comparison, int(self.places[point % len(self.places)])
        share = found.overlaps[place]
        same = "" if np.isnan(share) else f"\n{round(float(share) * found.count)} of {found.count} nearest are the same"
        where = "B" if point < len(self.places) else "A"
        return (
            f"{visible_text(found.words[place])}, in {where}\nmoved {four(float(found.alignment.moved[place]))}{same}"
        )

    def _box(self, name: str, plain: str, items: list[str]) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(plain)
        box.setToolTip(plain)
        box.addItems(items)
        box.activated.connect(lambda _place: self._draw())
        return box
