"""The bench of recurrent cells: an RNN, a GRU and an LSTM on the same task, and how far their gradients come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lab import recurrent_knobs
from embstudio.gui.panels.lab.bench_page import BenchPage
from embstudio.gui.panels.lab.exporter import MODELS, TABLES, Export
from embstudio.gui.panels.lab.knobs import Knobs
from embstudio.gui.panels.lab.recurrent_example import ExampleView
from embstudio.gui.panels.lab.recurrent_picture import Picture
from embstudio.gui.panels.lab.recurrent_views import CellsView, CurvesView
from embstudio.gui.panels.lab.recurrent_words import accuracy_of, stopped_said, task_said
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.lab.bench import State
from embstudio.lab.recurrent.bench import RecurrentOrder
from embstudio.lab.recurrent.course import Past
from embstudio.lab.recurrent.facts import Facts
from embstudio.lab.recurrent.settings import GRU, LSTM, RNN, Settings
from embstudio.lab.training import Seen
from embstudio.studio import Studio
from embstudio.studio.recurrent_export import TrainedCells, save_cell, save_curves

_EXPORTS: tuple[Export[TrainedCells], ...] = (
    *(Export(f"{kind} as a model (ONNX)…", f"{kind.lower()}.onnx", MODELS, partial(save_cell, kind=kind))
      for kind in (RNN, GRU, LSTM)),
    Export("Loss and accuracy as a table (CSV)…", "recurrent.csv", TABLES, save_curves),
)  # fmt: skip


class RecurrentPage(BenchPage[Settings, TrainedCells]):
    """See docs/guide.md, Recurrent."""

    example = "batch"
    invitation_text = (
        "Press Run. All cells read the same examples, and have to answer at the end what stood at the beginning. Watch "
        "how far the gradient comes, and which of them learn it."
    )
    data_name = "the task"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.picture = Picture(theme)
        self.step, self.cells, self.curves = ExampleView(theme), CellsView(theme), CurvesView(theme)
        self.about_task = WrappedLabel("", self)
        self.about_task.setObjectName("labTaskSaid")
        self.trials = QComboBox(self)
        self.trials.setObjectName("labTrials")
        self.trials.setAccessibleName("Settings worth a try")
        self.trials.setToolTip("Settings worth a try: takes them, and begins anew")
        self.trials.setPlaceholderText("Worth a try…")
        for place, (name, tip, _) in enumerate(recurrent_knobs.TRIALS):
            self.trials.addItem(name)
            self.trials.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.trials.setCurrentIndex(-1)
        knobs = Knobs(recurrent_knobs.USUAL, recurrent_knobs.KNOBS, recurrent_knobs.idle)
        row = FlowRow(self)
        row.flow.addWidget(self.trials)
        begin = QWidget()
        column = QVBoxLayout(begin)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (row, self.about_task, knobs):
            column.addWidget(widget)
        column.addStretch(1)
        pages = (
            (
                "Gradients",
                "How much of the gradient arrives, step by step back from the end",
                ScrollBody(self.picture, "labGradientsScroll"),
            ),
            ("Task", "What is learnt, by which cells, and how", begin),
            ("Step", "One example, symbol by symbol: guesses and gradients", self.step),
            ("Cells", "The cells side by side, in numbers", self.cells),
            ("Curves", "Right answers by distance, loss, and the gradient's norm before clipping", self.curves),
        )
        self.furnish(knobs, pages, _EXPORTS)
        self.bar.export.setToolTip("Save a cell as a model, or loss and accuracy as a table")
        self.bar.space.setToolTip("Show the vectors that each cell has for its words in the Space panel, a set each")
        self.trials.activated.connect(self._try)
        self.sides.tabs.currentChanged.connect(lambda _place: self._turn_page())
        knobs.changed.connect(self._say_task)
        self._say_task()
        self.restyle()

    def data(self) -> None:
        """All examples are made from the knobs."""

    def make_order(self, settings: Settings, data: None) -> RecurrentOrder:
        return RecurrentOrder(settings)

    def looker(self) -> Callable[[Seen], None]:
        return _nothing_more

    def trained(self) -> TrainedCells | None:
        if self.seen is None:
            return None
        report = self.seen.report
        at = report.epoch + report.share
        # What needs a Reset may be on the knobs already, but is not what was trained with: `used` is.
        return TrainedCells(self.seen.about, self.seen.arrays, report.facts, self.used, at)

    def state_of(self, seen: Seen) -> State:
        """The cells as they were seen; Adam's running means begin again."""
        epoch, arrays, pasts = seen.report.epoch, list[np.ndarray](), list[Past]()
        for theta, cell in zip(seen.arrays, seen.report.facts.cells, strict=True):
            arrays += [theta, np.zeros_like(theta), np.zeros_like(theta), theta]
            train, held = (
                tuple(tuple(row) for row in rows[rows[:, 0] <= epoch].tolist()) for rows in (cell.train, cell.held)
            )
            pasts.append(Past(train, held, 0, cell.stopped, cell.stopped_at))
        return State(epoch, tuple(arrays), tuple(pasts))

    def open_in_space(self) -> None:
        trained = self.trained()
        if trained is None:
            return
        for kind in trained.about.cells:
            self.studio.vector_sets.show(f"{kind}, Lab, epoch {trained.at:.4g}", trained.vector_set(kind))

    def restyle(self) -> None:
        for view in (self.picture, self.step, self.cells, self.curves):
            view.restyle()
        super().restyle()

    def show_nothing(self) -> None:
        self.picture.forget()
        for view in (self.step, self.cells, self.curves):
            view.show_nothing()

    def show_seen(self, seen: Seen, sight: None) -> None:
        report, about = seen.report, seen.about
        facts: Facts = report.facts
        answers = len(about.answers)
        if self.picture.isVisible():
            self.picture.show_facts(facts, report, answers)
        if self.step.isVisible():
            self.step.show_facts(facts, about)
        if self.cells.isVisible():
            self.cells.show_facts(facts, about)
        if self.curves.isVisible():
            self.curves.show_facts(facts, report, answers, self.used)

    def _turn_page(self) -> None:
        """Another page is seen: it was not kept up to date while it was not."""
        if self.seen is not None and self.isVisible():
            self.show_seen(self.seen, None)

    def told(self, seen: Seen, settings: Settings) -> list[str]:
        facts: Facts = seen.report.facts
        right = ", ".join(f"{cell.kind} {percent(accuracy_of(cell))}" for cell in facts.cells)
        clipped = f"clipped at {settings.clipping:g}" if settings.clipping else "not clipped"
        said = [f"right: {right} (blind guess {percent(1 / len(seen.about.answers))})", f"{facts.distance} steps",
                f"{settings.optimiser}, rate {settings.rate:g}, {clipped}"]  # fmt: skip
        if seen.report.speed:
            said.append(f"{seen.report.speed:,.0f} examples/s")
        return said

    def remarks(self) -> list[str]:
        said = stopped_said(self.report.facts) if self.report is not None else ""
        return [said] if said else []

    def _say_task(self) -> None:
        settings, place = self.knobs.settings, self.trials.currentIndex()
        self.about_task.setText(task_said(settings))
        if place >= 0 and replace(recurrent_knobs.TRIALS[place][2], seed=settings.seed) != settings:
            self.trials.setCurrentIndex(-1)  # they are no longer those

    def _try(self, place: int) -> None:
        """Take settings worth a try; the seed stays."""
        wanted = recurrent_knobs.TRIALS[place][2]
        trained = self.link.training is not None or self.seen is not None
        if trained:
            self.forget()
        self.knobs.set_settings(replace(wanted, seed=self.knobs.settings.seed))
        if trained:
            self.begin_anew()


def _nothing_more(_seen: Seen) -> None:
    """A report is shown as it is."""
