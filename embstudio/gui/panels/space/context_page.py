"""One word in several sentences: the vectors that the layers make of it, beside the one it has in the table."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.base.context_examples import ContextExample
from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.context_bar import ContextBar
from embstudio.gui.panels.space.context_board import ContextBoard
from embstudio.gui.panels.space.context_detail import ContextDetail
from embstudio.gui.panels.space.context_groups import signs_of
from embstudio.gui.panels.space.context_progress import ContextProgress
from embstudio.gui.panels.space.context_scene import ContextScene
from embstudio.gui.panels.space.context_words import (
    found_in,
    layer_line,
    model_note,
    nothing_yet,
    plane_tip,
    stage_name,
    why_not,
)
from embstudio.gui.panels.space.page import SpacePage
from embstudio.gui.style.theme import Theme
from embstudio.studio import Notice, Severity, Studio
from embstudio.studio.context_table import ContextReading, ContextTable, centred, read, table_of
from embstudio.trace.word_stages import WordStage

BETTER_MODEL = "masked-word"


class ContextPage(SpacePage):
    """Always of the open model, whatever set of vectors the other pages look at.

    reading: what is shown; None while there is nothing.
    """

    name = "Contexts"
    tip = "One word in several sentences: its static vector, and what each layer makes of it"
    needs_set = False

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.contexts = studio.contexts
        self.board = ContextBoard(theme)  # Tab comes to it after the bar, where it is put in below
        self.map, self.side, self.list = self.board.map, self.board.side, self.board.side.list
        self.bar = ContextBar(theme, self.map, self)
        self.layers, self.telling = self.bar.layers, self.bar.telling
        self.progress = ContextProgress(self.contexts, self)
        self.note = ElidedLabel("", self)
        self.note.setObjectName("contextNote")
        self.note.setContentsMargins(8, 0, 8, 0)
        self.detail = ContextDetail(studio, theme)
        self.scene = ContextScene(self.map)
        self.reading: ContextReading | None = None
        self._answers = Answers(self)
        self._begun = False
        self._stale = True  # whether something came while it was not seen
        self._cursor_layer = 0
        self._told: StudioError | None = None  # the failure that was told of last
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        for each in (self.bar, self.progress, self.note, self.board, self.detail):
            column.addWidget(each, 1 if each is self.board else 0)
        self._connect()
        self.restyle()

    # Told by the panel ---------------------------------------------------------------------------------------------

    def show_set(self) -> None:
        if not self._begun and not self._why_not():
            self._begun = True
            first = self.bar.examples.first
            if first is not None and not self.bar.wanted and not self.list.rows:
                self.take_example(first)
        self._ask()
        if self._stale:
            self._follow()
        self._tell_note()

    def show_place(self) -> None:
        layer = self.studio.cursor.layer
        if layer != self._cursor_layer:
            self._cursor_layer = layer
            places = [at for at, stage in enumerate(self._stages) if stage is not None and stage.layer == layer]
            if places and places[0] != self.layers.place:
                self.layers.go_to(places[0])
                self._show_layer(places[0])

    def restyle(self) -> None:
        self.bar.restyle()
        self.note.setFont(self.theme.font("small"))
        self.scene.restyle()
        self.board.restyle()
        self.detail.restyle()
        if self.reading is not None:
            self.list.model.show_signs(signs_of(self.reading.table, self.theme))

    # Asking --------------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is on its way."""
        return self.contexts.running or self._answers.busy or self.bar.settling

    def take_example(self, example: ContextExample) -> None:
        """Put an example's word and sentences in place of what is there; the list can take it back."""
        self.bar.word.setText(example.word)
        self.scene.current = None
        self.list.model.fill(example.sentences, example.word)

    def _why_not(self) -> str:
        return why_not(self.studio.document)

    def _ask(self) -> None:
        """Ask for what the fields say, unless that is asked already."""
        if not self.isVisible() or self._why_not():
            return
        contexts, word = self.contexts, self.bar.wanted
        sentences = tuple(dict.fromkeys(sentence for _group, sentence in self.list.rows))
        asked = (word, sentences) == (contexts.word, contexts.sentences)
        at_rest = contexts.running or contexts.stopped or contexts.problem is not None or not contexts.lacking
        if not (asked and at_rest):
            contexts.ask(word, sentences)

    def _edited(self) -> None:
        """The word or the list is another: sentences or groups."""
        self.list.model.word = self.bar.wanted
        self._ask()
        self._follow()

    # What is known -------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Show what is known by now."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        contexts, rows, why = self.contexts, self.list.rows, self._why_not()
        self.list.model.tell([
            found_in(contexts.found(sentence), contexts.word, running=contexts.running) for _group, sentence in rows
        ])  # fmt: skip
        self.progress.follow()
        if contexts.problem is not None and contexts.problem is not self._told:
            self._told = contexts.problem
            self._complain(contexts.problem)
        self.bar.set_usable(not why)
        table = table_of(contexts, rows) if not why else None
        if table is not None:
            shown = centred(table) if self.bar.centre.isChecked() else table
            self._answers.ask(lambda _check: read(shown))
            return
        self._answers.forget()
        if why or not contexts.running or self.reading is None:
            self._show_nothing(why or nothing_yet(contexts), other_model=bool(why))
        else:
            self.map.setEnabled(False)  # of the word before, until there is something of this one

    def _show_nothing(self, said: str, *, other_model: bool) -> None:
        self.reading = self.scene.reading = None
        self.layers.set_layers((), 0)
        self.side.show_reading(None, 0)
        self.detail.show_point(None, None, 0)
        self.telling.setText("")
        self.note.hide()
        self.board.say(said, other_model=other_model and self.studio.document is not None)

    def _show(self, reading: ContextReading) -> None:
        before, table = self.reading, reading.table
        same = before is not None and before.table.stages == table.stages
        place = self.layers.place if same else _last_block(table)
        current = _same_point(before, self.scene.current, table)
        self.reading = reading
        self.board.show_map()
        self.layers.set_layers([stage_name(stage) for stage in table.stages], place)
        self.scene.show(reading, place, current)
        self.side.show_reading(reading, place)
        self.list.model.show_signs(signs_of(table, self.theme))
        self.detail.show_point(reading, current, place)
        self._tell()
        self._tell_note()

    def _tell(self) -> None:
        if self.reading is not None:
            table, place = self.reading.table, self.layers.place
            line = layer_line(table, self.reading.layers[place], self.contexts.word, stage_name(table.stages[place]))
            self.telling.setText(line)
            self.telling.setToolTip(f"{line}\n{plane_tip(table)}")

    def _tell_note(self) -> None:
        """What must be said of the model, and that it is the model, where other vectors are chosen above."""
        said, document = "", self.studio.document
        if self.reading is not None and document is not None:
            contexts = self.contexts
            said = model_note(self.reading.table, recurrent=contexts.recurrent, looks_ahead=contexts.looks_ahead)
            if not self.studio.vector_sets.is_model:
                said = f"Of the open model, {document.source.title}, whatever is chosen above. {said}"
        self.note.setText(said)
        self.note.setVisible(bool(said))

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

    def choose(self, current: int | None) -> None:
        """Tell of a point, None for none; static ones are counted behind the others."""
        self.scene.choose(current)
        self.detail.show_point(self.reading, current, self.layers.place)
        if self.detail.point is not None:
            self.list.go_to(self.detail.point.row)

    def _on_row(self, row: int) -> None:
        """The person went to a sentence of the list."""
        points = self.reading.table.points if self.reading is not None else ()
        self.choose(next((at for at, point in enumerate(points) if point.row == row), None))

    def _on_way(self, on: bool) -> None:
        self.scene.way = on
        self.scene.choose(self.scene.current)

    def _inform(self, text: str) -> None:
        self.studio.noticed.emit(Notice(Severity.INFO, text))

    def _complain(self, error: StudioError) -> None:
        self.studio.noticed.emit(Notice.of(error))

    @property
    def _stages(self) -> tuple[WordStage | None, ...]:
        return self.reading.table.stages if self.reading is not None else ()

    def _connect(self) -> None:
        bar = self.bar
        bar.word_settled.connect(self._edited)
        bar.examples.chosen.connect(self.take_example)
        bar.examples.failed.connect(self._complain)
        bar.centre.toggled.connect(lambda _on: self._follow())
        bar.way.toggled.connect(self._on_way)
        bar.tools.saved.connect(lambda path: self._inform(f"The figure is saved in {path}."))
        bar.tools.failed.connect(self._complain)
        self.layers.moved.connect(self._on_layer)
        self.list.changed.connect(self._edited)
        self.list.model.word_restored.connect(bar.word.setText)
        self.list.chosen.connect(self._on_row)
        self.list.told.connect(self._inform)
        self.map.clicked.connect(self.choose)
        self.side.layer_picked.connect(self.layers.slider.setValue)
        self.side.point_picked.connect(lambda row: self.choose(self.side.point_of(row)))
        self.board.model_wanted.connect(lambda: self.studio.open(BETTER_MODEL))
        self._answers.answered.connect(self._show)
        self._answers.failed.connect(self._complain)
        bind(self, self.contexts.changed, self._follow)


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
