"""How many of the sentences are read, and a way to stop and to go on."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from embstudio.studio.contexts import WordContexts


class ContextProgress(QWidget):
    """Seen while sentences are read, and where some were left unread."""

    def __init__(self, contexts: WordContexts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._contexts = contexts
        self.bar = QProgressBar(self)
        self.bar.setObjectName("contextProgress")
        self.bar.setAccessibleName("How many of the sentences are read")
        self.stop = QToolButton(self)
        self.stop.setObjectName("contextStop")
        self.stop.clicked.connect(self._stop_or_go_on)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 0, 8, 0)
        line.addWidget(self.bar, 1)
        line.addWidget(self.stop)
        self.hide()

    def follow(self) -> None:
        """Show how far it is."""
        contexts = self._contexts
        total, lacking = len(contexts.sentences), len(contexts.lacking)
        self.setVisible(contexts.running or (contexts.stopped and lacking > 0))
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(total - lacking)
        self.bar.setFormat(f"{total - lacking} of {total} sentences read")
        self.stop.setText("Go on" if contexts.stopped else "Stop")
        self.stop.setToolTip(
            "Read the other sentences too" if contexts.stopped else "Read no more; what is there stays"
        )

    def _stop_or_go_on(self) -> None:
        (self._contexts.go_on if self._contexts.stopped else self._contexts.stop)()
