"""Vectors being made: how far it is and a way to stop; what was stopped, to be gone on with; what went wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.studio.advice import without_options
from embstudio.studio.vector_making import Pace, VectorMaking

_HOUR, _MINUTE = 3600, 60


class MakingBar(QWidget):
    """Seen from the beginning of an order until it is saved or dismissed."""

    def __init__(self, making: VectorMaking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._making = making
        self.setObjectName("MakingBar")
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("makingTelling")
        self.progress = QProgressBar(self)
        self.progress.setObjectName("makingProgress")
        self.progress.setAccessibleName("How many of the vectors are made")
        self.progress.setFormat("%p %")
        self.fault = WrappedLabel("", self, quiet=False)
        self.fault.setObjectName("makingFault")
        self.buttons = FlowRow(self)
        self.stop = QPushButton("Stop", self)
        self.stop.setObjectName("makingStop")
        self.stop.setToolTip("Stop; what is made is kept, and can be gone on with")
        self.stop.clicked.connect(lambda _checked=False: making.stop())
        self.go_on = self._button("makingGoOn", "Go on", "Make the vectors that are missing", making.go_on)
        self.anew = self._button("makingAnew", "Begin anew", "Delete the unfinished file, and begin again",
                                 making.begin_anew)  # fmt: skip
        self.delete = self._button("makingDelete", "Delete what is made", "Delete the unfinished file", making.give_up)
        self.close_bar = self._button("makingClose", "Close", "Say no more of it; what is made is kept", making.dismiss)
        row = QHBoxLayout()
        row.addWidget(self.telling, 2)
        row.addWidget(self.progress, 1)
        row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 2)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.fault)
        column.addWidget(self.buttons)
        bind(self, making.changed, self._follow)
        self._follow()

    def _follow(self) -> None:
        making, order = self._making, self._making.order
        self.setVisible(order is not None)
        if order is None:
            return
        pace, error, running = making.pace, making.error, making.running
        self.progress.setVisible(running)
        self.progress.setRange(0, pace.total if pace is not None else 0)  # 0: something is being done
        self.progress.setValue(pace.done if pace is not None else 0)
        unfinished = not running and order.part.exists()
        self.stop.setVisible(running)
        self.buttons.setVisible(not running)
        self.stop.setEnabled(not making.stopping)
        self.go_on.setVisible(not running and (error is None or not _cannot_go_on(error)))
        self.go_on.setText("Go on" if error is None else "Try again")
        self.anew.setVisible(unfinished and error is not None and _cannot_go_on(error))
        self.delete.setVisible(unfinished and error is None)
        self.close_bar.setVisible(not running)
        self.fault.setVisible(error is not None and not running)
        self.fault.setText(_fault_words(error) if error is not None else "")
        name = order.out.name
        if error is not None and not running:
            self.telling.setText(f"The vectors of {order.texts.source} could not be made.")
        elif making.stopping:
            self.telling.setText("Stopping…")
        elif not running:
            said = f" after {pace.done:,} of {pace.total:,} texts, which are kept in {name}.part" if pace else ""
            self.telling.setText(f"Stopped{said}.")
        elif pace is None:
            self.telling.setText(f"{name}: opening {order.title}…")
        else:
            self.telling.setText(f"{name}: {pace_words(pace)}")

    def _button(self, name: str, text: str, tip: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self.buttons)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.clicked.connect(lambda _checked=False: do())
        self.buttons.flow.addWidget(button)
        return button


def pace_words(pace: Pace) -> str:
    """How far it is: 1,200 of 5,000 texts, 310 a second, 12 s left."""
    said = [f"{pace.done:,} of {pace.total:,} texts"]
    if pace.rate:
        said.append(f"{pace.rate:,.0f} a second" if pace.rate >= 1 else f"{1 / pace.rate:,.1f} s each")
    if pace.left is not None and pace.left >= 1:
        said.append(f"{_time(pace.left)} left")
    if pace.resumed:
        said.append(f"{pace.resumed:,} were there before")
    return ", ".join(said)


def _time(seconds: float) -> str:
    if seconds >= _HOUR:
        return f"{seconds / _HOUR:.1f} h"
    return f"{seconds / _MINUTE:.0f} min" if seconds >= 2 * _MINUTE else f"{seconds:.0f} s"


def _cannot_go_on(error: StudioError) -> bool:
    """Whether what stands in the way is the unfinished file itself."""
    return "unfinished file" in error.what


def _fault_words(error: StudioError) -> str:
    return "\n".join(filter(None, (f"✕  {error.what}", error.where, without_options(error.advice))))
