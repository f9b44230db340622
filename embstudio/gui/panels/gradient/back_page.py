"""The page How far back: how much of a change at each token arrives at T, beside the plain curve wᵏ."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.gradient.choices import Choice
from embstudio.gui.panels.gradient.curves import reached_curves, sides, state_curves
from embstudio.gui.panels.gradient.page import OF_SCORES, GradientPage
from embstudio.gui.panels.gradient.power_strip import PowerStrip
from embstudio.gui.panels.gradient.scene import Scene
from embstudio.gui.panels.gradient.words import layer_of, number, tell_curves, tooltip
from embstudio.gui.plots.columns_in_sight import ColumnsInSight
from embstudio.gui.plots.curve_plot import CurvePlot, DrawnCurve
from embstudio.gui.plots.line_plot import Line
from embstudio.gui.plots.sight_axis import SightAxis
from embstudio.gui.plots.value_table import ValueTable
from embstudio.gui.style.theme import Theme
from embstudio.stepper.gradient_curves import Scale, power_curve

STATES, WORDS = "states", "words"
NORM, LARGEST = "norm", "largest"
WHAT = (
    "Of what by what\n"
    "States: a recurrent layer's state at T by its own state at each earlier token, ∂h_T/∂h_t and, of an LSTM, "
    "∂c_T/∂c_t\n"
    "Words: what the whole model made of T by each token's vector, ∂v_T/∂x_t; by this all sorts of models compare"
)
HOW = (
    "How large a Jacobian is\n"
    "Mean: its Frobenius norm; as a share of the one at T, that is what is left of a change in any direction, on the "
    "average (root mean square)\n"
    "Most: its largest singular value, what is left of a change in the direction that arrives best"
)
SCALE = (
    "What each curve is divided by\n"
    "Share of T: its value at T, so that all begin at 1. Share of T−1: its value at the token read just before\n"
    "Absolute: nothing"
)
_WHAT = (("states", STATES), ("words", WORDS))
_SCALES = (("share of T", Scale.SHARE), ("share of T−1", Scale.SHARE_BEFORE), ("absolute", Scale.ABSOLUTE))
MOST_AT_ONCE = 2  # layers and directions that are drawn together without being asked for
NO_CURVES = "There is no gradient to be shown of this model."


class BackPage(GradientPage):
    """The column told of is the one under the mouse, else the cursor's while T is kept, else `distance` before T."""

    name = "How far back"
    compares = True
    tip = "How much of a change at each token arrives at the current one: where gradients vanish, and where they do not"

    def __init__(self, theme: Theme, sight: ColumnsInSight, parent: QWidget | None = None) -> None:
        super().__init__(theme, sight, parent)
        self.what = Choice("&Of", "GradientWhat", "Of what the gradients are", WHAT,
                           _WHAT)  # fmt: skip
        self.layer = Choice("&Layer", "GradientLayer", "Recurrent layer and direction",
                            "Which recurrent layer, and which way it reads", (("all", ""),))  # fmt: skip
        self.how = Choice("&Size", "GradientNorm", "How large a Jacobian is", HOW,
                          (("mean", NORM), ("most", LARGEST)))  # fmt: skip
        self.scale = Choice("S&cale", "GradientScale", "What each curve is divided by", SCALE, _SCALES)
        self.tools = (self.what, self.layer, self.how, self.scale)
        for choice in self.tools:
            choice.box.activated.connect(lambda _place: self._redraw())
        self.layer.box.activated.connect(lambda _place: self.pick_layer(str(self.layer.chosen)))
        self.plot = CurvePlot(theme, sight)
        self.plot.setObjectName("GradientCurves")
        self.plot.setAccessibleName("How much of a change at each token arrives at T")
        self.plot.describe = self._describe
        self.axis = SightAxis(theme, sight)
        self.table = ValueTable(theme)
        self.table.setObjectName("GradientTable")
        self.table.setAccessibleName("The curves as numbers")
        self.table.lines.text_of = number
        self.table.hide()
        self.strip = PowerStrip(theme)
        self.plot.picked.connect(self.token_picked)
        self.plot.hovered.connect(self._on_hovered)
        self.plot.unhovered.connect(self._on_unhovered)
        self.axis.picked.connect(self.token_picked)
        self.table.picked.connect(self._on_row)
        self.strip.changed.connect(self._redraw)
        self.strip.steps_chosen.connect(self._on_steps)
        self._hover: int | None = None
        self._cursor: int | None = None  # where the cursor is while T is kept
        self._as_numbers = False
        self.drawn: list[DrawnCurve] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.plot, 1)
        column.addWidget(self.table, 1)
        column.addWidget(self.axis)
        column.addWidget(self.strip)

    # What is shown -------------------------------------------------------------------------------------------------

    def set_scene(self, scene: Scene) -> None:
        another = self.scene is None or self.scene.own.document is not scene.own.document
        super().set_scene(scene)
        self._hover = None
        states = any(strand.answer.cells for strand in scene.strands)
        words = any(strand.reached is not None for strand in scene.strands)
        self.what.offer([item for item in _WHAT if {STATES: states, WORDS: words}[item[1]]])
        if another:
            self.what.choose(STATES if scene.own.answer.cells else WORDS)
        several = len(scene.prefixes) > 1
        self.layer.offer([("all", ""), *((layer_of(part), part) for part in scene.parts)] if several else [("all", "")])
        if another and len(scene.prefixes) > MOST_AT_ONCE:
            self.layer.choose(scene.parts[0])
        self.axis.set_labels(scene.labels)
        self._redraw()

    def show_column(self, column: int | None) -> None:
        """Tell of the cursor's token while T is kept; None: of the one at the chosen distance."""
        self._cursor = column
        if self.scene is not None and column is not None:
            self.strip.set_steps(abs(self.scene.last - column))
            self.sight.bring(column)
        self._mark()

    def show_layer(self, layer: int) -> None:
        chosen = str(self.layer.chosen)
        if chosen and self.scene is not None and (part := self.scene.part_at(layer, chosen)) != chosen:
            self.layer.choose(part)
            self._redraw()

    @property
    def told(self) -> int | None:
        """The column that is told of; None if the distance goes beyond the text."""
        if self.scene is None:
            return None
        if self._hover is not None:
            return self._hover
        if self._cursor is not None:
            return self._cursor
        before, _behind = sides(self.drawn)
        column = self.scene.last + (-self.strip.steps if before else self.strip.steps)
        return column if 0 <= column < self.scene.count else None

    @property
    def _scale(self) -> Scale:
        return Scale(str(self.scale.chosen))

    @property
    def _of_states(self) -> bool:
        return self.what.chosen == STATES

    def _redraw(self) -> None:
        if self.scene is None:
            return
        if self._of_states:
            plain = state_curves(self.scene, str(self.layer.chosen), largest=self.how.chosen == LARGEST)
        else:
            plain = reached_curves(self.scene)
        scaled = [(each, each.curve.scaled(self._scale)) for each in plain]
        self.drawn = [each._replace(curve=curve) for each, curve in scaled if curve is not None]
        before, _behind = sides(self.drawn)
        there = self.scene.last if before else self.scene.count - 1 - self.scene.last
        self.strip.set_reach(self.scene.count - 1, there)
        if self.strip.shown.isChecked():
            line = power_curve(self.strip.w, self.scene.last, self.scene.count, sides(self.drawn)).scaled(self._scale)
            if line is not None:
                self.drawn.append(DrawnCurve(line, "residual", 2))
        self.plot.set_curves(self.drawn)
        self.axis.set_margins(self.plot.gutter, self.plot.right)
        self.axis.set_column(self.scene.last)
        self._fill_table()
        self._mark()

    def _fill_table(self) -> None:
        if self.scene is not None and self._as_numbers:
            count = self.scene.count
            lines = [Line(each.curve.label, "h", each.curve.by_column(count)) for each in self.drawn]
            self.table.lines.set_lines(self.scene.labels, lines)

    def _mark(self) -> None:
        if self.scene is None:
            return
        told = self.told
        self.plot.set_places(self.scene.last, told if told != self.scene.last else None)
        self.table.set_row(told if told is not None else self.scene.last)
        self.changed.emit()

    # Words ---------------------------------------------------------------------------------------------------------

    def shown_tools(self) -> tuple[QWidget, ...]:
        what = (self.what,) if self.what.box.count() > 1 else ()
        layer = (self.layer,) if self._of_states and self.layer.box.count() > 1 else ()
        return (*what, *layer, *((self.how,) if self._of_states else ()), self.scale)

    def why_empty(self, scene: Scene) -> str:
        if any(strand.answer.cells or strand.reached is not None for strand in scene.strands):
            return ""
        return "\n".join((NO_CURVES, *self.notes(scene)))

    def notes(self, scene: Scene) -> list[str]:
        return [note for note in super().notes(scene) if not note.startswith(OF_SCORES)]

    def telling(self) -> str:
        scene, told = self.scene, self.told
        if scene is None:
            return ""
        if told is None:
            return f"{self.strip.steps} steps from ‘{scene.labels[scene.last]}’ go beyond the text"
        curves = [each.curve for each in self.drawn]
        return tell_curves(curves, scene.labels, told, scene.last, self._scale, of_states=self._of_states)

    def note(self) -> str:
        scene = self.scene
        if scene is None:
            return ""
        last = f"T = ‘{scene.labels[scene.last]}’ (token {scene.last + 1})"
        by = {
            Scale.SHARE: "each curve divided by its value at T",
            Scale.SHARE_BEFORE: "each curve divided by its value at the token read just before T",
            Scale.ABSOLUTE: "absolute",
        }[self._scale]
        if not self._of_states:
            return f"‖∂v_T/∂x_t‖, {last}, v = {scene.own.answer.of}, x the token's vector; Frobenius norm; {by}"
        if self.how.chosen == LARGEST:
            return f"Largest singular value of ∂s_T/∂s_t, {last}; {by}: what arrives of the change that arrives best"
        mean = ": what arrives of a change in any direction, on the average" if self._scale != Scale.ABSOLUTE else ""
        return f"‖∂s_T/∂s_t‖, {last}; Frobenius norm; {by}{mean}"

    def _describe(self, column: int) -> str:
        if self.scene is None:
            return ""
        curves = [each.curve for each in self.drawn]
        return tooltip(curves, self.scene.labels, column, self.scene.last, self._scale)

    # What the person does --------------------------------------------------------------------------------------------

    def _on_hovered(self, column: int) -> None:
        self._hover = column
        self.changed.emit()

    def _on_unhovered(self) -> None:
        self._hover = None
        self.changed.emit()

    def _on_steps(self, _steps: int) -> None:
        self._cursor = None
        self._mark()

    def _on_row(self, row: int) -> None:
        """A row of the table: it is told of, T stays."""
        if self.scene is not None:
            self._cursor = row
            self.strip.set_steps(abs(self.scene.last - row))
            self._mark()

    def show_numbers(self, wanted: bool) -> None:
        self._as_numbers = wanted
        self._fill_table()
        self._mark()
        self.table.setVisible(wanted)
        self.plot.setVisible(not wanted)
        self.axis.setVisible(not wanted)

    def restyle(self) -> None:
        self.plot.restyle()
        self.table.restyle()
        self.strip.restyle()
