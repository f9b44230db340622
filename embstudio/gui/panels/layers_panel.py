"""The Layers panel: how the current token's vector changes through the layers, and what it stands for at each."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QStackedLayout, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.layer_rows import LayerRows
from embstudio.gui.panels.panel import Panel
from embstudio.gui.plots.stage_table import StageTable
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import Lens
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio
from embstudio.trace.stream import Stage, changes, stacks, stages
from embstudio.trace.trace import Trace

NOTHING = "Type a sentence to see how its tokens change through the layers."
NO_STREAM = "This model has no residual stream whose layers could be compared."
PAUSE_MS = 80  # in typing, after which words are looked for: the next trace need not wait for the search
TYPING_MS = 300  # between two traces, at most, where somebody types
WAIT_MS = 150  # after which the numbers are shown although the words are not there yet

_TITLES = {"": "all layers", "encoder": "encoder", "decoder": "decoder"}


class LayersPanel(Panel):
    """A row for each stage of the stream of the token at the cursor."""

    title = "Layers"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.stack = ""
        self.shown: tuple[Stage, ...] = ()
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
        self._since = QElapsedTimer()  # since the last trace came
        self._typing = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(WAIT_MS)
        self._waiting.timeout.connect(self._show_rows)
        bind(self, studio.lenses.changed, self._on_lens)
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
        self._typing = self._since.isValid() and self._since.elapsed() < TYPING_MS
        self._since.start()
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
        if self._typing:
            self._typing = False
            self._pause.start()
        else:
            self._ask()
        if self.studio.lenses.of(self.stack, self.place) is not None:
            self._show_rows()
        elif not self._waiting.isActive():
            self._waiting.start()  # the rows of before stay until the words are there, or for this long

    def _ask(self) -> None:
        """Ask what the current token's vectors stand for."""
        if self.isVisible() and self.shown:
            self.studio.lenses.want(self.stack, self.place)

    def _on_lens(self) -> None:
        if self.isVisible() and self.shown and self.studio.lenses.of(self.stack, self.place) is not None:
            self._show_rows()

    def _show_rows(self) -> None:
        trace = self.studio.trace
        if trace is None or not self.shown:
            return
        self._waiting.stop()
        self.lens = self.studio.lenses.of(self.stack, self.place)
        rows = LayerRows(self.shown, changes(trace, self.shown, self.place), self.place, self.lens, self._word)
        layout = rows.layout(self.table.fits)
        self.table.set_rows([column for column, _cell in layout], rows.rows(layout, self.studio.cursor.layer))
        token = trace.along(self.shown[0].point, "pos")[self.place]
        self.telling.setText(rows.telling(visible_text(token.text)))
        self.note.setText(rows.note())
        self._tell_cell()
        row = self.table.currentIndex().row()
        if self._pointed is not None and self.studio.probe == self._pointed and 0 <= row < len(self.shown):
            self._point_at(row)  # the inspector goes along with the step

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
