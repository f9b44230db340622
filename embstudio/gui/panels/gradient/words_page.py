"""The page Which words: how a score of the output head hangs on each token's vector."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.gradient.output_choice import OutputChoice
from embstudio.gui.panels.gradient.page import OF_SCORES, GradientPage
from embstudio.gui.panels.gradient.scene import Scene
from embstudio.gui.plots.column_bars import ColumnBars
from embstudio.gui.plots.columns_in_sight import ColumnsInSight
from embstudio.gui.plots.line_plot import Line
from embstudio.gui.plots.sight_axis import SightAxis
from embstudio.gui.plots.tinted_tokens import TintedTokens
from embstudio.gui.plots.token_label import token_label, visible_text
from embstudio.gui.plots.value_table import ValueTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.prediction import LOGITS, next_words
from embstudio.studio import Document

OFFERED = 10  # words
MOST_CLASSES = 50  # offered one by one
TOLD = 3  # tokens named in the sentence on top
PUSH = "gradient × input, signed: what each token's vector, as it is, adds to the score or takes from it"
SIZE = "‖∂y/∂x_t‖: how fast the score changes with each token's vector, whichever way"
CAUTION = (
    "A slope at this very text: what a small change would do, not what leaving the word out would "
    "(Simonyan, Vedaldi and Zisserman 2014; gradient × input: Shrikumar et al. 2016)"
)
NO_SCORE = "This model gives no scores whose gradient could be shown: it ends in vectors, not in classes or words."
NOT_HAD = "The gradient of this model's scores could not be worked out."


class WordsPage(GradientPage):
    """asked(): another score is to be differentiated, `choice.output`."""

    name = "Which words"
    tip = "Which words moved a score of the model: the score's gradient by each token's vector (saliency)"

    def __init__(self, theme: Theme, sight: ColumnsInSight, parent: QWidget | None = None) -> None:
        super().__init__(theme, sight, parent)
        self.choice = OutputChoice()
        self.choice.chosen.connect(lambda _output: self.asked.emit())
        self.choice.unknown.connect(self._on_unknown)
        self.tools = (self.choice,)
        self.text = TintedTokens(theme)
        self.text.setObjectName("GradientText")
        self.text.setAccessibleName("The text, coloured by gradient × input")
        self.pushes, self.sizes = ColumnBars(theme, sight), ColumnBars(theme, sight)
        self.axis = SightAxis(theme, sight)
        self.table = ValueTable(theme)
        self.table.setObjectName("GradientWordsTable")
        self.table.setAccessibleName("Gradients of the score as numbers")
        self.table.picked.connect(self._on_row)
        self.table.hide()
        self.titles = [ElidedLabel(PUSH), ElidedLabel(SIZE)]
        self._hover: int | None = None
        self._cursor: int | None = None
        self._said = ""  # what to tell in place of the usual
        self.norms, self.pushed = np.zeros(0), np.zeros(0)  # [pos] each
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.text)
        for title, bars, name in zip(self.titles, (self.pushes, self.sizes), ("Pushes", "Sizes"), strict=True):
            bars.setObjectName(f"Gradient{name}")
            bars.setAccessibleName(title.text())
            title.setContentsMargins(8, 0, 8, 0)
            column.addWidget(title)
            column.addWidget(bars, 1)
        column.addWidget(self.table, 2)
        column.addWidget(self.axis)
        for plot in (self.text, self.pushes, self.sizes):
            plot.describe = self.describe
            plot.picked.connect(self.token_picked)
            plot.hovered.connect(self._on_hovered)
            plot.unhovered.connect(self._on_unhovered)
        self.axis.picked.connect(self.token_picked)

    def set_scene(self, scene: Scene) -> None:
        super().set_scene(scene)
        answer = scene.own.answer
        saliency = scene.own.saliency
        if saliency is None:
            return
        self._hover, self._cursor, self._said = None, None, ""
        self.norms = np.linalg.norm(saliency.astype(np.float64), axis=-1)
        self.pushed = answer.times_input if answer.times_input is not None else np.full(len(self.norms), np.nan)
        self._offer(scene)
        self.axis.set_labels(scene.labels)
        self.axis.set_margins(self.pushes.gutter, self.pushes.right)
        self.axis.set_column(scene.last)
        self.text.set_tokens(scene.labels, self.pushed)
        self.pushes.set_values(self.pushed, signed=True)
        self.sizes.set_values(self.norms, signed=False)
        lines = [Line("gradient × input", "h", self.pushed), Line("‖∂y/∂x‖", "h", self.norms)]
        self.table.lines.set_lines(scene.labels, lines)

    def _offer(self, scene: Scene) -> None:
        document, answer = scene.own.document, scene.own.answer
        highest = self._name(document, answer.output) if self.choice.output is None else ""
        if self._of_classes(scene):
            self.choice.offer(highest, [(name, at) for at, name in enumerate(document.labels[:MOST_CLASSES])])
            return
        ranked = next_words(scene.trace, scene.last, OFFERED) if not scene.trace.target else []
        entries = [(self._name(document, word.id), word.id) for word in ranked]
        after = scene.last + 1
        if ranked and after < scene.count and scene.trace.tokens[after].id not in [word.id for word in ranked]:
            id_ = scene.trace.tokens[after].id
            entries.append((self._name(document, id_), id_))
        self.choice.offer(highest, entries, document.vocabulary)

    def show_column(self, column: int | None) -> None:
        self._cursor = column
        if self.scene is not None:
            self.sight.bring(self.scene.last if column is None else column)
        self._mark()

    def _mark(self) -> None:
        scene = self.scene
        if scene is None:
            return
        told = self._hover if self._hover is not None else self._cursor
        for plot in (self.text, self.pushes, self.sizes):
            plot.set_places(scene.last, told)
        self.table.set_row(scene.last if told is None else told)
        self.changed.emit()

    # Words ---------------------------------------------------------------------------------------------------------

    def why_empty(self, scene: Scene) -> str:
        if scene.own.saliency is not None:
            return ""
        head = scene.own.document.opened.anatomy.head
        why = NO_SCORE if head is None or head.kind.startswith("vector") else NOT_HAD
        return "\n".join((why, *self.notes(scene)))

    def notes(self, scene: Scene) -> list[str]:
        return [note for note in super().notes(scene) if note.startswith(OF_SCORES)]

    def telling(self) -> str:
        scene = self.scene
        if scene is None or not len(self.norms):
            return ""
        if self._said:
            return self._said
        told = self._hover if self._hover is not None else self._cursor
        if told is not None:
            return self.describe(told).replace("\n", " · ")
        order = [int(at) for at in np.argsort(-np.abs(np.nan_to_num(self.pushed)), kind="stable") if self.pushed[at]]
        parts = []
        for sign, word in ((1, "for it"), (-1, "against it")):
            most = [at for at in order if np.sign(self.pushed[at]) == sign][:TOLD]
            if most:
                named = ", ".join(f"‘{scene.labels[at]}’ {_signed(float(self.pushed[at]))}" for at in most)
                parts.append(f"{word} {named}")
        name = self._name(scene.own.document, scene.own.answer.output)
        return f"score of ‘{name}’ {_after(scene)} {four(scene.own.answer.score)}: " + "; ".join(parts)

    def note(self) -> str:
        scene = self.scene
        if scene is None:
            return ""
        total = float(np.nansum(self.pushed))
        name = self._name(scene.own.document, scene.own.answer.output)
        return (
            f"y: the score (before any softmax) of ‘{name}’ {_after(scene)}. {CAUTION}. "
            f"The bars add up to {four(total)}, not to the score, for the model is not linear"
        )

    def describe(self, token: int) -> str:
        """The tooltip of a token."""
        scene = self.scene
        if scene is None or token >= len(self.norms):
            return ""
        if self.norms[token] == 0:
            return f"‘{scene.labels[token]}’ (token {token + 1}): nothing; the score does not hang on it at all"
        return (
            f"‘{scene.labels[token]}’ (token {token + 1}): gradient × input {_signed(float(self.pushed[token]))}\n"
            f"‖∂y/∂x‖ {four(float(self.norms[token]))}"
        )

    def _of_classes(self, scene: Scene) -> bool:
        if LOGITS in scene.trace:
            return "class" in scene.trace[LOGITS].axes
        head = scene.own.document.opened.anatomy.head
        return head is not None and head.kind.startswith("classes")

    def _name(self, document: Document, output: int) -> str:
        """A class, or a word, by its number."""
        head = document.opened.anatomy.head
        if head is not None and head.kind.startswith("classes"):
            return document.labels[output] if 0 <= output < len(document.labels) else f"class {output}"
        return visible_text(document.word(output))

    # What the person does --------------------------------------------------------------------------------------------

    def _on_hovered(self, token: int) -> None:
        self._hover = token
        self.changed.emit()

    def _on_unhovered(self) -> None:
        self._hover = None
        self.changed.emit()

    def _on_row(self, row: int) -> None:
        self._cursor = row
        self._mark()

    def _on_unknown(self, text: str) -> None:
        self._said = f"‘{text}’ is not one entry of the vocabulary: it may be several tokens, or unknown to the model"
        self.changed.emit()
        self._said = ""

    def show_numbers(self, wanted: bool) -> None:
        self.table.setVisible(wanted)
        for widget in (*self.titles, self.pushes, self.sizes, self.axis):
            widget.setVisible(not wanted)

    def restyle(self) -> None:
        for bars in (self.pushes, self.sizes):
            bars.restyle()
        self.text.restyle()
        for title in self.titles:
            title.setFont(self.theme.font("small"))
        self.table.restyle()


def _after(scene: Scene) -> str:
    """Where the score stands: at T, or, of an encoder-decoder, after what the decoder has written."""
    if scene.trace.target:
        return f"after the decoder's last token ‘{token_label(scene.trace.target[-1])}’"
    return f"at ‘{scene.labels[scene.last]}’"


def _signed(value: float) -> str:
    return f"+{four(value)}" if value > 0 else four(value)
