"""One word in several sentences: the vectors that the layers make of it, beside the one it has in the table."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.context_detail import ContextDetail
from embstudio.gui.panels.space.context_examples_button import ContextExamplesButton
from embstudio.gui.panels.space.context_map import ContextMap
from embstudio.gui.panels.space.context_scene import ContextScene
from embstudio.gui.panels.space.context_side import ContextSide
from embstudio.gui.panels.space.context_words import (
    CENTRED_TIP,
    NO_LAYERS,
    NO_MODEL,
    NO_SENTENCE,
    NO_TOKENIZER,
    NO_WORD,
    NOWHERE,
    found_in,
    layer_line,
    model_note,
    plane_tip,
    stage_name,
)
from embstudio.gui.panels.space.layer_control import LayerControl
from embstudio.gui.panels.space.page import SpacePage
from embstudio.gui.plots.scatter.tools import ScatterTools
from embstudio.gui.style.theme import Theme
from embstudio.studio import Notice, Severity, Studio
from embstudio.studio.context_table import ContextReading, ContextTable, centred, read, table_of
from embstudio.trace.word_stages import WordStage, wanted_points

READING = "Reading the sentences…"
BETTER_MODEL = "masked-word"
PAUSE_MS = 300  # in typing the word, after which it is looked for
NARROW = 560  # pixels below which the list stands under the map, at text scale 1
LETTERS = 10  # that the word has room for
TAIL = 280  # pixels below which what is told of the layer has a line of its own
WORD_TIP = "The word to compare; it is found where it stands by itself, with large letters or small"
WAY_TIP = "Draw the way of the chosen point through all layers"


class ContextPage(SpacePage):
    """Always of the open model, whatever set of vectors the other pages look at."""

    name = "Contexts"
    tip = "One word in several sentences: its static vector, and what each layer makes of it"
    needs_set = False

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.contexts = studio.contexts
        self.word = QLineEdit(self)
        self.word.setObjectName("contextWord")
        self.word.setAccessibleName("The word to compare")
        self.word.setPlaceholderText("a word")
        self.word.setToolTip(WORD_TIP)
        self.examples = ContextExamplesButton(self)
        self.layers = LayerControl(theme, self)
        self.centre = self._check("contextCentred", "centred", CENTRED_TIP)
        self.way = self._check("contextWay", "way", WAY_TIP)
        self.way.setChecked(True)
        self.map = ContextMap(theme)
        self.map.setObjectName("contextMap")
        self.map.setAccessibleName("Occurrences of the word")
        self.tools = ScatterTools(self.map, self)
        self.scene = ContextScene(self.map)
        self.side = ContextSide(theme)
        self.list = self.side.list
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("contextTelling")
        self.note = ElidedLabel("", self)
        self.note.setObjectName("contextNote")
        self.detail = ContextDetail(studio, theme, self)
        self.empty = EmptyState("", self)
        self.better = QToolButton(self)
        self.better.setObjectName("contextBetter")
        self.better.setText("Open the masked-word model")
        self.progress = QProgressBar(self)
        self.progress.setObjectName("contextProgress")
        self.progress.setAccessibleName("How many of the sentences are read")
        self.stop = QToolButton(self)
        self.stop.setObjectName("contextStop")
        self.reading: ContextReading | None = None
        self._plain: ContextTable | None = None  # what is shown, not centred
        self._answers = Answers(self)
        self._begun = False
        self._cursor_layer = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._way: Qt.Orientation | None = None
        self._lay_out()
        self._connect()
        self.restyle()

    # Told by the panel ---------------------------------------------------------------------------------------------

    def show_set(self) -> None:
        if not self._begun and not self._why_not():
            self._begun = True
            first = self.examples.first
            if first is not None and not self.word.text() and not self.list.rows:
                self._take_example(first)
        self._ask()
        self._follow()

    def show_place(self) -> None:
        layer = self.studio.cursor.layer
        if layer != self._cursor_layer:
            self._cursor_layer = layer
            places = [at for at, stage in enumerate(self._stages) if stage is not None and stage.layer == layer]
            if places and places[0] != self.layers.place:
                self.layers.go_to(places[0])
                self._show_layer(places[0])

    def restyle(self) -> None:
        self.word.setFixedWidth(self.fontMetrics().averageCharWidth() * LETTERS + 24)
        for label in (self.telling, self.note):
            label.setFont(self.theme.font("small"))
        self.layers.restyle()
        self.tools.restyle()
        self.scene.restyle()
        self.side.restyle()
        self.detail.restyle()
        self._stand()

    # Asking --------------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is on its way."""
        return self.contexts.running or self._answers.busy or self._pause.isActive()

    def _why_not(self) -> str:
        """Why the open model has nothing to show here."""
        document = self.studio.document
        if document is None:
            return NO_MODEL
        if not any(
            "blocks." in name or name.endswith(".h") for name in wanted_points(document.opened.anatomy.point_names)
        ):
            return NO_LAYERS.format(f"‘{document.source.title}’")
        return NO_TOKENIZER if document.opened.tokenizer is None else ""

    def _ask(self) -> None:
        """Ask for what the fields say, unless that is asked already."""
        self._pause.stop()
        if not self.isVisible() or self._why_not():
            return
        word = " ".join(self.word.text().split())
        sentences = tuple(dict.fromkeys(sentence for _group, sentence in self.list.rows))
        if (word, sentences) != (self.contexts.word, self.contexts.sentences) or self._is_new:
            self.contexts.ask(word, sentences)

    @property
    def _is_new(self) -> bool:
        """Whether nothing was asked of the open model yet."""
        contexts = self.contexts
        return bool(contexts.lacking) and not (contexts.running or contexts.stopped or contexts.problem)

    def _take_example(self, example: object) -> None:
        from embstudio.base.context_examples import ContextExample

        assert isinstance(example, ContextExample)
        self.word.setText(example.word)
        self.scene.current = None
        self.list.model.fill(example.sentences)

    def _edited(self) -> None:
        """The list is another: sentences or groups."""
        self._ask()
        self._follow()

    # What is known -------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Show what is known by now."""
        if not self.isVisible():
            return
        contexts, rows = self.contexts, self.list.rows
        self.list.model.tell([
            found_in(contexts.found(sentence), contexts.word, running=contexts.running) for _group, sentence in rows
        ])  # fmt: skip
        self._show_progress()
        why = self._why_not()
        table = table_of(contexts, rows) if not why else None
        if table is None:
            self._answers.forget()
            if why or not contexts.running or self.reading is None:
                self._show_nothing(why or self._nothing_yet())
            else:
                self.map.setEnabled(False)  # of the word before, until there is something of this one
            return
        self._plain = table
        shown = centred(table) if self.centre.isChecked() else table
        self._answers.ask(lambda _check: read(shown))

    def _nothing_yet(self) -> str:
        contexts = self.contexts
        if contexts.problem is not None:
            return f"{contexts.problem.what} {contexts.problem.advice}"
        if contexts.running:
            return READING
        if not contexts.word:
            return NO_WORD
        if not contexts.sentences:
            return NO_SENTENCE.format(contexts.word)
        return NOWHERE.format(contexts.word) if not contexts.lacking else "Stopped before anything was read."

    def _show_nothing(self, why: str) -> None:
        self.reading = self._plain = None
        self.scene.reading = None
        self.layers.set_layers((), 0)
        self.side.show_reading(None, 0)
        self.detail.show_point(None, None, 0)
        self.telling.setText("")
        self.note.hide()
        self.empty.setText(why)
        self.better.setVisible(self.studio.document is not None and why == self._why_not() != NO_TOKENIZER)
        self._pages.setCurrentIndex(0)

    def _show(self, reading: ContextReading) -> None:
        before, table = self.reading, reading.table
        same = before is not None and before.table.stages == table.stages
        place = self.layers.place if same else _last_block(table)
        current = _same_point(before, self.scene.current, table)
        self.reading = reading
        self.map.setEnabled(True)
        self._pages.setCurrentIndex(1)
        self.layers.set_layers([stage_name(stage) for stage in table.stages], place)
        self.scene.show(reading, place, current)
        self.side.show_reading(reading, place)
        contexts = self.contexts
        self.note.setText(model_note(table, recurrent=contexts.recurrent, looks_ahead=contexts.looks_ahead))
        self.note.setVisible(bool(self.note.text()))
        self.map.setToolTip("")
        self._tell()
        self.detail.show_point(reading, current, place)

    def _tell(self) -> None:
        if self.reading is None:
            return
        table, place = self.reading.table, self.layers.place
        line = layer_line(table, self.reading.layers[place], self.contexts.word, stage_name(table.stages[place]))
        self.telling.setText(line)
        self.telling.setToolTip(f"{line}\n{plane_tip(table)}")

    def _show_progress(self) -> None:
        contexts = self.contexts
        total, lacking = len(contexts.sentences), len(contexts.lacking)
        begun = contexts.running or (contexts.stopped and lacking > 0)
        self._progress_row.setVisible(begun and not self._why_not())
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(total - lacking)
        self.progress.setFormat(f"{total - lacking} of {total} sentences read")
        self.stop.setText("Go on" if contexts.stopped else "Stop")
        self.stop.setToolTip(
            "Read the other sentences too" if contexts.stopped else "Read no more; what is there stays"
        )

    # What the person does ------------------------------------------------------------------------------------------

    def _show_layer(self, place: int) -> None:
        self.scene.go_to(place)
        self.side.go_to(place)
        self.detail.show_point(self.reading, self.scene.current, place)
        self._tell()

    def _on_layer(self, place: int) -> None:
        """The person, or the play, went to another layer: the program's cursor goes along."""
        self._show_layer(place)
        stage = self._stages[place] if place < len(self._stages) else None
        if stage is not None and stage.layer is not None:
            self._cursor_layer = stage.layer
            self.studio.cursor.move(layer=stage.layer)

    def _on_layer_picked(self, place: int) -> None:
        self.layers.slider.setValue(place)

    def _choose(self, current: int | None) -> None:
        self.scene.choose(current)
        self.detail.show_point(self.reading, current, self.layers.place)
        point = self.detail.point
        if point is not None:
            self.list.go_to(point.row)

    def _on_row(self, row: int) -> None:
        """The person went to a sentence of the list."""
        points = self.reading.table.points if self.reading is not None else ()
        self._choose(next((at for at, point in enumerate(points) if point.row == row), None))

    def _stop_or_go_on(self) -> None:
        (self.contexts.go_on if self.contexts.stopped else self.contexts.stop)()

    def _on_way(self, on: bool) -> None:
        self.scene.way = on
        self.scene.choose(self.scene.current)

    def _open_better(self) -> None:
        self.studio.open(BETTER_MODEL)

    def _inform(self, text: str) -> None:
        self.studio.noticed.emit(Notice(Severity.INFO, text))

    def _complain(self, error: StudioError) -> None:
        self.studio.noticed.emit(Notice.of(error))

    @property
    def _stages(self) -> tuple[WordStage | None, ...]:
        return self.reading.table.stages if self.reading is not None else ()

    # Laying out ----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.word.textEdited.connect(lambda _text: self._pause.start())
        self.word.returnPressed.connect(self._ask)
        self.examples.chosen.connect(self._take_example)
        self.examples.failed.connect(self._complain)
        self.list.changed.connect(self._edited)
        self.list.chosen.connect(self._on_row)
        self.list.told.connect(self._inform)
        self.layers.moved.connect(self._on_layer)
        self.centre.toggled.connect(lambda _on: self._follow())
        self.way.toggled.connect(self._on_way)
        self.map.clicked.connect(self._choose)
        self.tools.saved.connect(lambda path: self._inform(f"The figure is saved in {path}."))
        self.tools.failed.connect(self._complain)
        self.side.layer_picked.connect(self._on_layer_picked)
        self.side.point_picked.connect(lambda row: self._choose(self.side.point_of(row)))
        self.stop.clicked.connect(self._stop_or_go_on)
        self.better.clicked.connect(self._open_better)
        self._answers.answered.connect(self._show)
        self._answers.failed.connect(self._complain)
        bind(self, self.contexts.changed, self._follow)

    def _lay_out(self) -> None:
        row = FlowRow(self, tail=TAIL)
        row.flow.setContentsMargins(8, 0, 8, 0)
        for widget in (self.word, self.examples, self.layers, self.centre, self.way, self.tools, self.telling):
            row.flow.addWidget(widget)
        self._progress_row = QWidget(self)
        line = QHBoxLayout(self._progress_row)
        line.setContentsMargins(8, 0, 8, 0)
        line.addWidget(self.progress, 1)
        line.addWidget(self.stop)
        nothing = QWidget()
        column = QVBoxLayout(nothing)
        column.addStretch(1)
        column.addWidget(self.empty)
        column.addWidget(self.better, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(nothing)
        self._pages.addWidget(self.map)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self._pages)
        self._splitter.addWidget(self.side)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        self.note.setContentsMargins(8, 0, 8, 0)
        for each in (row, self._progress_row, self.note, self._splitter, self.detail):
            column.addWidget(each, 1 if each is self._splitter else 0)

    def _check(self, name: str, text: str, tip: str) -> QCheckBox:
        check = QCheckBox(text, self)
        check.setObjectName(name)
        check.setToolTip(tip)
        return check

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stand()

    def _stand(self) -> None:
        """The list beside the map where there is room for both, else below it."""
        wide, high = self.width(), self.height()
        way = Qt.Orientation.Vertical if wide < NARROW * self.theme.scale else Qt.Orientation.Horizontal
        if self._way != way:
            self._way = way
            self._splitter.setOrientation(way)
            whole = wide if way == Qt.Orientation.Horizontal else high
            self._splitter.setSizes([round(0.58 * whole), round(0.42 * whole)])


def _last_block(table: ContextTable) -> int:
    """The layer to begin with: the last before the final norm."""
    blocks = [at for at, stage in enumerate(table.stages) if stage is not None and stage.layer is not None]
    return blocks[-1] if blocks else len(table.stages) - 1


def _same_point(before: ContextReading | None, current: int | None, table: ContextTable) -> int | None:
    """Where the chosen point is in another table; None where it is not in it."""
    if before is None or current is None or current >= len(before.table.points):
        return None
    point = before.table.points[current]
    wanted = point.sentence, point.occurrence.span
    return next((at for at, each in enumerate(table.points) if (each.sentence, each.occurrence.span) == wanted), None)
