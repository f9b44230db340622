"""How what comes of one token hangs on the others: how far back gradients reach, and which words moved a score."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QTimer, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.gradient.back_page import BackPage
from embstudio.gui.panels.gradient.compare_menu import CompareMenu
from embstudio.gui.panels.gradient.header import GradientHeader
from embstudio.gui.panels.gradient.others import Others
from embstudio.gui.panels.gradient.page import GradientPage
from embstudio.gui.panels.gradient.scene import Scene
from embstudio.gui.panels.gradient.steps_page import StepsPage
from embstudio.gui.panels.gradient.words_page import WordsPage
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.columns_in_sight import FEW, ColumnsInSight
from embstudio.gui.plots.zoom_frame import ZoomButtons
from embstudio.gui.style.theme import Theme
from embstudio.gui.veil import Veil
from embstudio.session.messages import Gradients, TraceRequest
from embstudio.studio import Studio

NOTHING = "Type a sentence to see how far back a model's gradients reach."
WORKING = "Working out the gradients …"
STOPPED = "Stopped before it was worked out. Step to a token, or click one, to look back from there."
FAST_MS = 150  # between two steps, at most, where somebody plays or steps fast: then it is asked after a pause
LATE_MS = 500  # after which the open model's curves are shown although those of others are not there yet
DIM_MS = 150  # after which the old picture is dimmed, if the new one is not there yet


class GradientPanel(Panel):
    """T, the token that is looked back from, is the cursor's token, or one that the person keeps."""

    title = "Gradient"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.scene: Scene | None = None
        self.kept: int | None = None  # a T that stays while the cursor goes on
        self.others = Others(studio)
        self._input: TraceRequest | None = None  # of the text that was shown last
        self.empty = EmptyState(NOTHING)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._build())
        self._since = QElapsedTimer()  # since the last step
        self._pause, self._dim, self._late = QTimer(self), QTimer(self), QTimer(self)
        for timer, milliseconds, then in (
            (self._pause, FAST_MS, self._ask), (self._dim, DIM_MS, self._show_waiting),
            (self._late, LATE_MS, self._show_what_there_is),
        ):  # fmt: skip
            timer.setSingleShot(True)
            timer.setInterval(milliseconds)
            timer.timeout.connect(then)
        bind(self, studio.gradients.changed, self._on_answer)
        bind(self, studio.companions.changed, self._on_others)
        bind(self, studio.busy_changed, self._on_busy)
        self.restyle()

    def _build(self) -> ScrollBody:
        self.sight = ColumnsInSight(self)
        self.sight.changed.connect(self._offer_zoom)
        self.back_page = BackPage(self.theme, self.sight)
        self.steps_page = StepsPage(self.theme, self.sight)
        self.words_page = WordsPage(self.theme, self.sight)
        self.pages: tuple[GradientPage, ...] = (self.back_page, self.steps_page, self.words_page)
        self.compare = CompareMenu(self.studio)
        self.zoom = ZoomButtons(self)
        self.zoom.setObjectName("GradientZoom")
        self.zoom.pressed.connect(self._zoom)
        tools = [*(tool for page in self.pages for tool in page.tools), self.compare, self.zoom]
        self.header = GradientHeader([(page.name, page.tip) for page in self.pages], tools)
        self.header.page_chosen.connect(self._choose_page)
        self.header.kept.connect(self._keep)
        self.header.numbers_wanted.connect(self._show_numbers)
        self.body = QStackedWidget()
        for page in self.pages:
            self.body.addWidget(page)
            page.token_picked.connect(self._go_to)
            page.layer_picked.connect(lambda layer: self.studio.cursor.move(layer=layer))
            page.changed.connect(self._tell)
            page.asked.connect(self._want)
        self.page_empty = EmptyState()
        self.page_empty.setObjectName("GradientEmpty")
        self.body.addWidget(self.page_empty)
        self.note = WrappedLabel()
        self.note.setObjectName("GradientNote")
        beside = QHBoxLayout()
        beside.setContentsMargins(8, 0, 8, 2)
        beside.addWidget(self.note)
        self._veil = Veil(self.body, self.theme)
        self._offer_zoom()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.header)
        column.addWidget(self.body, 1)
        column.addLayout(beside)
        return ScrollBody(body, "GradientScroll")

    @property
    def page(self) -> GradientPage:
        """The page that is chosen."""
        return self.pages[self.header.pages.currentIndex()]

    def restyle(self) -> None:
        self.note.setFont(self.theme.font("small"))
        for page in self.pages:
            page.restyle()
            page.scene = None  # drawn anew when it is seen

    # Following the studio ----------------------------------------------------------------------------------------

    def show_document(self) -> None:
        self.words_page.choice.forget()
        self.restyle()  # a style sheet takes labels' fonts away from them when the panel is put into its dock

    def show_trace(self) -> None:
        trace = self.studio.trace
        if trace is None or not len(trace) or self.studio.document is None:
            self.scene = None
            self.empty.setText(NOTHING)
            self._stack.setCurrentIndex(0)
            return
        if self.studio.ran is not self._input:
            self._input, self.kept = self.studio.ran, None
            if self.scene is not None and self.scene.own.document is not self.studio.document:
                self.scene = None  # what is shown is of another model

    def show_place(self) -> None:
        if self.studio.trace is not None and len(self.studio.trace):
            fast = self._since.isValid() and self._since.elapsed() < FAST_MS
            self._since.start()
            self._want(after_a_pause=fast)

    @property
    def last(self) -> int:
        """T."""
        return self.kept if self.kept is not None else self.studio.cursor.token

    @property
    def _output(self) -> int | None:
        """The score that is asked for; None: the highest."""
        return self.words_page.choice.output if self.page is self.words_page else None

    @Slot()
    def _want(self, *, after_a_pause: bool = False) -> None:
        """Show the answer for T if it is there, or see to it that it comes."""
        answer = self.studio.gradients.answer(self.last, self._output)
        if answer is not None:
            self._ask()  # others may still lack theirs
            self._show_if_complete(answer)
            return
        if after_a_pause:
            self._pause.start()
        else:
            self._ask()
        if self.studio.gradients.refusal(self.last, self._output) is not None:
            self._show_refusal()
        elif not self._dim.isActive() and self.studio.gradients.answer(self.last, self._output) is None:
            self._dim.start()

    def _ask(self) -> None:
        self._pause.stop()
        if self.isVisible() and self._uncovered and self.studio.trace is not None:
            self.studio.gradients.want(self.last, self._output)
            if self.page.compares:
                self.others.want(self.last)

    def _on_busy(self) -> None:
        """A run that was waited for is over; where it failed, what it put aside is to be asked for again."""
        if not self.studio.busy and self.isVisible() and self._uncovered and not self._stale_trace:
            self.show_place()

    def _on_others(self) -> None:
        """Another model came or went, or read the text."""
        if self.isVisible() and self._uncovered and self.page.compares and self.scene is not None:
            self.others.want(self.last)
            self._on_answer()

    def _on_answer(self) -> None:
        if not (self.isVisible() and self._uncovered):
            self._stale_place = True
            return
        answer = self.studio.gradients.answer(self.last, self._output)
        if answer is not None:
            self._show_if_complete(answer)
        elif self.studio.gradients.refusal(self.last, self._output) is not None:
            self._show_refusal()
        elif not (self.studio.gradients.waiting() or self._pause.isActive() or self.studio.busy):
            self._show_stopped()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pause.stop()
        self._dim.stop()
        self._late.stop()

    # What is shown -------------------------------------------------------------------------------------------------

    def _show_if_complete(self, answer: Gradients) -> None:
        """Show all models at once; what is shown of another token stays until then, if that does not take long."""
        here = self.scene is not None and self.scene.trace is self.studio.trace and self.scene.last == answer.token
        if self.page.compares and self.others.waiting() and self.scene is not None and not here:
            if not self._late.isActive():
                self._late.start()
            return
        self._show(answer)

    def _show_what_there_is(self) -> None:
        answer = self.studio.gradients.answer(self.last, self._output)
        if answer is not None and self.isVisible():
            self._show(answer)

    def _show(self, answer: Gradients) -> None:
        document, trace = self.studio.document, self.studio.trace
        if document is None or trace is None or answer.token >= len(trace):
            return
        for timer in (self._dim, self._late):
            timer.stop()
        self._veil.drop(False)
        scene = Scene.of(document, trace, answer, self.others.strands(answer.token) if self.page.compares else ())
        if self.scene is None or not self.scene.shows(scene):
            self.scene = scene
        self._stack.setCurrentIndex(1)
        self._show_page()

    def _show_page(self) -> None:
        """The scene on the page that is seen."""
        scene, page = self.scene, self.page
        if scene is None:
            return
        why = page.why_empty(scene)
        if why:
            self.page_empty.setText(why)
            self.body.setCurrentWidget(self.page_empty)
        else:
            self.body.setCurrentWidget(page)
            if page.scene is not scene:
                page.set_scene(scene)
            page.show_layer(self.studio.cursor.layer)
            cursor = self.studio.cursor.token
            page.show_column(cursor if self.kept is not None and cursor != scene.last else None)
        self.header.set_last(scene.labels[scene.last], kept=self.kept is not None)
        self._tell()

    def _tell(self) -> None:
        """What is seen in words, and how exactly."""
        scene, page = self.scene, self.page
        empty = self.body.currentWidget() is self.page_empty
        shown = () if empty else page.shown_tools()
        self.compare.setVisible(page.compares)
        for tool in (tool for each in self.pages for tool in each.tools):
            tool.setVisible(tool in shown)
        self.header.telling.setText("" if empty else page.telling())
        if scene is None:
            return
        exact = f"Exact: the chain rule in float64 on the values of this run, {_time(scene.own.answer.milliseconds)}."
        notes = [] if empty else page.notes(scene)
        notes += self.others.missing(scene.last) if page.compares else []
        self.note.setText(" ".join(filter(None, ("" if empty else f"{page.note()}.", "" if empty else exact, *notes))))

    def _show_refusal(self) -> None:
        """There will be no answer. A score of one's own choice that cannot be had is let go of."""
        refusal = self.studio.gradients.refusal(self.last, self._output)
        if refusal is None:
            return
        self._dim.stop()
        self._veil.drop(False)
        if self._output is not None:
            self.words_page.choice.forget()
            self._want()
            self.header.telling.setText(refusal.what)
            return
        self.scene = None
        self.empty.setText("\n".join(filter(None, (refusal.what, refusal.advice))))
        self._stack.setCurrentIndex(0)

    def _show_stopped(self) -> None:
        self._dim.stop()
        self._veil.drop(False)
        self.header.telling.setText(STOPPED)
        if self.scene is None:
            self.empty.setText(STOPPED)
            self._stack.setCurrentIndex(0)

    def _show_waiting(self) -> None:
        """The answer is late: what is shown is the picture of before."""
        if self.scene is None:
            self.empty.setText(WORKING)
            self._stack.setCurrentIndex(0)
        else:
            self._veil.drop(True)
            self.header.telling.setText(WORKING)

    # What the person does ----------------------------------------------------------------------------------------

    def _choose_page(self, _place: int) -> None:
        self._show_page()
        if self.scene is not None:
            self._want()

    def _go_to(self, token: int) -> None:
        """A click on a token: it is T from now on."""
        if self.kept is not None:
            self.kept = token
        if self.studio.cursor.token == token:
            self._want()
        else:
            self.studio.cursor.move(token=token)

    def _keep(self, kept: bool) -> None:
        self.kept = self.last if kept else None
        self._want()

    def _zoom(self, factor: float) -> None:
        """Around T, or the middle of what is in sight."""
        scene = self.scene
        share = (scene.last - self.sight.start) / max(1, self.sight.count) if scene is not None else 0.5
        self.sight.zoom(factor, share if 0 <= share <= 1 else 0.5)

    def _offer_zoom(self) -> None:
        self.zoom.setVisible(self.sight.of > FEW)

    def _show_numbers(self, wanted: bool) -> None:
        for page in self.pages:
            page.show_numbers(wanted)


def _time(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
