"""The occurrence that is chosen: its sentence with the word marked, its nearest words, and the way to it and back."""

from __future__ import annotations

from html import escape

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.space.context_words import about_point, decimals, point_text, stage_name, static_name
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.theme import Theme
from embstudio.studio import Studio
from embstudio.studio.context_table import ContextPoint, ContextReading

NOTHING = "Click a point to see its sentence, its way through the layers and its nearest words."
LETTERS = 18  # of a sentence's name on a button


class ContextDetail(QWidget):
    """`show` takes the chosen point and the layer; asks for the nearest words where they mean anything."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._theme = studio, theme
        self._reading: ContextReading | None = None
        self._current: int | None = None
        self._place = 0
        self._asked: object = None
        self.sentence = WrappedLabel("", quiet=False)
        self.sentence.setObjectName("contextSentence")
        self.sentence.setTextFormat(Qt.TextFormat.RichText)
        self.near = ElidedLabel("")
        self.near.setObjectName("contextNear")
        self.open = QToolButton(self)
        self.open.setObjectName("contextOpen")
        self.open.setText("Open this sentence")
        self.open.setToolTip("Put it into the sentence field, and the cursor onto the word; the way back stays here")
        self.open.clicked.connect(self._open)
        self.back = QToolButton(self)
        self.back.setObjectName("contextBack")
        self.back.clicked.connect(studio.trips.back)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.sentence, 1)
        for button in (self.open, self.back):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 2)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self.near)
        bind(self, studio.contexts.nearest_changed, self._tell_near)
        bind(self, studio.trips.changed, self._show_buttons)
        bind(self, studio.sentence_changed, self._show_buttons)
        self._show_buttons()

    def show_point(self, reading: ContextReading | None, current: int | None, place: int) -> None:
        """Take the chosen point, None for none, and the layer."""
        self._reading, self._current, self._place = reading, current, place
        self.sentence.setText(self._words())
        self._ask()
        self._tell_near()
        self._show_buttons()

    @property
    def point(self) -> ContextPoint | None:
        """The chosen occurrence; None where there is none, or a static vector is chosen."""
        if self._reading is None or self._current is None or self._current >= len(self._reading.table.points):
            return None
        return self._reading.table.points[self._current]

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.near.setFont(self._theme.font("small"))
        self.sentence.setText(self._words())

    # Words -----------------------------------------------------------------------------------------------------------

    def _words(self) -> str:
        if self._reading is None:
            return ""
        table, colour = self._reading.table, self._theme.colour("text").name()
        if self._current is None:
            return f'<span style="color:{self._theme.colour("muted").name()}">{NOTHING}</span>'
        point = self.point
        if point is None:
            name = escape(static_name(table.statics[self._current - len(table.points)]), quote=False)
            return f"{name}: what the word is before its sentence is read, a row of the embedding table."
        return f"{point_text(point, colour, ': ')} {escape(about_point(point), quote=False)}".strip()

    # Nearest words ---------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Ask for the words nearest to the chosen vector at all layers at once."""
        point, reading = self.point, self._reading
        if point is None or reading is None or reading.table.static is None:
            self._asked = None
            return
        contexts = self._studio.contexts
        found = contexts.found(point.sentence)
        asked = contexts.word, point.sentence, point.occurrence.span, self._studio.document
        if found is None or found.static is None or asked == self._asked:
            return
        self._asked = asked
        turn = found.occurrences.index(point.occurrence)
        contexts.want_nearest(np.stack([found.static[turn], *(vectors[turn] for vectors in found.vectors)]))

    def _tell_near(self) -> None:
        """The words nearest to the chosen vector at this layer."""
        reading, document = self._reading, self._studio.document
        self.near.setVisible(self.point is not None and reading is not None)
        if self.point is None or reading is None or document is None:
            return
        if reading.table.static is None:
            self.near.setText("No nearest words: these vectors are of another kind than the model's table of words.")
            return
        contexts = self._studio.contexts
        if contexts.near_problem is not None:
            self.near.setText(f"No nearest words. {contexts.near_problem}")
            return
        name = stage_name(reading.table.stages[self._place])
        near = contexts.nearest(self._place)
        if not near:
            waits = not contexts.has_nearest
            self.near.setText(f"nearest words at {name}: {'…' if waits else 'none'}")
            return
        words = [f"{visible_text(document.word(row))} {decimals(cosine)}" for row, cosine in near]
        self.near.setText(f"nearest words at {name} (cosine, not centred): {' · '.join(words)}")

    # The way to a sentence -------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self.point is not None:
            self._studio.trips.open(self.point.sentence, self.point.occurrence.span[0])

    def _show_buttons(self) -> None:
        before, point = self._studio.trips.before, self.point
        self.open.setVisible(point is not None)
        self.back.setVisible(bool(before))
        shown = before if len(before) <= LETTERS else f"{before[: LETTERS - 1]}…"
        self.back.setText(f"Back to ‘{shown}’")
        self.back.setToolTip(f"Take the sentence again that stood in the field before: {before}")
