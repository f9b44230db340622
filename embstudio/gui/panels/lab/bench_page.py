"""What all benches that train have in common: data and knobs in, run, pause, step, rewind, reset, and what is seen."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.lab.exporter import Export, Exporter
from embstudio.gui.panels.lab.film import Film
from embstudio.gui.panels.lab.film_dialog import FilmDialog
from embstudio.gui.panels.lab.knobs import Knobs
from embstudio.gui.panels.lab.run_bar import RunBar
from embstudio.gui.panels.lab.sides import Sides
from embstudio.gui.panels.lab.training_link import TrainingLink
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.lab.bench import Order, State
from embstudio.lab.knob_settings import KnobSettings
from embstudio.lab.messages import Change, Command, Pace, Pause, Report, Rewind, Run, Standing, Step
from embstudio.lab.training import Seen
from embstudio.studio import Notice, Severity, Studio

S = TypeVar("S", bound=KnobSettings)
T = TypeVar("T")  # what is trained, as it is saved


class BenchPage(QWidget, Generic[S, T]):
    """All training is done by `link`; what is on the screen is `seen`, and `sight`, which `look` made of it.

    A bench makes its widgets, then calls `furnish`, and says in the methods below it what is its own.
    """

    example: ClassVar[str]  # what one step learns from
    invitation_text: ClassVar[str]
    step_page: ClassVar[str] = "Step"  # the page that a step is shown on
    data_name: ClassVar[str] = "the text"  # what is learnt from

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio, self.theme = studio, theme
        self.seen: Seen | None = None
        self.sight: Any = None
        self._used: S | None = None  # the settings that are trained with
        self._data: Any = None  # and what is learnt from
        self._order: Order | None = None
        self._lost = False  # the process went, and what was seen last is all there is
        self._error: StudioError | None = None
        self.link = TrainingLink(self)
        self.link.seen.connect(self._on_seen)
        self.link.ended.connect(self._on_ended)
        self.bar = RunBar(self.example, self)
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("labTelling")
        self.telling.setContentsMargins(8, 0, 8, 0)
        self.fault = WrappedLabel("", self, quiet=False)
        self.fault.setObjectName("labFault")
        self.fault.setIndent(8)
        self.invitation = WrappedLabel(self.invitation_text, self)
        self.invitation.setIndent(8)

    def furnish(self, knobs: Knobs[S], pages: Sequence[tuple[str, str, QWidget]], exports: Sequence[Export[T]]) -> None:
        """Lay out the page. pages: name, tooltip, widget of each, the picture first; the knobs stand on one of them."""
        self.knobs = knobs
        self.sides = Sides(self.theme, pages)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.setSpacing(4)
        for widget in (self.bar, self.telling, self.fault, self.invitation):
            outer.addWidget(widget)
        outer.addWidget(self.sides, 1)
        self.exporter = Exporter(self.studio, self.bar.exports, exports, self.trained, self)
        if type(self).film is not BenchPage.film:
            self.bar.exports.addAction("Animation (GIF, PNG)…").triggered.connect(lambda _=False: self.save_animation())
        self._connect()
        self._say("")
        self._say_faults()

    # What a bench says ---------------------------------------------------------------------------------------------

    @abstractmethod
    def data(self) -> Any:
        """What is to be learnt from, as it stands in the widgets; compared with == to tell whether it was changed."""

    @abstractmethod
    def make_order(self, settings: S, data: Any) -> Order:
        """What is to be trained. Raises InputError."""

    @abstractmethod
    def looker(self) -> Callable[[Seen], Any]:
        """look(seen): what the training's thread makes of each report before it is shown; it touches no widget."""

    @abstractmethod
    def show_seen(self, seen: Seen, sight: Any) -> None:
        """Show what training says, in all but the bar and the lines under it."""

    @abstractmethod
    def show_nothing(self) -> None:
        """Nothing is trained."""

    @abstractmethod
    def told(self, seen: Seen, settings: S) -> Sequence[str]:
        """Of the line under the bar: what stands after the standing."""

    @abstractmethod
    def trained(self) -> T | None:
        """What is on the screen, to be saved."""

    def film(self) -> Film | None:
        """The training so far as pictures by epoch; None: it cannot be had. Without it there is no animation."""
        return None

    def open_in_space(self) -> None:
        """Show the vectors in the Space panel."""

    def state_of(self, seen: Seen) -> State | None:
        """Where a new process could go on from what was seen last; None: nowhere, it begins anew."""
        return None

    def finished_advice(self, seen: Seen) -> str:
        """What stands after "finished": why, or how to go on."""
        return "raise epochs to go on"

    def remarks(self) -> Sequence[str]:
        """What else has to be said in the line for faults."""
        return ()

    # What the person does ------------------------------------------------------------------------------------------

    @property
    def report(self) -> Report | None:
        """Where training is."""
        return self.seen.report if self.seen is not None else None

    @property
    def used(self) -> S:
        """The settings that are trained with, or would be."""
        return self._used if self._used is not None else self.knobs.settings

    def run(self) -> None:
        """Train on."""
        self._tell(Run())

    def take_step(self) -> None:
        """Learn from one example."""
        self.sides.choose(self.step_page)
        self._tell(Step())

    def begin_anew(self) -> None:
        """Begin again from the seed, paused, with the data and knobs as they are."""
        self.forget()
        self._begin()

    def forget(self) -> None:
        """Give up what is trained, and show nothing."""
        self.link.give_up()
        self.seen = self.sight = self._used = self._data = self._order = self._error = None
        self._lost = False
        self.show_nothing()
        self.bar.show_report(None)
        self._say("")
        self._say_faults()

    def save_animation(self) -> FilmDialog | None:
        """Ask how the training is to be saved as an animation; None: there is nothing to save."""
        film = self.film() if self.report is not None and not self._lost else None
        if film is None or film.epochs[0] == film.epochs[1]:
            self.studio.noticed.emit(Notice(Severity.INFO, "An animation goes over epochs: run at least one first."))
            return None
        dialog = FilmDialog(self.studio, self.theme, film, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    def data_changed(self) -> None:
        """Something else is to be learnt from: say that it waits for a Reset."""
        self._say_faults()

    def look_again(self) -> None:
        """Have what was seen last looked at once more: something else is asked of it."""
        self.link.look_again()

    def restyle(self) -> None:
        """Colours or fonts changed. A bench restyles its widgets, then calls this."""
        self.fault.setStyleSheet(f"color: {self.theme.colours.error}")
        self.sides.restyle()
        if self.seen is not None:
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.seen is not None:
            self._show()

    def _tell(self, command: Command) -> None:
        if self.link.training is None and not self._begin():
            return
        self.link.tell(command)

    def _begin(self) -> bool:
        """Have something trained; whether it can be."""
        state = None
        try:
            if self._lost and self.seen is not None and self._order is not None:
                state, order, settings, data = self.state_of(self.seen), self._order, self.used, self._data
            else:
                settings, data = self.knobs.settings, self.data()
                settings.check()
                order = self.make_order(settings, data)
        except StudioError as error:
            self._on_ended(error)
            return False
        self._order, self._used, self._data, self._lost, self._error = order, settings, data, False, None
        self.link.begin(order, self.looker(), state)
        self.link.tell(Pace(self.bar.epochs_a_second))
        self._say(f"Reading {self.data_name}…")
        self._say_faults()
        self.invitation.hide()
        return True

    def _on_knobs(self) -> None:
        if self._order is None:
            return
        wanted = self.knobs.settings
        if not self.used.needs_reset(wanted) and wanted != self._used:
            self._used = wanted
            self.link.tell(Change(wanted))
        self._say_faults()

    # What training says ----------------------------------------------------------------------------------------------

    def _on_seen(self, seen: Seen, sight: Any) -> None:
        self.seen, self.sight = seen, sight
        if self.isVisible():
            self._show()

    def _on_ended(self, error: StudioError) -> None:
        self._error = error
        self._lost = self.seen is not None
        if self.seen is None:
            self._order = self._used = None
        else:
            self.bar.show_report(_paused(self.seen.report))
        self._say("")
        self._say_faults()

    def _show(self) -> None:
        assert self.seen is not None
        report = self.seen.report
        self.bar.show_report(_paused(report) if self._lost else report)
        standing = report.standing.value
        if report.standing is Standing.FINISHED:
            standing += f": {self.finished_advice(self.seen)}"
        said = ["" if self._lost else standing, *self.told(self.seen, self.used)]
        self._say(" · ".join(each for each in said if each))
        self._say_faults()
        self.show_seen(self.seen, self.sight)

    def _say(self, text: str) -> None:
        self.telling.setText(text)
        self.telling.setVisible(bool(text))

    def _say_faults(self) -> None:
        """What went wrong, or what the person has changed that is not in use yet."""
        report, said = self.report, []
        if self._error is not None:
            said.append(str(self._error))
        if report is not None and not self._lost and report.standing is Standing.DIVERGED:
            said.append(f"Stopped: {report.why} What is shown is of epoch {report.epoch}. Lower the rate and run on.")
        if report is not None and report.refused is not None:
            said.append(str(report.refused))
        if self._order is not None:
            waiting = [*self.used.needs_reset(self.knobs.settings)]
            if self._data != self.data():
                waiting.insert(0, self.data_name)
            if waiting:
                said.append(f"Changed, and taken with Reset: {', '.join(waiting)}.")
        said.extend(self.remarks())
        self.fault.setText(" ".join(said))
        self.fault.setVisible(bool(said))

    def _connect(self) -> None:
        bar = self.bar
        bar.run_wanted.connect(self.run)
        bar.pause_wanted.connect(lambda: self.link.tell(Pause()))
        bar.step_wanted.connect(self.take_step)
        bar.reset_wanted.connect(self.begin_anew)
        bar.rewind_wanted.connect(lambda epoch: self.link.tell(Rewind(epoch)))
        bar.pace_wanted.connect(lambda pace: self.link.tell(Pace(pace)))
        bar.space_wanted.connect(self.open_in_space)
        self.knobs.changed.connect(self._on_knobs)


def _paused(report: Report) -> Report:
    """As a report is where nothing trains any more: one cannot go back."""
    return Report(Standing.PAUSED, report.epoch, report.share, report.epochs, (report.epoch, report.epoch), 0.0,
                  report.facts)  # fmt: skip
