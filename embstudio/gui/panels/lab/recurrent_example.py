"""One example, symbol by symbol: what each cell would answer after it, and how much of the gradient arrives there."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.lab.recurrent_table import Cell, CellTable
from embstudio.gui.panels.lab.recurrent_words import example_said, rough
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.lab.recurrent.facts import About, CellFacts, Facts

COLOURS = {"RNN": "hidden", "GRU": "candidate", "LSTM": "memory"}
_NOT_YET = (
    "Step takes one batch, and follows its first example here: what each cell guesses after each symbol, and the norm "
    "of the gradient there. While it runs, a held-out example is followed."
)
_HOW = (
    "Guesses after each symbol; only the last one is learnt. ✓ and bar: right, and the chance of the right answer. "
    "‖∂‖: norm of the gradient ∂L/∂h (LSTM: ∂L/∂c) after the symbol; its bar is on a log scale."
)


class ExampleView(QWidget):
    """`show_facts` after each report; `show_nothing` where there is no training."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = WrappedLabel("", self, quiet=False)
        self.said.setObjectName("labExample")
        self.table = CellTable(theme, self)
        self.table.setObjectName("labExampleTable")
        self.table.setAccessibleName("The example, symbol by symbol")
        self._how = WrappedLabel(_HOW, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.said)
        column.addWidget(self.table, 1)
        column.addWidget(self._how)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Say what to do."""
        self.said.setText(_NOT_YET)
        self.table.hide()
        self._how.hide()

    def show_facts(self, facts: Facts, about: About) -> None:
        """Tell of the example that is followed."""
        followed = facts.followed
        self.said.setText(example_said(followed, facts, about.answers))
        cells = [cell for cell in facts.cells if cell.guesses is not None]
        heads = ["symbol"]
        columns: list[list[Cell]] = [[Cell(about.words[word]) for word in followed.ids.tolist()]]
        low, high = _range(cells)
        for cell in cells:
            assert cell.guesses is not None
            heads += [cell.kind, "‖∂‖"]
            columns.append([_guess(each, followed.answer, about.answers, cell.kind) for each in cell.guesses.chances])
            columns.append([_gradient(norm, low, high, cell.kind) for norm in _norms(cell)[::-1].tolist()])
        self.table.set_cells(heads, [list(row) for row in zip(*columns, strict=True)])
        self.table.show()
        self._how.show()

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.table.restyle()


def _norms(cell: CellFacts) -> np.ndarray:
    """By distance from the end, of the state that carries what is remembered."""
    assert cell.guesses is not None
    flow = cell.guesses.flow
    return flow.h if flow.c is None else flow.c


def _range(cells: list[CellFacts]) -> tuple[float, float]:
    """log10 of the smallest and the largest norm that is not 0."""
    every = np.concatenate([np.zeros(0), *(_norms(cell) for cell in cells)])
    seen = np.log10(every[every > 0])
    return (float(seen.min()), float(seen.max())) if len(seen) else (-1.0, 0.0)


def _guess(chances: np.ndarray, answer: int, answers: tuple[str, ...], kind: str) -> Cell:
    best = int(chances.argmax())
    right = best == answer
    tip = "\n".join(f"{name}: {percent(chance)}" for name, chance in zip(answers, chances.tolist(), strict=True))
    return Cell(f"{'✓ ' if right else ''}{answers[best]}", f"{kind} after this symbol\n{tip}",
                float(chances[answer]), COLOURS[kind], strong=right)  # fmt: skip


def _gradient(norm: float, low: float, high: float, kind: str) -> Cell:
    bar = 0.0
    if norm > 0:
        bar = 1.0 if high <= low else 0.03 + 0.97 * (float(np.log10(norm)) - low) / (high - low)
    state = "c" if kind == "LSTM" else "h"
    return Cell(
        "nothing" if norm == 0 else rough(norm), f"{kind}: ‖∂L/∂{state}‖ here is {norm:.6g}", bar, COLOURS[kind]
    )
