"""One step to read: its text, its question, the two columns, what to try, and the way on."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.lessons.choice_button import ChoiceButton
from embstudio.gui.panels.lessons.comparison import comparison_html
from embstudio.gui.panels.lessons.prose_html import ProseHtml
from embstudio.gui.panels.lessons.reading_label import ReadingLabel
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.style.theme import Theme
from embstudio.lessons.lesson import Step
from embstudio.lessons.outcome import Outcome
from embstudio.studio import Studio

LINE = 68  # letters of a line that is read well
TOP, SIDE = 8, 12


class StepPage(QWidget):
    """Follows `studio.lessons`."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._theme, self._lessons = studio, theme, studio.lessons
        self._chosen: int | None = None  # of the choices
        self._of: object = None  # the step that is shown
        self.leave = self._button("lessonLeave", "✕", "Leave the lesson: you get back what you had before")
        self.where = ElidedLabel("", self)
        self.where.setObjectName("lessonWhere")
        top = QHBoxLayout()
        top.setContentsMargins(SIDE, TOP, 4, 0)
        top.addWidget(self.where, 1)
        top.addWidget(self.leave)
        self.title = ReadingLabel("lessonTitle")
        self.text = ReadingLabel("lessonText")
        self.question = ReadingLabel("lessonQuestion")
        self.choices = QWidget()
        self._choice_column = QVBoxLayout(self.choices)
        self._choice_column.setContentsMargins(0, 0, 0, 0)
        self._choice_column.setSpacing(4)
        self.look_first = self._button("lessonLook", "Just show me", "Look without a guess")
        self.after = ReadingLabel("lessonAfter")
        self.compare = ReadingLabel("lessonCompare")
        self.play = ReadingLabel("lessonPlay")
        self.off = ReadingLabel("lessonOff")
        self.sources = ReadingLabel("lessonSources")
        self._labels = (
            self.title, self.text, self.question, self.after, self.compare, self.play, self.off, self.sources
        )  # fmt: skip
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(SIDE, 4, SIDE, 12)
        column.setSpacing(8)
        for widget in (
            self.title, self.text, self.question, self.choices, self.look_first, self.after, self.compare, self.play,
            self.off, self.sources,
        ):  # fmt: skip
            column.addWidget(widget)
        column.setAlignment(self.look_first, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.reading = ScrollBody(body, "lessonScroll")
        self.state = ElidedLabel("", self)
        self.state.setObjectName("lessonState")
        self.back = self._button("lessonBack", "◀ Back", "The step before (Shift+F3)")
        self.show_again = self._button("lessonShow", "Show again", "Set the panels as this step says (F4)")
        self.next = QPushButton("Next ▶", self)
        self.next.setObjectName("lessonNext")
        self.next.setToolTip("The next step (F3)")
        row = FlowRow(self)
        row.flow.setContentsMargins(SIDE, 4, SIDE, 8)
        for button in (self.back, self.next, self.show_again):
            row.flow.addWidget(button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addLayout(top)
        outer.addWidget(self.reading, 1)
        said = QHBoxLayout()
        said.setContentsMargins(SIDE, 0, SIDE, 0)
        said.addWidget(self.state, 1)
        outer.addLayout(said)
        outer.addWidget(row)
        self.leave.clicked.connect(self._lessons.leave)
        self.back.clicked.connect(lambda: self._lessons.go(-1))
        self.next.clicked.connect(self._go_on)
        self.show_again.clicked.connect(self._lessons.show)
        self.look_first.clicked.connect(self._lessons.answer)
        for label in self._labels:
            label.term_wanted.connect(self._lessons.term_wanted.emit)
            label.claim_asked.connect(self._tell_claim)
        bind(self, self._lessons.step_changed, self.fill)
        bind(self, self._lessons.outcomes_changed, self._write)
        bind(self, self._lessons.stage.changed, self._say_state)
        self.restyle()

    @property
    def buttons(self) -> list[ChoiceButton]:
        """The choices of the question."""
        return self.choices.findChildren(ChoiceButton)

    def fill(self) -> None:
        """The step one is at, from its top where it is another than before."""
        step, lesson = self._lessons.step, self._lessons.lesson
        if step is None or lesson is None:
            self._of = None
            return
        if step is not self._of:
            self._of, self._chosen = step, None
            self.reading.verticalScrollBar().setValue(0)
            self._make_choices(step)
        self._write()
        self._say_state()
        self.back.setEnabled(self._lessons.at > 0)
        last = self._lessons.at == len(lesson.steps) - 1
        self.next.setText("Done" if self._lessons.is_last else "Next lesson ▶" if last else "Next ▶")

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.title.setFont(self._theme.font("large", bold=True))
        self.question.setFont(self._theme.font(bold=True))
        for label in (self.sources, self.off):
            label.setFont(self._theme.font("small"))
        self.where.setStyleSheet(f"color: {self._theme.colours.muted}")
        self.state.setStyleSheet(f"color: {self._theme.colours.muted}")
        widest = self.fontMetrics().averageCharWidth() * LINE
        for widget in (*self._labels, self.choices):
            widget.setMaximumWidth(widest)
        self._write()

    # What is written ---------------------------------------------------------------------------------------------

    def _write(self) -> None:
        step, lesson, theme = self._lessons.step, self._lessons.lesson, self._theme
        if step is None or lesson is None or step is not self._of:
            return
        write = ProseHtml(theme, self._known, lesson)
        self.where.setText(f"Step {self._lessons.at + 1} of {len(lesson.steps)} · {write.plain(lesson.title)}")
        self.title.setText(write.line(step.title))
        self.text.setText(write.of(step.text))
        asks = self._lessons.asks
        if step.ask is not None:
            self.question.setText(write.line(step.ask.question))
            self._mark_choices(step, write, asks)
        else:
            self.question.setText("")
        self.choices.setVisible(step.ask is not None)
        self.look_first.setVisible(asks)
        self.after.setText("" if asks or step.ask is None else write.of(step.ask.after))
        self.compare.setText("" if asks else comparison_html(step.rows, write, theme))
        muted = theme.colours.muted
        look = f"<b>Look at:</b> {escape(step.show.look)}. " if step.show.look and not asks else ""
        play = f"<b>Try it:</b> {write.line(step.play)}" if step.play and not asks else ""
        self.play.setText(
            f'<p style="margin:0 0 6px 0">{look}</p><p style="margin:0">{play}</p>' if look or play else ""
        )
        sources = (*step.sources, *(lesson.sources if self._lessons.at == len(lesson.steps) - 1 else ()))
        said = "".join(f'<p style="margin:0;color:{muted}">{escape(source)}</p>' for source in sources)
        self.sources.setText(f'<p style="margin:8px 0 2px 0;color:{muted}"><b>Sources</b></p>{said}' if sources else "")
        self._say_off(step)

    def _say_off(self, step: Step) -> None:
        """Claims of this step that are not what the lesson expects, or could not be worked out."""
        names = dict.fromkeys(span.key for _, prose in step.prose for span in prose.claims)
        found = [outcome for name in names if (outcome := self._known(name)) is not None and outcome.fault is not None]
        colour = self._theme.colours.warning
        lines = [f'<p style="margin:0;color:{colour}">≠ {escape(each.fault.what)}</p>' for each in found if each.fault]
        self.off.setText("".join(lines))

    def _known(self, name: str) -> Outcome | None:
        claim = self._lessons.claim(name)
        return None if claim is None else self._lessons.outcome(claim)

    def _tell_claim(self, name: str) -> None:
        """How a number was worked out, where the mouse is."""
        claim, outcome = self._lessons.claim(name), self._known(name)
        sender = self.sender()
        if claim is not None and isinstance(sender, ReadingLabel):
            value = outcome.printed() if outcome is not None else "…"
            sender.tell(f"{claim.formula.text} = {value}")

    def _say_state(self) -> None:
        stage = self._lessons.stage
        self.state.setText(stage.waiting or stage.problem)
        self.state.setVisible(bool(stage.waiting or stage.problem))
        self.show_again.setText("Show again" if not self._lessons.asks else "Show me")

    # The question ------------------------------------------------------------------------------------------------

    def _make_choices(self, step: Step) -> None:
        for button in self.buttons:
            button.setParent(None)
            button.deleteLater()
        plain = ProseHtml(self._theme, self._known, self._lessons.lesson)
        for place, choice in enumerate(step.ask.choices if step.ask is not None else ()):
            button = ChoiceButton(plain.plain(choice), place + 1, self.choices)
            button.clicked.connect(lambda _checked=False, place=place: self._choose(place))
            self._choice_column.addWidget(button)

    def _mark_choices(self, step: Step, write: ProseHtml, asks: bool) -> None:
        assert step.ask is not None
        for place, (button, choice) in enumerate(zip(self.buttons, step.ask.choices, strict=True)):
            right = place == step.ask.right
            mark = "" if asks else "✓ " if right else "your guess: " if place == self._chosen else ""
            button.say(f"{mark}{write.line(choice)}")
            button.setEnabled(asks)
            told = "" if asks else ", this is so" if right else ", this is not so"
            button.setAccessibleDescription((", your guess" if place == self._chosen else "") + told)

    def _choose(self, place: int) -> None:
        self._chosen = place
        self._lessons.answer()
        QTimer.singleShot(0, self, self._see_after)  # once it has its height

    def _see_after(self) -> None:
        """Bring into sight what follows the answer."""
        self.reading.ensureWidgetVisible(self.after, 0, 8)
        self.next.setFocus()

    def _go_on(self) -> None:
        if self._lessons.is_last:
            self._lessons.leave()
        else:
            self._lessons.go(1)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip if text == "✕" else text.strip("◀▶ "))
        return button
