"""What is being read, how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.studio.set_loading import SetLoading

PATIENCE_MS = 150  # a file that is read sooner needs no bar


class LoadBar(QWidget):
    """Seen while a file is read for longer than one waits without asking."""

    def __init__(self, loading: SetLoading, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loading = loading
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("loadTelling")
        self.progress = QProgressBar(self)
        self.progress.setObjectName("loadProgress")
        self.progress.setAccessibleName("How much of the file is read")
        self.progress.setRange(0, 1000)
        self.progress.setFormat("%p %")
        self.stop = QToolButton(self)
        self.stop.setObjectName("loadStop")
        self.stop.setText("Stop")
        self.stop.setAccessibleName("Stop reading the file")
        self.stop.setToolTip("Stop reading this file; what is shown stays")
        self.stop.clicked.connect(loading.stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(self.telling, 2)
        row.addWidget(self.progress, 1)
        row.addWidget(self.stop)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self.show)
        bind(self, loading.changed, self._follow)
        self.hide()
        self._follow()

    def _follow(self) -> None:
        path = self._loading.path
        if path is None:
            self._patience.stop()
            self.hide()
            return
        if self.isHidden() and not self._patience.isActive():
            self._patience.start()
        self.telling.setText(f"Reading {path.name}…")
        self.progress.setValue(round(1000 * self._loading.share))
