"""What the two are, side by side: sizes, speed, and how well they answer questions with known answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.space.answers import Answers, Check
from embstudio.gui.panels.space.compare_run import Compared
from embstudio.gui.panels.space.compare_words import aligned_words, counts_of, kind_of, shared_words
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.facing_table import FacingTable, Line
from embstudio.gui.plots.overlap_bars import OverlapBars
from embstudio.gui.style.numbers import four, percent, size_of
from embstudio.gui.style.theme import Theme
from embstudio.space.evaluation import AnalogyResult, SimilarityResult
from embstudio.space.evaluation_files import read_evaluation
from embstudio.space.paired_evaluation import PairedEvaluation, evaluate_both
from embstudio.space.vocabulary import CASE_RULE

_TABLE = "embedding table"  # how the source of what a model has begins
_FILES = "Questions (*.txt *.csv *.tsv *.gz *.xz);;All files (*)"
NARROW = 680  # pixels below which the bars stand under the figures, at text scale 1
ASK = "Ask both a file of questions…"
WAITING = "Asking both the questions of {}…"
HINT = "Analogies (four words a line) or rated pairs (two words and a number), as papers on word vectors use them."


class CompareFigures(QWidget):
    """`busy` while the questions are asked."""

    asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.table = FacingTable(theme, "compareFigures", "Figures of A and B side by side")
        self.bars = OverlapBars(theme)
        self.shared = WrappedLabel("", self, quiet=False)
        self.aligned = WrappedLabel("", self)
        self.ask = QPushButton(ASK, self)
        self.ask.setObjectName("compareAsk")
        self.ask.setToolTip(HINT)
        self.ask.clicked.connect(lambda _checked=False: self._choose())
        self.stop = QPushButton("Stop", self)
        self.stop.setObjectName("compareAskStop")
        self.stop.setAccessibleName("Stop asking the questions")
        self.stop.clicked.connect(lambda _checked=False: self._stop())
        self.stop.hide()
        self.note = WrappedLabel(HINT, self)
        self.note.setObjectName("compareAskNote")
        self.answers = Answers(self)
        self.answers.answered.connect(self._take)
        self.answers.failed.connect(self._fail)
        row = FlowRow(self)
        row.flow.addWidget(self.ask)
        row.flow.addWidget(self.stop)
        self.heading = QLabel("", self)
        left, right = _column(self.shared, self.table, row, self.note), _column(self.heading, self.bars, self.aligned)
        right.layout().addStretch(1)  # type: ignore[union-attr]  # it has one
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(8, 0, 8, 4)
        self._both.setSpacing(12)
        self._both.addWidget(left, 3)
        self._both.addWidget(right, 2)
        self._compared: Compared | None = None
        self._lines: list[Line] = []
        self._quality: list[Line] = []

    @property
    def busy(self) -> bool:
        return self.answers.busy

    def set_compared(self, compared: Compared) -> None:
        """Take another comparison."""
        before = self._compared.asked.sets if self._compared is not None else (None, None)
        if any(now is not then for now, then in zip(compared.asked.sets, before, strict=True)):
            self._quality = []
            self.note.setText(HINT)
        self._stop()
        self._compared = compared
        found, made = compared.comparison, compared.asked.made
        self._lines = figures(compared)
        self.shared.setText(shared_words(compared))
        self.aligned.setText(aligned_words(compared))
        self.heading.setText(f"{kind_of(compared).capitalize()} by how many of {found.count} nearest are the same")
        self.bars.set_counts(counts_of(found), float(found.overlap.mean()), found.by_chance)
        self.ask.setVisible(made is None)
        self.note.setVisible(made is None)
        self.table.facing.set_titles(*compared.asked.titles)
        self._list()

    def forget(self) -> None:
        """Let go of the sets."""
        self._stop()
        self._compared, self._lines, self._quality = None, [], []
        self._list()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = event.size().width() >= NARROW * self._theme.scale
        self._both.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.table.restyle()
        self.heading.setFont(self._theme.font("small", bold=True))
        self.bars.updateGeometry()
        self.bars.update()

    def evaluate(self, file: Path) -> None:
        """Ask both the questions of a file."""
        compared = self._compared
        if compared is None:
            return
        self.ask.setEnabled(False)
        self.stop.show()
        self.note.setText(WAITING.format(file.name))

        def ask(check: Check) -> tuple[str, PairedEvaluation]:
            metric = compared.asked.metric
            return file.name, evaluate_both(read_evaluation(file), compared.asked.sets, compared.comparison,
                                            metric=metric, check=check)  # fmt: skip

        self.answers.ask(ask)

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Questions with known answers", "", _FILES)
        if path:
            self.evaluate(Path(path))

    def _stop(self) -> None:
        if self.answers.busy:
            self.note.setText("Stopped. Nothing was kept of the questions asked so far.")
        self.answers.forget()
        self._rest()

    def _rest(self) -> None:
        self.ask.setEnabled(True)
        self.stop.hide()

    def _take(self, answer: tuple[str, PairedEvaluation]) -> None:
        name, found = answer
        assert self._compared is not None
        shared = len(self._compared.comparison.words)
        self._rest()
        self._quality = [line for line in self._quality if line[3] != name] + quality(name, found)
        self.note.setText(
            f"Own words: of each set by itself. Shared words: questions that both know, answered out of the {shared:,} "
            f"shared words, so that neither has the easier choice. {CASE_RULE}"
        )
        self._list()
        self.asked.emit()

    def _fail(self, error: StudioError) -> None:
        self._rest()
        self.note.setText(str(error))

    def _list(self) -> None:
        self.table.facing.set_lines([*self._lines, *self._quality])


def figures(compared: Compared) -> list[Line]:
    """What the two are."""
    sets, found, made = compared.asked.sets, compared.comparison, compared.asked.made
    lines: list[Line] = []
    sources = [each.source for each in sets]
    if made is None and not all(source.startswith(_TABLE) or not source for source in sources):
        lines.append(_line("from", [source or "the open model" for source in sources]))
    lines.append(_line(kind_of(compared), [f"{len(each):,}" for each in sets]))
    lines.append(_line("dimensions", [f"{each.width:,}" for each in sets]))
    lines.append(_line("bytes of vectors",
                       [f"{size_of(each.vectors.nbytes)} ({each.vectors.dtype.name})" for each in sets]))  # fmt: skip
    if made is None:
        only = found.shared.only_first, found.shared.only_second
        lines.append(_line("only here", [f"{count:,}" for count in only]))
        return lines
    lines.append(_line("one vector of a text", [", then ".join(each.steps) for each in made]))
    lines.append(_line("texts a second", [f"{four(each.rate)}" for each in made],
                       "Measured just now, on this computer, beside whatever else it was doing."))  # fmt: skip
    if any(each.cut for each in made):
        lines.append(_line("cut: too long", [f"{each.cut:,}" for each in made]))
    return lines


def quality(name: str, found: PairedEvaluation) -> list[Line]:
    """The answers to the questions of a file, of the two with all their words and over the shared ones."""
    lines: list[Line] = [(name, "", "", name)]
    for what, pair in (("own words", found.own), ("shared words", found.equal)):
        if isinstance(pair[0], AnalogyResult) and isinstance(pair[1], AnalogyResult):
            for one, other in zip(pair[0].groups, pair[1].groups, strict=True):
                said = [
                    "no question known" if each.accuracy is None
                    else f"{percent(each.accuracy)} ({each.right:,} of {each.known:,})" for each in (one, other)
                ]  # fmt: skip
                lines.append((f"{one.name}, {what}", said[0], said[1], name))
        else:
            lines.append((what, *_rhos(pair), name))
    return lines


def _rhos(pair: tuple[AnalogyResult | SimilarityResult, ...]) -> tuple[str, str]:
    said = [
        f"ρ = {four(each.rho)} ({each.known:,} of {each.asked:,} pairs)" if each.rho is not None else "no order"
        for each in pair
        if isinstance(each, SimilarityResult)
    ]
    return said[0], said[1]


def _line(what: str, both: Sequence[str], more: str = "") -> Line:
    return what, both[0], both[1], more


def _column(*widgets: QWidget) -> QWidget:
    """Widgets above each other; a table takes what room is left."""
    frame = QWidget()
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    for widget in widgets:
        column.addWidget(widget, 1 if isinstance(widget, FacingTable) else 0)
    return frame
