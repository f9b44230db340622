"""The Layers panel: how the current token's vector changes through the layers, and what it stands for at each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QStackedLayout, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels import layer_words as said
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.panel import Panel
from embstudio.gui.plots.stage_table import StageCell, StageColumn, StageRow, StageTable
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import Lens
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio
from embstudio.trace.stream import Change, Stage, changes, settled, stacks, stages
from embstudio.trace.trace import Trace

NOTHING = "Type a sentence to see how its tokens change through the layers."
NO_STREAM = "This model has no residual stream whose layers could be compared."
CAUTION = "Earlier layers were not trained to end there: their words are hints."
WAIT_MS = 150  # after which the numbers are shown although the words are not there yet
TIGHT = 8  # digits that each column of words has left where room is scarce
MOST = 6  # choices of the lens that are listed where there is room
_Shown = tuple[StageColumn, Callable[[int], StageCell]]  # a column, and its cell of a stage

_ORDER = (said.LENGTH, said.TO_START, said.TO_BEFORE)
_TITLES = {"": "all layers", "encoder": "encoder", "decoder": "decoder"}


class LayersPanel(Panel):
    """A row for each stage of the stream of the token at the cursor."""

    title = "Layers"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.stack = ""
        self.shown: tuple[Stage, ...] = ()
        self.changes: tuple[Change, ...] = ()
        self.place = 0  # of the token in its stack
        self.lens: Lens | None = None  # what is shown of it
        self._stacks: tuple[str, ...] = ()
        self._pointed: Probe | None = None  # what the inspector was last shown from here
        self.stack_choice = QComboBox()
        self.stack_choice.setObjectName("layersStack")
        self.stack_choice.setAccessibleName("Encoder or decoder")
        self.stack_choice.setToolTip("Whose layers: the encoder's or the decoder's")
        self.stack_choice.activated.connect(self._choose_stack)
        self.at = QSpinBox()
        self.at.setObjectName("layersDecoderToken")
        self.at.setAccessibleName("Token of the decoder")
        self.at.setToolTip("Which of the decoder's own tokens; they are another sequence than the one above")
        self.at.valueChanged.connect(lambda _value: self.show_place())
        self.telling = ElidedLabel("")
        self.telling.setObjectName("layersTelling")
        self.table = StageTable(theme)
        self.table.setObjectName("layersTable")
        self.table.setAccessibleName("The current token's vector, stage by stage")
        self.table.picked.connect(self._on_picked)
        self.formula = ElidedLabel("")
        self.formula.setObjectName("layersFormula")
        self.note = QLabel("")
        self.note.setObjectName("layersNote")
        self.note.setWordWrap(True)
        self.note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.empty = EmptyState(NOTHING)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._build())
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(WAIT_MS)
        self._waiting.timeout.connect(self._show_rows)
        bind(self, studio.lens_changed, self._on_lens)
        self.restyle()

    def _build(self) -> QWidget:
        body = QWidget()
        header = QHBoxLayout()
        header.setContentsMargins(8, 0, 8, 0)
        header.setSpacing(8)
        header.addWidget(self.stack_choice)
        header.addWidget(self.at)
        header.addWidget(self.telling, 1)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 8, 0, 4)
        column.setSpacing(4)
        column.addLayout(header)
        column.addWidget(self.table, 1)
        for label in (self.formula, self.note):
            label.setContentsMargins(8, 0, 8, 0)
            column.addWidget(label)
        return body

    def restyle(self) -> None:
        self.table.restyle()
        self.telling.setFont(self.theme.font("normal"))
        self.formula.setFont(self.theme.mono("small"))
        self.note.setFont(self.theme.font("small"))

    # Following the studio ----------------------------------------------------------------------------------------

    def show_trace(self) -> None:
        trace = self.studio.trace
        self._stacks = stacks(trace) if trace is not None and len(trace) else ()
        if trace is None or not self._stacks:
            self.shown = ()
            self.empty.setText(NOTHING if trace is None or not len(trace) else NO_STREAM)
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        if self.stack not in self._stacks:
            self.stack = self._stacks[0]
        self.stack_choice.clear()
        self.stack_choice.addItems([_TITLES[stack] for stack in self._stacks])
        self.stack_choice.setCurrentIndex(self._stacks.index(self.stack))
        self.stack_choice.setVisible(len(self._stacks) > 1)
        self.shown = stages(trace, self.stack)
        self._offer_decoder_tokens(trace)

    def _offer_decoder_tokens(self, trace: Trace) -> None:
        """The decoder's tokens are not those the cursor steps through: they have a box of their own, at the last."""
        decoded = self.stack == "decoder" and bool(trace.target)
        self.at.setVisible(decoded)
        if decoded:
            self.at.blockSignals(True)
            self.at.setRange(1, len(trace.target))
            self.at.setSuffix(f" of {len(trace.target)}")
            self.at.setValue(len(trace.target))
            self.at.blockSignals(False)

    def show_place(self) -> None:
        trace = self.studio.trace
        if trace is None or not self.shown:
            return
        decoded = self.stack == "decoder" and bool(trace.target)
        wanted = self.at.value() - 1 if decoded else self.studio.cursor.token
        self.place = min(wanted, trace[self.shown[0].point].size("pos") - 1)
        self.studio.want_lens(self.stack, self.place)
        if self.studio.lens_of(self.stack, self.place) is not None:
            self._show_rows()
        elif not self._waiting.isActive():
            self._waiting.start()  # the rows of before stay until the words are there, or for this long

    def _on_lens(self) -> None:
        if self.isVisible() and self.shown and self.studio.lens_of(self.stack, self.place) is not None:
            self._show_rows()

    def _show_rows(self) -> None:
        trace = self.studio.trace
        if trace is None or not self.shown:
            return
        self._waiting.stop()
        self.lens = self.studio.lens_of(self.stack, self.place)
        self.changes = changes(trace, self.shown, self.place)
        layout = self._layout()
        self.table.set_rows([column for column, _cell in layout], self._rows(layout))
        self.telling.setText(self._telling(trace))
        self.note.setText(self._note())
        self._tell_cell()
        row = self.table.currentIndex().row()
        if self._pointed is not None and self.studio.probe == self._pointed and 0 <= row < len(self.shown):
            self._point_at(row)  # the inspector goes along with the step

    # What is shown -----------------------------------------------------------------------------------------------

    def _layout(self) -> list[_Shown]:
        """The columns there is something for: numbers, words, the lens. Where they do not fit beside one another those
        go whose numbers the tooltip of a stage has, and the lens gets as many choices as there is room for."""
        parallel = any(len(change.added) > 1 for change in self.changes)
        start: list[_Shown] = [(said.STAGE, self._stage_cell), (said.written_column(wide=parallel), self._written_cell)]
        turned: list[_Shown] = [
            (said.LENGTH, lambda place: said.length_cell(self.changes[place])),
            (said.TO_BEFORE, lambda place: said.to_before_cell(self.changes[place])),
            (said.TO_START, lambda place: said.to_start_cell(self.changes[place])),
        ]
        words = self._word_columns()
        while turned and not self.table.fits([column for column, _ in (*start, *turned, *words)]):
            turned.pop(0)
        if not turned:
            words = [(replace(column, wide=min(column.wide, TIGHT)), cell) for column, cell in words]
        layout = [*start, *sorted(turned, key=lambda shown: _ORDER.index(shown[0])), *words]
        lens = self.lens
        choices = min(MOST, lens.ids.shape[1]) if lens is not None else 0
        for choice in range(1, choices):
            wider: list[_Shown] = [*layout, (said.lens_column(choice + 1), partial(self._choice_cell, choice))]
            if not self.table.fits([said.AIR, *(column for column, _ in wider)]):
                break
            layout = wider
        return layout

    def _word_columns(self) -> list[_Shown]:
        lens = self.lens
        columns: list[_Shown] = []
        if lens is None or lens.rows.shape[1]:
            columns.append((said.NEAREST, self._nearest_cell))
        if lens is not None and lens.ids.shape[1]:
            for at, id_ in enumerate(lens.words):
                column = said.followed_column(self._word(id_), own=at == 0)
                columns.append((column, partial(self._followed_cell, at)))
            columns.append((said.lens_column(1), partial(self._choice_cell, 0)))
        return columns

    def _rows(self, layout: list[_Shown]) -> list[StageRow]:
        settles = self._settles()
        return [
            StageRow(
                tuple(cell(place) for _column, cell in layout),
                current=stage.layer is not None and stage.layer == self.studio.cursor.layer,
                rule=settles == place and place > 0,
            )
            for place, stage in enumerate(self.shown)
        ]

    def _stage_cell(self, place: int) -> StageCell:
        return said.stage_cell(self.shown[place], self.changes[place], self.place)

    def _written_cell(self, place: int) -> StageCell:
        return said.written_cell(self.changes[place])

    def _nearest_cell(self, place: int) -> StageCell:
        lens = self.lens
        if lens is None:
            return StageCell("…", "The worker is looking for them.")
        near = [
            (self._word(row), float(cosine)) for row, cosine in zip(lens.rows[place], lens.cosines[place], strict=True)
        ]
        about = "\n".join(f"cos(x, E[‘{word}’]) = {four(cosine)}" for word, cosine in near)
        return StageCell("  ".join(word for word, _ in near), about)

    def _choice_cell(self, choice: int, place: int) -> StageCell:
        assert self.lens is not None
        read = self._read_at(place)
        id_, p = int(self.lens.ids[read, choice]), float(self.lens.probabilities[read, choice])
        word, settles = self._word(id_), self._settles()
        about = f"p(‘{word}’) = softmax(head(norm(x)))[{id_}] = {four(p)} ({percent(p)})"
        strong = choice == 0 and settles is not None and place >= settles
        return StageCell(word, about, tail=said.short_percent(p), tint=p, strong=strong)

    def _followed_cell(self, at: int, place: int) -> StageCell:
        assert self.lens is not None
        read = self._read_at(place)
        rank, p = int(self.lens.ranks[read, at]), float(self.lens.followed[read, at])
        about = f"‘{self._word(self.lens.words[at])}’ is number {rank:,} here, with p = {four(p)} ({percent(p)})"
        return StageCell(f"{rank:,}", about, bar=p)

    def _settles(self) -> int | None:
        lens = self.lens
        if lens is None or not lens.ids.shape[1]:
            return None
        return settled([int(lens.ids[self._read_at(place), 0]) for place in range(len(self.shown))])

    def _read_at(self, place: int) -> int:
        """The stage whose look through the head counts for a stage: the norm of the head is not put on twice."""
        return place - 1 if place and self.shown[place].point.endswith("final_norm") else place

    def _telling(self, trace: Trace) -> str:
        token = visible_text(trace.along(self.shown[0].point, "pos")[self.place].text)
        settles = self._settles()
        if settles is None or self.lens is None:
            turned = self.changes[-1].to_start
            return f"‘{token}’ through {len(self.shown)} stages: cosine with its start at the end {four(turned)}"
        last = self._read_at(len(self.shown) - 1)
        word, p = self._word(int(self.lens.ids[last, 0])), float(self.lens.probabilities[last, 0])
        where = said.stage_title(self.shown[settles])
        since = f"first choice from “{where}” on" if settles else "first choice from the start"
        return f"‘{token}’ → ‘{word}’ {percent(p)}, {since}"

    def _note(self) -> str:
        lens = self.lens
        if lens is None:
            return ""
        if not lens.ids.shape[1]:
            return " ".join(lens.notes)
        agrees = f"to {lens.worst:.0e}" if lens.worst else "exactly"
        return " ".join((*lens.notes, f"At the last layer the lens is the model itself, {agrees}. {CAUTION}"))

    def _word(self, id_: int) -> str:
        document = self.studio.document
        return visible_text(document.word(int(id_))) if document else f"#{id_}"

    # What the person does ----------------------------------------------------------------------------------------

    def _on_picked(self, row: int, _column: int) -> None:
        if self.studio.trace is None or row >= len(self.shown):
            return
        self._point_at(row)
        layer = self.shown[row].layer
        if layer is not None:
            self.studio.cursor.move(layer=layer)
        self._tell_cell()

    def _point_at(self, row: int) -> None:
        """Show the stage's largest number in the inspector."""
        trace, stage = self.studio.trace, self.shown[row]
        assert trace is not None
        x = trace[stage.point].at(pos=self.place)
        self._pointed = Probe(stage.point, (self.place, int(np.abs(x).argmax())))
        self.studio.point_at(self._pointed)

    def _tell_cell(self) -> None:
        """The selected cell's formula, with its numbers."""
        index = self.table.currentIndex()
        about = index.data(Qt.ItemDataRole.ToolTipRole) if index.isValid() else ""
        self.formula.setText(str(about or "").replace("\n", "   "))
        self.formula.setVisible(bool(about))

    def _choose_stack(self, place: int) -> None:
        self.stack = self._stacks[place]
        if self.studio.trace is not None:
            self.shown = stages(self.studio.trace, self.stack)
            self._offer_decoder_tokens(self.studio.trace)
        self.show_place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible() and self.shown and self.lens is not None:
            self._show_rows()
