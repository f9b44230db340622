"""LSA rank by rank: what the matrix is when it is rebuilt from the strongest patterns only, and what is lost."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lab.topics_grid import TopicsGrid
from embstudio.gui.panels.lab.topics_rank_bars import RankBars
from embstudio.gui.panels.lab.topics_words import component_html
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.lsa import Lsa
from embstudio.lab.topics.sparse import Sparse
from embstudio.lab.topics.weighting import weighted

REBUILT, MISSING, TRUE = "rebuilt at this rank", "what is missing", "the matrix itself"
_PLAY_MS = 900  # from one rank to the next
_WORKING = "Taking the matrix apart, in a process of its own…"
_STOPPED = "Stopped. Play begins again."
_NOTHING = "Nothing to take apart yet: choose documents first."
_KEYS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
)  # fmt: skip


class _RankSlider(QSlider):
    """With the focus, its keys are its own; the window's steps through the text have to wait."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            event.accept()
            return True
        return super().event(event)


class TopicsLsa(QWidget):
    """rank_changed(): another rank is kept. picked(document). stop_wanted(), again_wanted(): of a long one."""

    rank_changed = Signal()
    stop_wanted = Signal()
    again_wanted = Signal()
    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._corpus: Corpus | None = None
        self._lsa: Lsa | None = None
        self._matrix: Sparse | None = None
        self._working = False
        self._timer = QTimer(self)
        self._timer.setInterval(_PLAY_MS)
        self._timer.timeout.connect(self._play_on)
        bar = FlowRow(self)
        self.play = self._button("labRankPlay", "Play", "Add rank by rank, from none to all")
        self.play.clicked.connect(self.toggle)
        self.less = self._button("labRankLess", "−", "One rank less")
        self.less.clicked.connect(lambda: self.set_rank(self.rank - 1))
        self.more = self._button("labRankMore", "+", "One rank more")
        self.more.clicked.connect(lambda: self.set_rank(self.rank + 1))
        self.slider = _RankSlider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName("labRank")
        self.slider.setAccessibleName("Rank: how many patterns are kept")
        self.slider.setToolTip("How many patterns (ranks) the matrix is rebuilt from")
        self.slider.setMinimumWidth(80)
        self.slider.valueChanged.connect(self._on_rank)
        self.at = QLabel("", self)
        self.at.setObjectName("labRankText")
        going = QWidget(self)
        row = QHBoxLayout(going)
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self.less, self.slider, self.more, self.at):
            row.addWidget(part)
        self.shown = QComboBox(self)
        self.shown.setObjectName("labRankShown")
        self.shown.setAccessibleName("What the table shows")
        self.shown.addItems([REBUILT, MISSING, TRUE])
        self.shown.currentIndexChanged.connect(lambda _: self._show())
        for widget in (self.play, going, self.shown):
            bar.flow.addWidget(widget)
        self.telling = WrappedLabel("", self, quiet=False)
        self.telling.setObjectName("labRankTelling")
        self.telling.setTextFormat(Qt.TextFormat.RichText)
        self.bars = RankBars(theme, self)
        self.bars.picked.connect(self.set_rank)
        self.added = WrappedLabel("", self, quiet=False)
        self.added.setObjectName("labRankAdded")
        self.added.setTextFormat(Qt.TextFormat.RichText)
        self.grid = TopicsGrid(theme, "Documents by words, rebuilt", 5, self)
        self.grid.setObjectName("labRebuilt")
        self.grid.picked.connect(self.picked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for each in (bar, self.telling, self.bars):
            column.addWidget(each)
        column.addWidget(self.grid, 1)
        column.addWidget(self.added)
        self.show_lsa(None, None)

    @property
    def rank(self) -> int:
        """How many patterns are kept."""
        return self.slider.value()

    def set_rank(self, rank: int) -> None:
        """Keep so many."""
        self.slider.setValue(rank)

    def toggle(self) -> None:
        """Add rank by rank, or stop."""
        if self._working:
            self.stop_wanted.emit()
        elif self._timer.isActive():
            self._stop()
        elif self._lsa is None:
            self.again_wanted.emit()
        elif self._lsa is not None:
            if self.rank >= self._lsa.ranks:
                self.set_rank(0)
            self.play.setText("Stop")
            self._timer.start()

    def show_lsa(self, corpus: Corpus | None, lsa: Lsa | None, said: str = "", *, working: bool = False) -> None:
        """Take another decomposition; said: why there is none; working: it is underway."""
        self._working = working
        self._stop()
        self._corpus, self._lsa = corpus, lsa
        self.grid.setVisible(lsa is not None)
        self._matrix = weighted(corpus, lsa.weighting) if corpus is not None and lsa is not None else None
        for widget in (self.less, self.more, self.slider, self.shown):
            widget.setEnabled(lsa is not None)
        self.play.setEnabled(corpus is not None and not said)
        if lsa is None or corpus is None:
            self.telling.setText(said or (_NOTHING if corpus is None else _WORKING if working else _STOPPED))
            self.at.setText("")
            self.added.setText("")
            self.bars.set_values(np.zeros(0), 1.0, 0)
            self.grid.set_grid((), (), lambda _row, _column: 0.0)
            return
        rank = self.rank or 2
        self.slider.blockSignals(True)
        self.slider.setMaximum(lsa.ranks)
        self.slider.setValue(min(rank, lsa.ranks))
        self.slider.blockSignals(False)
        self._on_rank()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.grid.restyle()
        self.bars.updateGeometry()
        self.bars.update()
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stop()

    def _on_rank(self) -> None:
        self._show()
        self.rank_changed.emit()

    def _show(self) -> None:
        corpus, lsa, matrix, rank = self._corpus, self._lsa, self._matrix, self.rank
        if lsa is None or corpus is None or matrix is None:
            return
        more = "" if not lsa.blocks else " or more"
        self.at.setText(f"rank {rank} of {lsa.ranks}{more}")
        self.telling.setText(
            f"<b>{percent(lsa.kept(rank))}</b> of the squares of all cells kept; lost: ‖A − A{_below(rank)}‖ = "
            f"<b>{four(lsa.lost(rank))}</b> of ‖A‖ = {four(float(np.sqrt(lsa.total)))} (Frobenius, {lsa.weighting})"
        )
        self.bars.set_values(lsa.values, lsa.total, rank)
        self.added.setText(self._added(corpus, lsa, rank))
        grid, shown = self.grid, self.shown.currentText()
        reach = float(np.abs(matrix.values).max(initial=0.0))

        def rebuilt(row: int, column: int) -> float:
            return float((lsa.U[row, :rank] * lsa.values[:rank]) @ lsa.V[column, :rank])

        def missing(row: int, column: int) -> float:
            return float(matrix.at(row, column)) - rebuilt(row, column)

        value = {REBUILT: rebuilt, MISSING: missing, TRUE: matrix.at}[shown]
        grid.grid.text = _cell
        grid.set_grid(corpus.names, corpus.words, value, reach)

    def _added(self, corpus: Corpus, lsa: Lsa, rank: int) -> str:
        if not rank:
            return "Without any pattern all cells are 0, and everything is lost."
        colours = self.theme.colours
        told = component_html(lsa, rank - 1, corpus.words, colours, 6)
        head = (
            f"Rank {rank} adds σ{_below(rank)} · u{_below(rank)} · v{_below(rank)}ᵀ, "
            f"σ{_below(rank)} = {four(float(lsa.values[rank - 1]))}. Weights of words in v{_below(rank)}:"
        )
        signs = (
            "Its two ends stand against each other: where a document has much of one, words of the other are taken "
            "away. Which end is called + means nothing."
            if len(lsa.top_words(rank - 1, 1)[1])
            else "All on one side: what most documents have in common."
        )
        shorter = (
            f"A document is {rank} {'number' if rank == 1 else 'numbers'} instead of {len(corpus.words):,}; of a "
            f"vocabulary of 30,000 words, {rank} instead of 30,000."
        )
        return f"{head}<br>{told}<br><span style='color:{colours.muted}'>{signs} {shorter}</span>"

    def _play_on(self) -> None:
        if self._lsa is None or self.rank >= self._lsa.ranks:
            self._stop()
        else:
            self.set_rank(self.rank + 1)

    def _stop(self) -> None:
        self._timer.stop()
        self.play.setText("Stop" if self._working else "Play")

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button


def _cell(value: float) -> str:
    return four(value) if abs(value) > 1e-9 else "0"


def _below(rank: int) -> str:
    """A number as a subscript."""
    return str(rank).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
