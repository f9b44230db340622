"""The bench of word2vec: a text, knobs, and vectors that find their places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.lab import word2vec_knobs
from embstudio.gui.panels.lab.bench_page import BenchPage
from embstudio.gui.panels.lab.epoch_plot import EpochCurve, EpochPlot, Level
from embstudio.gui.panels.lab.exporter import MODELS, TABLES, VECTORS, Export
from embstudio.gui.panels.lab.film import Film, MapFilm
from embstudio.gui.panels.lab.gliding_map import GlidingMap
from embstudio.gui.panels.lab.knobs import Knobs
from embstudio.gui.panels.lab.near_view import NearView
from embstudio.gui.panels.lab.rank_plot import RankPlot
from embstudio.gui.panels.lab.step_view import StepView
from embstudio.gui.panels.lab.tables_view import TablesView
from embstudio.gui.panels.lab.text_box import TextBox
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.lab.bench import State
from embstudio.lab.training import Seen
from embstudio.lab.word2vec.bench import Facts, Word2vecOrder
from embstudio.lab.word2vec.chances import keep_chances, keep_chances_of_c
from embstudio.lab.word2vec.settings import GENSIM, Settings
from embstudio.lab.word2vec.sight import Lookout, Question, Sight
from embstudio.studio import Studio
from embstudio.studio.lab_export import Trained, save_loss, save_model, save_vectors

_MOST_ROWS = 16  # of the tables
_FEW = 0.15  # of the words: with fewer left by subsampling that is said
_EXPORTS: tuple[Export[Trained], ...] = (
    Export("Input vectors…", "vectors.txt", VECTORS, lambda it, path: save_vectors(it, path, output=False)),
    Export("Output vectors…", "output-vectors.txt", VECTORS, lambda it, path: save_vectors(it, path, output=True)),
    Export("Model that looks them up (ONNX)…", "vectors.onnx", MODELS, save_model),
    Export("Loss as a table (CSV)…", "loss.csv", TABLES, save_loss),
)


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
        return self.lookouts[key].look(seen.arrays[0], self.question, seen.report.epoch + seen.report.share)


class Word2vecPage(BenchPage[Settings, Trained]):
    """See docs/guide.md, The Lab."""

    example = "pair of words"
    invitation_text = (
        "Press Run. Every word gets two vectors of random numbers; reading the text moves them, until words that stand "
        "in like places lie together. Step shows one pair of words at a time."
    )

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.map = GlidingMap(theme)
        self.text = TextBox()
        self.step, self.near = StepView(theme), NearView(theme)
        self.tables, self.loss = TablesView(theme), EpochPlot(theme, "mean loss of a prediction")
        self.loss.setObjectName("labLoss")
        self.ranks = RankPlot(theme)
        self.ranks.hide()
        curves = QWidget()
        both = QVBoxLayout(curves)
        both.setContentsMargins(0, 0, 0, 0)
        both.addWidget(self.loss, 1)
        both.addWidget(self.ranks, 1)
        knobs = Knobs(Settings(), word2vec_knobs.KNOBS, word2vec_knobs.idle)
        begin = QWidget()
        column = QVBoxLayout(begin)
        column.setContentsMargins(0, 0, 0, 0)
        self.about_trainer = WrappedLabel("", begin)
        self.about_trainer.setObjectName("labAboutTrainer")
        column.addWidget(knobs)
        column.addWidget(self.about_trainer)
        column.addWidget(self.text, 1)
        pages = (
            ("Map", "The vectors as points that glide", self.map),
            ("Text", "What is learnt from, and how", begin),
            ("Step", "The window over the sentence, and all that one step does", self.step),
            ("Words", "The nearest of some words, and an analogy", self.near),
            ("Tables", "Input and output vectors, number by number", self.tables),
            ("Loss", "How wrong the predictions are, and when the analogy comes out", curves),
        )
        self._eye = _Eye(Question())
        self._kept_share: tuple[tuple[Settings, int], float] | None = None  # by subsampling, of which settings and text
        self.furnish(knobs, pages, _EXPORTS)
        self._on_question()
        self.knobs.changed.connect(self._on_trainer)
        self._on_trainer()
        self.text.changed.connect(self.data_changed)
        self.near.changed.connect(self._on_question)
        self.map.changed.connect(self._on_question)
        self.near.show_sight(None)
        self.restyle()

    def data(self) -> tuple[str, Path | None]:
        """The text, or the file."""
        return ("", self.text.path) if self.text.path is not None else (self.text.text, None)

    def make_order(self, settings: Settings, data: tuple[str, Path | None]) -> Word2vecOrder:
        return Word2vecOrder(settings, *data)

    def looker(self) -> Callable[[Seen], Sight]:
        return self._eye.look

    def trained(self) -> Trained | None:
        if self.seen is None:
            return None
        facts: Facts = self.seen.report.facts
        V, U = self.seen.arrays
        at = self.seen.report.epoch + self.seen.report.share
        about = self.seen.about
        return Trained(about.words, about.counts, V, U, facts.curve, self.used, at)

    def state_of(self, seen: Seen) -> State:
        epoch, facts = seen.report.epoch, seen.report.facts
        return State(epoch, seen.arrays, facts.curve[facts.curve[:, 0] <= epoch])

    def film(self) -> Film | None:
        training = self.link.training
        if self.seen is None or self.sight is None or training is None:
            return None
        words, rows, curve = self.seen.about.words, self.sight.rows, self.seen.report.facts.curve
        names = [words[row] for row in rows.tolist()]
        place = {row: at for at, row in enumerate(rows.tolist())}
        marked = tuple(place[row] for row in self.sight.asked if row in place)

        def told(epoch: int) -> str:
            known = curve[curve[:, 0] <= epoch + 1e-6]
            return f"loss {four(float(known[-1, 1]))}" if len(known) else ""

        return MapFilm(self.theme, self.seen.report.kept, training.recall, lambda state: state.arrays[0][rows], names,
                       told, Emphasis(marked=marked))  # fmt: skip

    def remarks(self) -> list[str]:
        """That subsampling leaves next to nothing to learn from."""
        if self.seen is None or not self.used.subsampling or not self.used.subsampling < 1:
            return []
        share, frequencies = self._kept_share, self.seen.about.frequencies
        if share is None or share[0] != (self.used, id(self.seen.about)):
            chances = keep_chances_of_c if self.used.trainer == GENSIM else keep_chances
            kept = float(frequencies @ chances(frequencies, self.used.subsampling))
            self._kept_share = share = ((self.used, id(self.seen.about)), kept)
        if share[1] >= _FEW:
            return []
        return [f"Subsampling passes over nearly all words of this text ({share[1]:.1%} stay): raise it, or take 0."]

    def open_in_space(self) -> None:
        trained = self.trained()
        if trained is not None:
            self.studio.vector_sets.show(f"Lab, epoch {trained.at:.4g}", trained.vector_set())

    def restyle(self) -> None:
        self.map.restyle()
        self.tables.restyle()
        self.near.restyle()
        for plot in (self.loss, self.ranks):
            plot.updateGeometry()
            plot.update()
        super().restyle()

    def show_nothing(self) -> None:
        self._on_trainer()
        self.map.forget()
        self.step.show_nothing()
        self.near.show_sight(None)
        self.ranks.hide()

    def show_seen(self, seen: Seen, sight: Sight) -> None:
        report, words = seen.report, seen.about.words
        facts: Facts = report.facts
        self._on_trainer()
        rows = sight.rows
        self.map.show_plane(sight.plane, [words[row] for row in rows.tolist()])
        place = {row: at for at, row in enumerate(rows.tolist())}
        asked = _asked_rows(facts, sight)
        self.map.set_emphasis(_emphasis(facts, place, asked))
        self.step.show_facts(facts, seen.about, self.used)
        self.near.show_sight(sight)
        self.ranks.setVisible(len(sight.ranks) > 0)
        analogy = self._eye.question.analogy
        self.ranks.set_ranks(analogy, sight.ranks, len(words), report.epoch + report.share, report.epochs)
        self.tables.show_rows(seen.arrays, asked[:_MOST_ROWS], words)
        level = Level(facts.nothing, "knowing nothing")
        self.loss.set_curves([EpochCurve("", facts.curve)], report.epoch + report.share, report.epochs, level)

    def told(self, seen: Seen, settings: Settings) -> list[str]:
        facts, words, said = seen.report.facts, seen.about, []
        if len(facts.curve):
            on = f" on {facts.sampled:,} predictions" if facts.sampled else ""
            said.append(f"loss {four(float(facts.curve[-1, 1]))}{on} (knowing nothing {four(facts.nothing)})")
        if seen.report.speed:
            said.append(f"{seen.report.speed:,.0f} words/s")
        said.append(f"{len(words.words):,} different of {int(words.counts.sum()):,} words")
        if facts.left_out:
            said.append(f"{facts.left_out:,} rare ones left out")
        said.append(f"{settings.model}, {settings.loss}, {settings.dimensions} dimensions, rate {four(facts.rate)}")
        if facts.threads:
            said.append(f"gensim, {facts.threads} thread{'s' if facts.threads > 1 else ''}")
        return said

    def _on_trainer(self) -> None:
        about = word2vec_knobs.about_trainer(self.knobs.settings)
        self.about_trainer.setText(about)
        self.about_trainer.setVisible(bool(about))
        self.bar.refuse_steps(word2vec_knobs.NO_STEPS if self.used.trainer == GENSIM else "")

    def _on_question(self) -> None:
        self._eye.question = replace(self.near.question, drawn=self.map.words)
        self.look_again()


def _asked_rows(facts: Facts, sight: Sight) -> list[int]:
    """The words of the last step, then those the person asks for, as rows of the tables."""
    found: list[int] = []
    if facts.account is not None:
        found = [*facts.account.inputs, *(target.word for target in facts.account.targets)]
    return list(dict.fromkeys([*found, *sight.asked]))


def _emphasis(facts: Facts, place: dict[int, int], asked: list[int]) -> Emphasis:
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
