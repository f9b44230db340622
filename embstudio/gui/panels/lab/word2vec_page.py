"""The bench of word2vec: a text, knobs, and vectors that find their places."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.lab.exporter import Exporter
from embstudio.gui.panels.lab.gliding_map import GlidingMap
from embstudio.gui.panels.lab.knobs import Knobs
from embstudio.gui.panels.lab.loss_plot import LossPlot
from embstudio.gui.panels.lab.near_view import NearView
from embstudio.gui.panels.lab.run_bar import RunBar
from embstudio.gui.panels.lab.sides import Sides
from embstudio.gui.panels.lab.step_view import StepView
from embstudio.gui.panels.lab.tables_view import TablesView
from embstudio.gui.panels.lab.text_box import TextBox
from embstudio.gui.panels.lab.training_link import TrainingLink
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.lab.bench import State
from embstudio.lab.messages import Change, Command, Pace, Pause, Report, Rewind, Run, Standing, Step
from embstudio.lab.training import Seen
from embstudio.lab.word2vec.bench import Facts, Word2vecOrder
from embstudio.lab.word2vec.settings import Settings
from embstudio.lab.word2vec.sight import Lookout, Question, Sight
from embstudio.studio import Studio
from embstudio.studio.lab_export import Trained

INVITATION = (
    "Press Run. Every word gets two vectors of random numbers; reading the text moves them, until words that stand in "
    "like places lie together. Step shows one pair of words at a time."
)
_MOST_ROWS = 16  # of the tables


@dataclass
class _Eye:
    """What the training's thread looks with. question: what for; replaced whole, never changed."""

    question: Question
    lookouts: dict[int, Lookout] = field(default_factory=dict)

    def look(self, seen: Seen) -> Sight:
        """On the training's thread."""
        key = id(seen.about)
        if key not in self.lookouts:
            self.lookouts.clear()
            self.lookouts[key] = Lookout(seen.about)
        return self.lookouts[key].look(seen.arrays[0], self.question)


