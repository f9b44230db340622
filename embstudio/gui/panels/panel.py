"""What every panel has in common: it follows the studio, and spends no time while nobody can see it."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QWidget

from embstudio.gui.binding import bind
from embstudio.gui.style.theme import Theme
from embstudio.stepper.cursor import Place
from embstudio.studio import Studio

LEAST_HEIGHT = 92  # pixels at the normal size of text


class Panel(QWidget):
    """A view of the studio. Subclasses draw in `show_document`, `show_trace` and `show_place`.

    The three are called in that order when the panel comes into sight after a change, and on each change while it
    is in sight. `show_place` runs on every step and must be quick (a few milliseconds): prepare in `show_trace`.
    """

    title = ""
    follows_model = True  # its picture is an old one while the model runs
    shows_gates = False  # of recurrent layers, for which models run slower

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.theme = theme
        self.setObjectName(type(self).__name__)
        self.setAccessibleName(self.title)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._stale_document = self._stale_trace = self._stale_place = True
        self._uncovered = True
        self._built = type(self).build is Panel.build  # there is nothing to build later
        bind(self, studio.document_changed, self._on_document)
        bind(self, studio.trace_changed, self._on_trace)
        bind(self, studio.cursor.changed, self._on_place)
        bind(self, theme.changed, self._on_theme)

    def build(self) -> None:
        """Make what the panel is made of, when it first comes into sight: the start need not wait for the widgets, and
        the imports, of a panel that nobody sees yet. Others make theirs as they are made themselves."""

    def show_document(self) -> None:
        """Another model is open (or none, at the start)."""

    def show_trace(self) -> None:
        """Another trace is there: `self.studio.trace`, which may still be None."""

    def show_place(self) -> None:
        """The cursor moved: `self.studio.cursor`."""

    def restyle(self) -> None:
        """Colours or fonts changed. The panel is drawn again after this in any case."""

    def refresh(self) -> None:
        """Draw what changed since last time, if the panel can be seen."""
        if not (self.isVisible() and self._uncovered):
            return
        if not self._built:
            self._built = True
            self.build()
        if self._stale_document:
            self._stale_document = False
            self.show_document()
        if self._stale_trace:
            self._stale_trace = False
            self.show_trace()
        if self._stale_place:
            self._stale_place = False
            self.show_place()

    def minimumSizeHint(self) -> QSize:
        """No taller than all panels that stand one above the other can be in a small window with large text: what
        does not fit is cut off at the panel's edge, and never covers the status bar."""
        hint = super().minimumSizeHint()
        return QSize(hint.width(), min(hint.height(), round(LEAST_HEIGHT * self.theme.scale)))

    def uncover(self, uncovered: bool) -> None:
        """Say whether the panel is in front. Qt calls a dock behind another's tab visible although nobody sees it."""
        self._uncovered = uncovered
        self._say_sight()
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._say_sight()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._say_sight()

    def _say_sight(self) -> None:
        if self.shows_gates:
            self.studio.gates.show(self.objectName(), self.isVisible() and self._uncovered)

    def _on_document(self) -> None:
        self._stale_document = self._stale_trace = self._stale_place = True
        # The trace that belongs to the new model follows at once: no drawing in between.

    def _on_trace(self) -> None:
        self._stale_trace = self._stale_place = True
        self.refresh()

    def _on_place(self, _place: Place, _previous: Place) -> None:
        self._stale_place = True
        self.refresh()

    def _on_theme(self) -> None:
        self._stale_document = self._stale_trace = self._stale_place = True
        if self._built:
            self.restyle()
        self.refresh()
