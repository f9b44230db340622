"""The quiet line at the bottom: what ran where, how long, how much was captured, and whether it was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.provider_button import ProviderButton
from embstudio.gui.style.numbers import size_of
from embstudio.session.verdict import law_line, scientific, verdict
from embstudio.studio import Studio

if TYPE_CHECKING:  # the status bar is part of the first paint, and a trace loads numpy
    from embstudio.trace.trace import Trace

# Shorter waits than this are over before anyone could read about them.
PATIENCE_MS = 250


class StatusBar(QStatusBar):
    """Facts on the left; while something takes longer, that it runs and a way to stop it, on the right."""

    stop_wanted = Signal()
    running_changed = Signal(bool)  # something has been running for longer than a person's patience

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("StatusBar")
        self._studio = studio
        self.runs_on = ProviderButton(studio, self)
        self.addWidget(self.runs_on)
        self.facts = QLabel(self)
        self.facts.setObjectName("facts")
        self.facts.setAccessibleName("How long it ran, what was captured and checked")
        self.addWidget(self.facts, 1)
        self.stopped = ElidedLabel("", self)  # why playing stopped, until it goes on
        self.stopped.setObjectName("stopped")
        self.stopped.setAccessibleName("Why playing stopped")
        self.stopped.hide()
        self.addPermanentWidget(self.stopped, 1)
        self._running = QProgressBar(self)
        self._running.setRange(0, 0)
        self._running.setFixedWidth(120)
        self._running.setTextVisible(False)
        self._running.setAccessibleName("The model is running")
        self._stop = QToolButton(self)
        self._stop.setText("Stop")
        self._stop.setToolTip("Stop what is running and keep what is shown (Esc)")
        self._stop.setObjectName("stop")
        self._stop.clicked.connect(self.stop_wanted)
        for widget in (self._running, self._stop):
            self.addPermanentWidget(widget)
            widget.hide()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._show_running(True))
        bind(self, studio.busy_changed, self._on_busy)
        bind(self, studio.trace_changed, self._show_facts)
        bind(self, studio.watches.stopped, self._show_stopped)
        self._show_facts()

    def _show_stopped(self, reason: str) -> None:
        self.stopped.setText(reason)
        self.stopped.setVisible(bool(reason))

    def _on_busy(self) -> None:
        if self._studio.busy:
            self._patience.start()
        else:
            self._patience.stop()
            self._show_running(False)

    def _show_running(self, running: bool) -> None:
        self._running.setVisible(running)
        self._stop.setVisible(running)
        self.running_changed.emit(running)

    def _show_facts(self) -> None:
        trace, document = self._studio.trace, self._studio.document
        if trace is None or document is None:
            self.facts.setText("Starting…")
            return
        held = len(self._studio.ran.replacements) if self._studio.ran is not None else 0
        edited = f"edited: {held} value{'s' if held > 1 else ''} held (Memory panel)"
        facts = [*([edited] if held else []), f"{trace.milliseconds:.1f} ms", _captured(trace)]
        found = verdict(document.opened)
        self.facts.setText("  ·  ".join([*facts, found] if found else facts))
        laws = "\n".join(law_line(finding) for finding in document.opened.findings)
        self.facts.setToolTip(
            "The time of the run alone, the size of the values captured (the rest of a long text is fetched when you\n"
            "go there),\n"
            "and what the model's own numbers were checked for when it was opened."
            + (f"\n\n{laws}" if laws else "")
            + _verified(document.opened.verified)
        )


def _captured(trace: Trace) -> str:
    whole = trace.nbytes + sum(trace.omitted.values())
    of_all = f" of {size_of(whole)}" if trace.omitted else ""
    return f"{size_of(trace.nbytes)}{of_all} captured"


def _verified(difference: float | None) -> str:
    if difference is None:
        return ""
    return f"\nThe outputs of the copy that is looked into are those of the file to {scientific(difference)}."