class Word2vecPage(QWidget):
    """See docs/guide.md, The Lab. All training is done by `link`; what is on the screen is `seen`."""

    name = "Word2vec"
    tip = "Words become vectors by the words around them (Mikolov et al. 2013)"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio, self.theme = studio, theme
        self.seen: Seen | None = None
        self.sight: Sight | None = None
        self._order: Word2vecOrder | None = None  # what is trained
        self._settings = Settings()  # with these
        self._lost = False  # the process went, and what was seen last is all there is
        self._error: StudioError | None = None
        self.link = TrainingLink(self)
        self.link.seen.connect(self._on_seen)
        self.link.ended.connect(self._on_ended)
        self.bar = RunBar("pair of words", self)
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("labTelling")
        self.telling.setContentsMargins(8, 0, 8, 0)
        self.fault = WrappedLabel("", self, quiet=False)
        self.fault.setObjectName("labFault")
        self.fault.setIndent(8)
        self.map = GlidingMap(theme)
        self.invitation = WrappedLabel(INVITATION, self)
        self.invitation.setIndent(8)
        self.text, self.knobs = TextBox(), Knobs()
        self.step, self.near = StepView(theme), NearView(theme)
        self.tables, self.loss = TablesView(theme), LossPlot(theme)
        begin = QWidget()
        column = QVBoxLayout(begin)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.knobs)
        column.addWidget(self.text, 1)
        self.sides = Sides(theme, (
            ("Map", "The vectors as points that glide", self.map),
            ("Text", "What is learnt from, and how", begin),
            ("Step", "The window over the sentence, and all that one step does", self.step),
            ("Words", "The nearest of some words, and an analogy", self.near),
            ("Tables", "Input and output vectors, number by number", self.tables),
            ("Loss", "How wrong the predictions are", self.loss),
        ))  # fmt: skip
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.setSpacing(4)
        for widget in (self.bar, self.telling, self.fault, self.invitation):
            outer.addWidget(widget)
        outer.addWidget(self.sides, 1)
        self._eye = _Eye(Question())
        self._on_question()
        self.exporter = Exporter(studio, self.bar.exports, self.trained, self)
        self._connect()
        self.near.show_sight(None)
        self._say("")
        self._say_faults()
        self.restyle()

    @property
    def report(self) -> Report | None:
        """Where training is."""
        return self.seen.report if self.seen is not None else None

    def trained(self) -> Trained | None:
        """What is on the screen, to be saved or opened."""
        if self.seen is None:
            return None
        facts: Facts = self.seen.report.facts
        V, U = self.seen.arrays
        at = self.seen.report.epoch + self.seen.report.share
        about = self.seen.about
        return Trained(about.words, about.counts, V, U, facts.curve, self._settings, at)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.fault.setStyleSheet(f"color: {self.theme.colours.error}")
        self.map.restyle()
        self.tables.restyle()
        self.loss.update()
        self.sides.restyle()
        if self.seen is not None:
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.seen is not None:
            self._show()

    # What the person does ------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Train on."""
        self._tell(Run())

    def take_step(self) -> None:
        """Learn from one pair."""
        self.sides.choose("Step")
        self._tell(Step())

    def begin_anew(self) -> None:
        """Begin again from the seed, paused, with the text and knobs as they are."""
        self._forget()
        self._begin()

    def _tell(self, command: Command) -> None:
        if self.link.training is None and not self._begin():
            return
        self.link.tell(command)

    def _begin(self) -> bool:
        """Have something trained; whether it can be."""
        settings = self.knobs.settings
        state = None
        if self._lost and self.seen is not None and self._order is not None:  # go on from what was seen last
            facts, epoch = self.seen.report.facts, self.seen.report.epoch
            state = State(epoch, self.seen.arrays, facts.curve[facts.curve[:, 0] <= epoch])
            order = self._order
        else:
            text = "" if self.text.path is not None else self.text.text
            order = Word2vecOrder(settings, text, self.text.path)
        try:
            order.settings.check()
        except StudioError as error:
            self._on_ended(error)
            return False
        self._order, self._settings, self._lost, self._error = order, order.settings, False, None
        self.link.begin(order, self._eye.look, state)
        self.link.tell(Pace(self.bar.epochs_a_second))
        self._say("Reading the text…")
        self._say_faults()
        self.invitation.hide()
        return True

    def _forget(self) -> None:
        self.link.give_up()
        self.seen = self.sight = self._order = self._error = None
        self._lost = False
        self.map.forget()
        self.step.show_nothing()
        self.near.show_sight(None)
        self.bar.show_report(None)

    def _on_knobs(self) -> None:
        if self._order is None:
            return
        wanted = self.knobs.settings
        if not self._settings.needs_reset(wanted) and wanted != self._settings:
            self._settings = wanted
            self.link.tell(Change(wanted))
        self._say_faults()

    def _on_text(self) -> None:
        if self._order is not None:
            self._say_faults()

    def _on_question(self) -> None:
        self._eye.question = replace(self.near.question, drawn=self.map.words)
        if self.link.training is not None:
            self.link.look_again()

    def _open_in_space(self) -> None:
        trained = self.trained()
        if trained is not None:
            self.studio.vector_sets.show(f"Lab, epoch {trained.at:.4g}", trained.vector_set())

    # What training says ----------------------------------------------------------------------------------------------

    def _on_seen(self, seen: Seen, sight: Sight) -> None:
        self.seen, self.sight = seen, sight
        if self.isVisible():
            self._show()

    def _on_ended(self, error: StudioError) -> None:
        self._error = error
        self._lost = self.seen is not None
        if self.seen is None:
            self._order = None
        else:
            self.bar.show_report(self._paused(self.seen.report))
        self._say("")
        self._say_faults()

    def _paused(self, report: Report) -> Report:
        """As a report is where nothing trains any more: one cannot go back."""
        return Report(Standing.PAUSED, report.epoch, report.share, report.epochs, (report.epoch, report.epoch), 0.0,
                      report.facts)  # fmt: skip

    def _show(self) -> None:
        assert self.seen is not None
        assert self.sight is not None
        report, words = self.seen.report, self.seen.about.words
        facts: Facts = report.facts
        self.bar.show_report(self._paused(report) if self._lost else report)
        self._say(self._telling(report, facts))
        self._say_faults()
        rows = self.sight.rows
        self.map.show_plane(self.sight.plane, [words[row] for row in rows.tolist()])
        place = {row: at for at, row in enumerate(rows.tolist())}
        asked = self._asked_rows(facts)
        self.map.set_emphasis(self._emphasis(facts, place, asked))
        self.step.show_facts(facts, self.seen.about, self._settings)
        self.near.show_sight(self.sight)
        self.tables.show_rows(self.seen.arrays, asked[:_MOST_ROWS], words)
        self.loss.set_curve(facts.curve, facts.nothing, report.epoch + report.share, report.epochs)

    def _asked_rows(self, facts: Facts) -> list[int]:
        """The words of the last step, then those the person asks for, as rows of the tables."""
        assert self.sight is not None
        found: list[int] = []
        if facts.account is not None:
            found = [*facts.account.inputs, *(target.word for target in facts.account.targets)]
        return list(dict.fromkeys([*found, *self.sight.asked]))

    def _emphasis(self, facts: Facts, place: dict[int, int], asked: list[int]) -> Emphasis:
        account = facts.account
        if account is None:
            return Emphasis(marked=tuple(place[row] for row in asked if row in place))
        true, *others = (target.word for target in account.targets)
        current = place.get(account.inputs[0]) if account.context is not None else place.get(true)
        marked = (true,) if account.context is not None else account.inputs
        return Emphasis(
            current,
            tuple(place[row] for row in marked if row in place),
            tuple(place[row] for row in others if row in place),
        )

    def _telling(self, report: Report, facts: Facts) -> str:
        assert self.seen is not None
        words, used = self.seen.about, self._settings
        standing = report.standing.value + (": raise epochs to go on" if report.standing is Standing.FINISHED else "")
        said = ["" if self._lost else standing]
        if len(facts.curve):
            said.append(f"loss {four(float(facts.curve[-1, 1]))} (knowing nothing {four(facts.nothing)})")
        if report.speed:
            said.append(f"{report.speed:,.0f} words/s")
        said.append(f"{len(words.words):,} different of {int(words.counts.sum()):,} words")
        if facts.left_out:
            said.append(f"{facts.left_out:,} rare ones left out")
        said.append(f"{used.model}, {used.loss}, {used.dimensions} dimensions, rate {four(facts.rate)}")
        return " · ".join(each for each in said if each)

    def _say(self, text: str) -> None:
        self.telling.setText(text)
        self.telling.setVisible(bool(text))

    def _say_faults(self) -> None:
        """What went wrong, or what the person has changed that is not in use yet."""
        report, said = self.report, []
        if self._error is not None:
            said.append(str(self._error))
        if report is not None and not self._lost and report.standing is Standing.DIVERGED:
            said.append(
                f"Stopped: {report.why} The vectors are those of epoch {report.epoch}. Lower the rate and run on."
            )
        if report is not None and report.refused is not None:
            said.append(str(report.refused))
        waiting = [*self._settings.needs_reset(self.knobs.settings)] if self._order is not None else []
        if self._order is not None and (self._order.text, self._order.path) != (
            "" if self.text.path is not None else self.text.text, self.text.path
        ):  # fmt: skip
            waiting.insert(0, "the text")
        if waiting:
            said.append(f"Changed, and taken with Reset: {', '.join(waiting)}.")
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
        bar.space_wanted.connect(self._open_in_space)
        self.knobs.changed.connect(self._on_knobs)
        self.text.changed.connect(self._on_text)
        self.near.changed.connect(self._on_question)
        self.map.changed.connect(self._on_question)
