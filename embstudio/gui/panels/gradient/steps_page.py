"""The page Steps: whether each step stretches or shrinks, and why the product of its steps says little of the whole."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.gradient.choices import Choice
from embstudio.gui.panels.gradient.curves import product_curves, step_curves
from embstudio.gui.panels.gradient.page import OF_SCORES, OF_WORDS, GradientPage
from embstudio.gui.panels.gradient.scene import Scene
from embstudio.gui.panels.gradient.words import layer_of, number
from embstudio.gui.plots.columns_in_sight import ColumnsInSight
from embstudio.gui.plots.curve_plot import CurvePlot, DrawnCurve
from embstudio.gui.plots.line_plot import Line
from embstudio.gui.plots.sight_axis import SightAxis
from embstudio.gui.plots.value_table import ValueTable
from embstudio.gui.style.theme import Theme

NO_STEPS = (
    "A transformer takes no steps: every token reaches every other in one hop through attention.\n"
    "How far back it reaches is on the first page."
)
NO_STATES = "No recurrent layer of this model could be differentiated step by step."
LEFT_OUT = (
    "Singular values are left out, since text and layer are so large.\nThe norms are on the first page; a shorter "
    "text has both."
)
STEPS = "Each step: the most that ∂s_t/∂s_t₋₁ stretches anything; above 1 it can explode, below 1 it must shrink"
PRODUCT = "All steps from each token to T: what is left of the change that arrives best, and the product of the steps"
WHY_LESS = (
    "The product of the steps' largest singular values is an upper bound, reached only if each step stretches most "
    "what the one before did: ‖A B‖ ≤ ‖A‖ ‖B‖."
)
WHY_NEITHER = (
    "Of an LSTM the product is not even a bound: h and c go on side by side, and each step's value here is of one by "
    "itself, the way through the other left out."
)


class StepsPage(GradientPage):
    """Above, each step by itself; below, all steps up to T."""

    name = "Steps"
    tip = "Whether each step of a recurrent layer stretches or shrinks a change, and all of them together"

    def __init__(self, theme: Theme, sight: ColumnsInSight, parent: QWidget | None = None) -> None:
        super().__init__(theme, sight, parent)
        self.layer = Choice("&Layer", "GradientStepsLayer", "Recurrent layer and direction",
                            "Which recurrent layer, and which way it reads", ())  # fmt: skip
        self.layer.box.activated.connect(lambda _place: self._redraw())
        self.layer.box.activated.connect(lambda _place: self.pick_layer(str(self.layer.chosen)))
        self.tools = (self.layer,)
        self.steps, self.product = CurvePlot(theme, sight), CurvePlot(theme, sight)
        self.steps.shade = True
        self.axis = SightAxis(theme, sight)
        self.table = ValueTable(theme)
        self.table.setObjectName("GradientStepsTable")
        self.table.setAccessibleName("The steps as numbers")
        self.table.lines.text_of = number
        self.table.picked.connect(self.token_picked)
        self.table.hide()
        self.axis.picked.connect(self.token_picked)
        self.titles = [ElidedLabel(STEPS), ElidedLabel(PRODUCT)]
        self.drawn: list[DrawnCurve] = []
        self._hover: int | None = None
        self._cursor: int | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(2)
        for title, plot, name in zip(self.titles, (self.steps, self.product), ("Steps", "Product"), strict=True):
            plot.setObjectName(f"Gradient{name}")
            plot.setAccessibleName(title.text())
            plot.describe = self.describe
            plot.picked.connect(self.token_picked)
            plot.hovered.connect(self._on_hovered)
            plot.unhovered.connect(self._on_unhovered)
            title.setContentsMargins(8, 0, 8, 0)
            column.addWidget(title)
            column.addWidget(plot, 1)
        column.addWidget(self.table, 2)
        column.addWidget(self.axis)

    def set_scene(self, scene: Scene) -> None:
        super().set_scene(scene)
        self._hover = None
        self.layer.offer([(layer_of(prefix), prefix) for prefix in scene.prefixes])
        self.axis.set_labels(scene.labels)
        self._redraw()

    def show_column(self, column: int | None) -> None:
        self._cursor = column
        if self.scene is not None:
            self.sight.bring(self.scene.last if column is None else column)
        self._mark()

    def show_layer(self, layer: int) -> None:
        chosen = str(self.layer.chosen or "")
        if chosen and self.scene is not None and (part := self.scene.part_at(layer, chosen)) != chosen:
            self.layer.choose(part)
            self._redraw()

    @property
    def told(self) -> int:
        """The column that is told of."""
        if self._hover is not None:
            return self._hover
        assert self.scene is not None
        return self.scene.last if self._cursor is None else self._cursor

    def _redraw(self) -> None:
        if self.scene is None:
            return
        prefix = str(self.layer.chosen)
        above, below = step_curves(self.scene, prefix), product_curves(self.scene, prefix)
        self.steps.set_curves(above)
        self.product.set_curves(below)
        wide, right = (max(getattr(plot, side) for plot in (self.steps, self.product)) for side in ("gutter", "right"))
        for plot in (self.steps, self.product):
            plot.set_margins(wide, right)
        self.axis.set_margins(wide, right)
        self.axis.set_column(self.scene.last)
        self.drawn = [*above, *below]
        count = self.scene.count
        names = [f"{each.curve.label} step" for each in above] + [each.curve.label for each in below]
        lines = [Line(name, "h", each.curve.by_column(count)) for name, each in zip(names, self.drawn, strict=True)]
        self.table.lines.set_lines(self.scene.labels, lines)
        self._mark()

    def _mark(self) -> None:
        if self.scene is None:
            return
        told = self.told
        for plot in (self.steps, self.product):
            plot.set_places(self.scene.last, told if told != self.scene.last else None)
        self.table.set_row(told)
        self.changed.emit()

    # Words ---------------------------------------------------------------------------------------------------------

    def why_empty(self, scene: Scene) -> str:
        cells = scene.own.answer.cells
        if not cells:
            kind = scene.own.document.opened.anatomy.kind
            return NO_STEPS if kind == "transformer" else "\n".join((NO_STATES, *self.notes(scene)))
        return LEFT_OUT if all(np.isnan(cell.largest).all() for cell in cells) else ""

    def notes(self, scene: Scene) -> list[str]:
        return [note for note in super().notes(scene) if not note.startswith((OF_SCORES, OF_WORDS))]

    def telling(self) -> str:
        scene = self.scene
        if scene is None:
            return ""
        label = scene.labels[self.told]
        parts = []
        for each in self.drawn:
            value = each.curve.value_at(self.told)
            if each.curve.role == "steps" and not np.isnan(value):
                parts.append(f"{each.curve.label} {number(value)} ({'stretches' if value > 0 else 'shrinks'})")
        if not parts:
            return f"‘{label}’ is read first, so no step leads to it" if self.told == scene.first else (
                f"‘{label}’ is read after T, ‘{scene.labels[scene.last]}’"
            )  # fmt: skip
        return f"the step to ‘{label}’: " + " · ".join(parts)

    def note(self) -> str:
        lstm = str(self.layer.chosen).startswith("lstm.")
        return WHY_NEITHER.rstrip(".") if lstm else WHY_LESS.rstrip(".")

    def shown_tools(self) -> tuple[QWidget, ...]:
        return (self.layer,) if self.layer.box.count() > 1 else ()

    def describe(self, column: int) -> str:
        """The tooltip of a column: every value that stands there."""
        scene = self.scene
        if scene is None:
            return ""
        lines = [f"‘{scene.labels[column]}’ (token {column + 1}), T = ‘{scene.labels[scene.last]}’"]
        for each in self.drawn:
            value = each.curve.value_at(column)
            if not np.isnan(value):
                lines.append(f"{each.curve.title}: {number(value)}")
        return "\n".join(lines)

    # What the person does --------------------------------------------------------------------------------------------

    def _on_hovered(self, column: int) -> None:
        self._hover = column
        self.changed.emit()

    def _on_unhovered(self) -> None:
        self._hover = None
        self.changed.emit()

    def show_numbers(self, wanted: bool) -> None:
        self.table.setVisible(wanted)
        for widget in (*self.titles, self.steps, self.product, self.axis):
            widget.setVisible(not wanted)

    def restyle(self) -> None:
        for plot in (self.steps, self.product):
            plot.restyle()
        for title in self.titles:
            title.setFont(self.theme.font("small"))
        self.table.restyle()
