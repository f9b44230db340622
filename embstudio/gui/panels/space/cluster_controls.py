"""How many clusters, and a suggestion; seen while colours stand for clusters."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QToolButton, QWidget

USUAL, FEWEST, MOST = 8, 2, 50


class ClusterControls(QWidget):
    """changed(): another number. suggest_wanted(), stop_wanted()."""

    changed = Signal()
    suggest_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.count = QSpinBox(self)
        self.count.setObjectName("clusterCount")
        self.count.setAccessibleName("How many clusters")
        self.count.setToolTip("How many clusters the vectors are divided into")
        self.count.setSuffix(" clusters")
        self.count.setRange(FEWEST, MOST)
        self.count.setValue(USUAL)
        self.count.setKeyboardTracking(False)
        self.count.valueChanged.connect(lambda _count: self.changed.emit())
        self.suggest = self._button(
            "clusterSuggest", "Suggest", "Try 2 to 20 clusters, and take the number that stands apart best (silhouette)"
        )
        self.suggest.clicked.connect(self.suggest_wanted)
        self.stop = self._button("clusterStop", "Stop", "Stop looking for clusters, and keep what there is")
        self.stop.clicked.connect(self.stop_wanted)
        self.stop.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for widget in (self.count, self.suggest, self.stop):
            row.addWidget(widget)

    def show_running(self, *, running: bool) -> None:
        """Offer to stop."""
        self.stop.setVisible(running)
        self.suggest.setEnabled(not running)

    def set_count(self, count: int) -> None:
        """Show another number, without asking for it."""
        self.count.blockSignals(True)
        self.count.setValue(count)
        self.count.blockSignals(False)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(",")[0])
        return button
