"""Which layer is looked at: a slider with the layer's name, and a button that plays through them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from embstudio.gui.style.theme import Theme

PLAY_MS = 900  # a layer
_KEYS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
)  # fmt: skip


class _Slider(QSlider):
    """With the focus, the arrows go from layer to layer; the window's own steps through the text have to wait."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            event.accept()
            return True
        return super().event(event)


class LayerControl(QWidget):
    """moved(place): the person, or the play, went to another layer."""

    moved = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self.play = QToolButton(self)
        self.play.setObjectName("contextPlay")
        self.play.setCheckable(True)
        self.play.setText("▶")
        self.play.setAccessibleName("Play through the layers")
        self.play.setToolTip("Play through the layers, from the first to the last")
        self.slider = _Slider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName("contextLayer")
        self.slider.setAccessibleName("Layer")
        self.slider.setPageStep(1)
        self.slider.setToolTip("The layer whose vectors are shown, from the embedding to the last")
        self.title = QLabel(self)
        self.title.setObjectName("contextLayerName")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.play, self.slider, self.title):
            row.addWidget(widget)
        self._timer = QTimer(self)
        self._timer.setInterval(PLAY_MS)
        self._timer.timeout.connect(self._step)
        self.play.toggled.connect(self._on_play)
        self.slider.valueChanged.connect(self._on_value)
        self.restyle()

    @property
    def place(self) -> int:
        """Of the layer that is looked at."""
        return self.slider.value()

    def set_layers(self, names: Sequence[str], place: int) -> None:
        """Take the layers' names, and go to one without a word about it."""
        if tuple(names) != self._names:
            self.play.setChecked(False)
        self._names = tuple(names)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(names) - 1))
        self.slider.setValue(place)
        self.slider.blockSignals(False)
        self.setEnabled(len(names) > 1)
        self.restyle()

    def go_to(self, place: int) -> None:
        """Go to a layer without a word about it."""
        self.slider.blockSignals(True)
        self.slider.setValue(place)
        self.slider.blockSignals(False)
        self._tell()

    def stop(self) -> None:
        """Play no further."""
        self.play.setChecked(False)

    def restyle(self) -> None:
        """Fonts or names changed."""
        metrics = self.title.fontMetrics()
        names = self._names or ("embedding",)
        self.title.setMinimumWidth(max(map(metrics.horizontalAdvance, names)) + 4)
        self.slider.setMinimumWidth(round(90 * self._theme.scale))
        self._tell()

    def _tell(self) -> None:
        self.title.setText(self._names[self.place] if self.place < len(self._names) else "")
        self.slider.setAccessibleDescription(self.title.text())

    def _on_value(self, place: int) -> None:
        self._tell()
        self.moved.emit(place)

    def _on_play(self, *_on: bool) -> None:
        playing = self.play.isChecked()
        self.play.setText("⏸" if playing else "▶")
        if not playing:
            self._timer.stop()
            return
        if self.place == self.slider.maximum():
            self.slider.setValue(0)
        self._timer.start()

    def _step(self) -> None:
        if self.place < self.slider.maximum() and self.isVisible():
            self.slider.setValue(self.place + 1)
        if self.place >= self.slider.maximum() or not self.isVisible():
            self.play.setChecked(False)
