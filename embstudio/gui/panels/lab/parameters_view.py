"""How many weights each component of a model has: by formula, and beside it in the file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.anatomy.model_shape import Compared
from embstudio.formulas.scaling.known_shapes import Shape
from embstudio.gui.panels.lab.pair_bars import PairBars
from embstudio.gui.panels.lab.scaling_words import counts_of, difference_words, doubling, formulas_of
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme


class ParametersView(QWidget):
    """Bars, what explains a difference, and what doubling does."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars = PairBars(theme, "Parameters by component")
        self.bars.setObjectName("scalingBars")
        self.differs, self.doubled = WrappedLabel("", quiet=False), WrappedLabel("")
        self.differs.setObjectName("scalingDiffers")
        self.doubled.setObjectName("scalingDoubled")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        for widget in (self.bars, self.differs, self.doubled):
            column.addWidget(widget)
        column.addStretch(1)

    def show_shape(self, shape: Shape, rows: Sequence[Compared]) -> None:
        """rows: the file's weights beside the formula's, the total last; none where there is no file."""
        formulas, columns = formulas_of(shape), list[tuple[str, np.ndarray]]()
        if rows:
            names = [row.component for row in rows]
            columns += [("by formula", np.array([float(row.formula) for row in rows])),
                        ("in the file", np.array([float(row.file) for row in rows]))]  # fmt: skip
            tips = ["\n".join(filter(None, [formulas.get(row.component, ""), row.why])) for row in rows]
        else:
            counts = counts_of(shape)
            whole = sum(counts.values())
            names = [*counts, "total"]
            columns.append(("parameters", np.array([*map(float, counts.values()), float(whole)])))
            tips = [f"{formulas.get(name, '')}\n{count / max(1, whole):.1%} of all" for name, count in counts.items()]
        self.bars.set_values(names, columns, tips, total=True, write=lambda value: f"{value:,.0f}")
        self.differs.setText(difference_words(rows) if rows else "")
        self.doubled.setText(doubling(shape))

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.bars.restyle()
