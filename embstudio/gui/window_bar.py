"""Which part of a text is shown that is longer than the model can take, and the way to the parts before and after."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from embstudio.gui.binding import bind
from embstudio.studio import Studio


class WindowBar(QWidget):
    """Hidden while the whole text is shown."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("WindowBar")
        self._studio = studio
        self.earlier = self._button("earlier", "◂", "The part before (Ctrl+Page Up)", "Ctrl+PgUp")
        self.later = self._button("later", "▸", "The part after (Ctrl+Page Down)", "Ctrl+PgDown")
        self.where = QLabel(self)
        self.where.setObjectName("windowPlace")
        self.where.setAccessibleName("Which part of the text is shown")
        self.earlier.clicked.connect(self._go_back)
        self.later.clicked.connect(self._go_on)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(2)
        for widget in (self.earlier, self.where, self.later):
            row.addWidget(widget)
        bind(self, studio.trace_changed, self._show)
        self._show()

    def _button(self, name: str, text: str, tip: str, key: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setShortcut(key)
        button.setAutoRaise(True)
        return button

    def _show(self) -> None:
        window = self._studio.trace.window if self._studio.trace is not None else None
        self.setVisible(window is not None)
        if window is None:
            return
        self.where.setText(f"tokens {window.start + 1:,}–{window.end:,} of {window.total:,}")
        self.where.setToolTip(
            f"The text has {window.total:,} tokens, more than can be run at once. These were run by themselves:\n"
            "what stands outside of this part does not count for the numbers shown."
        )
        self.earlier.setEnabled(window.start > 0)
        self.later.setEnabled(window.end < window.total)

    def _go_back(self) -> None:
        if self._studio.trace is not None and self._studio.trace.window is not None:
            self._studio.show_window(self._studio.trace.window.previous_start)

    def _go_on(self) -> None:
        if self._studio.trace is not None and self._studio.trace.window is not None:
            self._studio.show_window(self._studio.trace.window.next_start)
