"""The pairs to learn from: a ready list, a list of one's own, or a file; and what is to be said of their labels."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lab.pairs_table import LEFT, PairsTable
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.lab.pairs.pair_list import Lines, Pair, PairList, read_file, read_lines, save_file
from embstudio.lab.pairs.ready import READY, ready_list

_OWN = "A list of your own"
_FILES = "Pairs (*.csv *.tsv *.txt);;All files (*)"
_MOST_FAULTS = 3  # lines that are told of
_MOST_UNDO = 50


class PairsBox(QWidget):
    """changed(): other pairs. chosen(knobs): a list was taken, that may bring knobs with it."""

    changed = Signal()
    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.knobs: tuple[tuple[str, str], ...] = ()  # that the list chosen last is meant for
        self._starts: tuple[tuple[str, tuple[float, ...]], ...] = ()
        self._undo: list[tuple[PairList, int]] = []  # lists there were, and which of the ready ones each was
        self._last: tuple[PairList, int] | None = None
        self._setting = False
        self.choice = QComboBox(self)
        self.choice.setObjectName("labPairsChoice")
        self.choice.setAccessibleName("Pairs to learn from")
        self.choice.setToolTip("Ready lists come with the knobs they are meant for")
        self.choice.addItems([*READY.values(), _OWN])
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(14)
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choice.activated.connect(self._choose)
        self.table = PairsTable(theme, self)
        self.telling = WrappedLabel("", self)
        self.telling.setObjectName("labPairsTelling")
        self.buttons = FlowRow(self)
        for name, text, tip, do in (
            ("labAddPair", "Add", "A new pair below", self.add),
            ("labRemovePair", "Remove", "Take out the pairs that are selected (Delete)", self.remove),
            ("labPastePairs", "Paste", "Add the lines on the clipboard: two items, and SAME or DIFFERENT, with tabs or "
             "commas between (Ctrl+V)", self.paste),
            ("labUndoPairs", "Undo", "Take back the last change of the list (Ctrl+Z)", self.undo),
            ("labOpenPairs", "Open…", "Take the pairs of a CSV or TSV file", self._ask_open),
            ("labSavePairs", "Save…", "Keep the pairs as a CSV or TSV file", self._ask_save),
        ):  # fmt: skip
            button = QToolButton(self)
            button.setObjectName(name)
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(text.rstrip("…"))
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(do)
            self.buttons.flow.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.choice)
        column.addWidget(self.table, 1)
        column.addWidget(self.buttons)
        column.addWidget(self.telling)
        self.table.pairs_model.edited.connect(self._on_edit)
        self.table.remove_wanted.connect(self.remove)
        self.table.paste_wanted.connect(self.paste)
        self.table.undo_wanted.connect(self.undo)
        self._choose(0)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """What stands in the table, without rows that are empty still."""
        return self.table.pairs_model.filled

    @property
    def found(self) -> PairList:
        """The pairs, with the vectors some items begin with."""
        return PairList(self.pairs, self._starts)

    def set_pairs(self, pairs: tuple[Pair, ...]) -> None:
        """Take a list of one's own."""
        self._take(PairList(pairs))

    def open(self, path: Path) -> None:
        """Take the pairs of a file."""
        try:
            lines = read_file(path)
        except StudioError as error:
            self.telling.setText(str(error))
            return
        if not lines.found.pairs:
            self.telling.setText(f"There are no pairs in {path.name}. {_told(lines)}")
            return
        self._take(lines.found)
        self.telling.setText(f"{len(lines.found.pairs):,} pairs of {path.name}. {_told(lines)}")

    def save(self, path: Path) -> None:
        """Keep the pairs as a file."""
        try:
            save_file(self.pairs, path)
        except StudioError as error:
            self.telling.setText(str(error))
        else:
            self.telling.setText(f"{len(self.pairs):,} pairs are saved in {path}.")

    def add(self) -> None:
        """A new pair, to be typed."""
        row = self.table.pairs_model.add(Pair("", "", True))
        index = self.table.pairs_model.index(row, LEFT)
        self.table.setCurrentIndex(index)
        self.table.scrollToBottom()
        self.table.edit(index)

    def remove(self) -> None:
        """Take out the rows that are selected."""
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        if rows:
            pairs = self.table.pairs_model.pairs
            self.table.pairs_model.set_pairs([pair for row, pair in enumerate(pairs) if row not in rows])
            left = min(min(rows), len(self.table.pairs_model.pairs) - 1)
            if left >= 0:
                self.table.selectRow(left)

    def paste(self) -> None:
        """Add the lines on the clipboard."""
        text = QApplication.clipboard().text()
        lines = read_lines(text)
        if lines.found.pairs:
            self.table.pairs_model.set_pairs([*self.pairs, *lines.found.pairs])
            self.table.scrollToBottom()
        count = len(lines.found.pairs)
        done = (
            f"{count:,} {'pair' if count == 1 else 'pairs'} pasted." if text.strip() else "The clipboard has no text."
        )
        self.telling.setText(f"{done} {_told(lines)}".strip())

    def undo(self) -> None:
        """Take back the last change."""
        if self._undo:
            self._last = None
            self._take(*self._undo.pop())
            self.telling.setText("")

    def _choose(self, place: int) -> None:
        if place >= len(READY):
            self._take(PairList(()))
            self.telling.setText("Add pairs, paste lines, or open a file.")
            return
        found = ready_list(list(READY)[place])
        self._take(found, place)
        self.telling.setText("")
        self.chosen.emit(found.knobs)

    def _take(self, found: PairList, place: int | None = None) -> None:
        """Show a list; place: which of the ready ones it is."""
        self._remember()
        self._setting = True
        self._starts, self.knobs = found.starts, found.knobs
        self.table.pairs_model.set_pairs(list(found.pairs))
        self.table.scrollToTop()
        self.choice.setCurrentIndex(len(READY) if place is None else place)
        self._setting = False
        self._last = found, self.choice.currentIndex()
        self.changed.emit()

    def _on_edit(self) -> None:
        if self._setting:
            return
        self._remember()
        self._last = PairList(tuple(self.table.pairs_model.pairs), self._starts), len(READY)
        self.choice.setCurrentIndex(len(READY))  # a ready list that is changed is one's own
        self.telling.setText("")
        self.changed.emit()

    def _remember(self) -> None:
        if self._last is not None:
            self._undo.append(self._last)
            del self._undo[:-_MOST_UNDO]

    def _ask_open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Pairs to learn from", "", _FILES)
        if path:
            self.open(Path(path))

    def _ask_save(self) -> None:
        path, kind = QFileDialog.getSaveFileName(
            self, "Save the pairs", "pairs.tsv", "With tabs (*.tsv);;With commas (*.csv)"
        )
        if path:
            file = Path(path)
            self.save(file if file.suffix else file.with_suffix(".csv" if "csv" in kind else ".tsv"))


def _told(lines: Lines) -> str:
    """The lines that are no pairs, in words."""
    if not lines.faults:
        return ""
    count = len(lines.faults)
    more = f"; {count - _MOST_FAULTS:,} more" if count > _MOST_FAULTS else ""
    what = "One line is no pair" if count == 1 else f"{count:,} lines are no pairs"
    return f"{what}, and left out: {'; '.join(lines.faults[:_MOST_FAULTS])}{more}."
