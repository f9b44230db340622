"""Run, pause, step, rewind, reset: how one goes through a training. The same for every bench."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QSlider, QToolButton, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.lab.messages import Report, Standing

PACES = (
    ("3 epochs/s", 3.0), ("10 epochs/s", 10.0), ("1 epoch/s", 1.0), ("0.1 epochs/s", 0.1), ("full speed", 0.0),
)  # fmt: skip
_SLIDER_KEYS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
)  # fmt: skip


class _EpochSlider(QSlider):
    """With the focus, its keys are its own; the window's steps through the text have to wait."""

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _SLIDER_KEYS
        ):
            event.accept()
            return True
        return super().event(event)


class RunBar(FlowRow):
    """What the person wants: run_wanted(), pause_wanted(), step_wanted(), reset_wanted(), rewind_wanted(epoch),
    pace_wanted(epochs a second, 0 for all it can), space_wanted()."""

    run_wanted = Signal()
    pause_wanted = Signal()
    step_wanted = Signal()
    reset_wanted = Signal()
    rewind_wanted = Signal(int)
    pace_wanted = Signal(float)
    space_wanted = Signal()

    def __init__(self, example: str, parent: QWidget | None = None) -> None:
        """example: what one step learns from, for the tooltip."""
        super().__init__(parent)
        self.running = False
        self.savable = False  # there is something to save or open before anything is trained
        self._finished, self._no_steps = False, ""
        self._step_tip = f"Learn from one {example}, and see everything it does"
        self.run = self._button("labRun", "Run", "Train, until all epochs are done or you pause")
        self.run.clicked.connect(lambda: (self.pause_wanted if self.running else self.run_wanted).emit())
        self.step = self._button("labStep", "Step", self._step_tip)
        self.step.setAutoRepeat(True)
        self.step.setAutoRepeatInterval(120)
        self.step.clicked.connect(self.step_wanted)
        self.reset = self._button(
            "labReset", "Reset", "Begin anew from the seed, with the text and the knobs as they are"
        )
        self.reset.clicked.connect(self.reset_wanted)
        self.epoch = _EpochSlider(Qt.Orientation.Horizontal, self)
        self.epoch.setObjectName("labEpoch")
        self.epoch.setAccessibleName("Epoch: go back to an earlier one")
        self.epoch.setToolTip("Rewind: go back to the end of an earlier epoch, or forth again")
        self.epoch.setMinimumWidth(90)
        self.epoch.setEnabled(False)
        self.epoch.valueChanged.connect(self._rewind)
        self.at = QLabel("", self)
        self.at.setObjectName("labEpochText")
        self.pace = QComboBox(self)
        self.pace.setObjectName("labPace")
        self.pace.setAccessibleName("Pace")
        self.pace.setToolTip("How fast it may go, so that one can watch")
        self.pace.addItems([name for name, _ in PACES])
        self.pace.activated.connect(lambda place: self.pace_wanted.emit(PACES[place][1]))
        self.export = self._button("labExport", "Export", "Save the vectors, a model that looks them up, or the loss")
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.exports = QMenu(self.export)
        self.export.setMenu(self.exports)
        self.space = self._button(
            "labSpace", "Open in Space", "Show these vectors in the Space panel, as a set of their own"
        )
        self.space.clicked.connect(self.space_wanted)
        going_back = QWidget(self)
        row = QHBoxLayout(going_back)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.epoch)
        row.addWidget(self.at)
        for widget in (self.run, self.step, self.reset, going_back, self.pace, self.export, self.space):
            self.flow.addWidget(widget)
        self.flow.setContentsMargins(8, 0, 8, 0)
        self._kept = 0
        self.show_report(None)

    @property
    def epochs_a_second(self) -> float:
        """The pace that is chosen; 0: as fast as it goes."""
        return PACES[self.pace.currentIndex()][1]

    def show_report(self, report: Report | None) -> None:
        """Follow a training; None: there is none."""
        self.running = report is not None and report.standing is Standing.RUNNING
        self.run.setText("Pause" if self.running else "Run")
        self.run.setAccessibleName("Pause" if self.running else "Run")
        self._finished = report is not None and report.standing is Standing.FINISHED
        self.run.setEnabled(not self._finished)
        self._let_step()
        self.reset.setEnabled(report is not None)
        for widget in (self.export, self.space):
            widget.setEnabled(report is not None or self.savable)
        self.epoch.setEnabled(report is not None and report.kept[1] > 0)
        if report is None:
            self.at.setText("")
            self._set(0, 1)
            return
        self._kept = report.kept[1]
        if not self.epoch.isSliderDown():
            self._set(report.epoch, report.epochs)
        part = f"{report.epoch + report.share:.1f}" if report.epochs > 1 else f"{report.share or report.epoch:.0%}"
        self.at.setText(f"epoch {part} of {report.epochs:,}" if report.epochs > 1 else f"{part} of 1 epoch")

    def refuse_steps(self, why: str) -> None:
        """Single steps cannot be taken, and the tooltip says why; "": they can."""
        self._no_steps = why
        self._let_step()

    def _let_step(self) -> None:
        self.step.setEnabled(not self._finished and not self._no_steps)
        self.step.setToolTip(self._no_steps or self._step_tip)

    def _set(self, epoch: int, epochs: int) -> None:
        self.epoch.blockSignals(True)
        self.epoch.setMaximum(epochs)
        self.epoch.setValue(epoch)
        self.epoch.blockSignals(False)

    def _rewind(self, epoch: int) -> None:
        if epoch > self._kept:
            self._set(self._kept, self.epoch.maximum())
        self.rewind_wanted.emit(min(epoch, self._kept))

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button
