"""The bench of pairs: labelled pairs, knobs, and vectors that are pulled together and pushed apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from embstudio.gui.panels.lab import pairs_knobs
from embstudio.gui.panels.lab.bench_page import BenchPage
from embstudio.gui.panels.lab.epoch_plot import EpochCurve, EpochPlot, Level
from embstudio.gui.panels.lab.exporter import MODELS, TABLES, Export
from embstudio.gui.panels.lab.knobs import Knobs
from embstudio.gui.panels.lab.pairs_box import PairsBox
from embstudio.gui.panels.lab.pairs_distances import DOT, PairsDistances
from embstudio.gui.panels.lab.pairs_map import PairsMap
from embstudio.gui.panels.lab.pairs_remarks import remarks_on
from embstudio.gui.panels.lab.pairs_step import PairsStep
from embstudio.gui.panels.lab.pairs_table import Verdicts
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.lab.bench import State
from embstudio.lab.messages import Standing
from embstudio.lab.pairs.bench import About, Facts, PairsOrder
from embstudio.lab.pairs.pair_list import PairList, check_pairs
from embstudio.lab.pairs.settings import ADAM, BAG, CONTRASTIVE, COSINE, LSTM, TABLE, TRIPLET, Settings
from embstudio.lab.pairs.sight import Lookout, Sight
from embstudio.lab.training import Seen
from embstudio.studio import Studio
from embstudio.studio.pairs_export import TrainedPairs, save_curves, save_distances, save_encoder, save_vectors

_VECTORS = "TSV, with the texts beside it (*.tsv);;NumPy arrays (*.npz);;word2vec text, of single words (*.txt)"
_EXPORTS: tuple[Export[TrainedPairs], ...] = (
    Export("Vectors…", "vectors.tsv", _VECTORS, save_vectors),
    Export("Encoder as a model (ONNX)…", "encoder.onnx", MODELS, save_encoder),
    Export("Loss and accuracy (CSV)…", "loss.csv", TABLES, save_curves),
    Export("Pairs with their distances (CSV)…", "distances.csv", TABLES, save_distances),
)
_NEAR = {True: (0.5, 0.75), False: (1.0, 1.5)}  # threshold and margin by whether the distance is 1 − cos
_WEIGHTS = {TABLE: ("E",), BAG: ("E", "W", "b"), LSTM: ("E", "W", "R", "b")}
_READABLE = 4.0  # steps a second that one can follow
_ABOUT_DISTANCES = "Left of the threshold a pair is taken as SAME, right of it as DIFFERENT. ✗ wrong, ○ held out."


@dataclass
class _Eye:
    """What the training's thread looks with."""

    lookouts: dict[int, Lookout] = field(default_factory=dict)

    def look(self, seen: Seen) -> Sight:
        """On the training's thread."""
        key = id(seen.about)
        if key not in self.lookouts:
            self.lookouts.clear()
            self.lookouts[key] = Lookout()
        return self.lookouts[key].look(seen.arrays[0], seen.report.facts.account)


class PairsPage(BenchPage[Settings, TrainedPairs]):
    """See docs/guide.md, The Lab."""

    example = "pair"
    data_name = "the pairs"
    invitation_text = (
        "Press Step. Two vectors are measured against your label, SAME or DIFFERENT, and moved together or apart; Run "
        "does so with all pairs, again and again, until like items lie together."
    )

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.map, self.step = PairsMap(theme), PairsStep(theme)
        self.distances = PairsDistances(theme)
        self.loss = EpochPlot(theme, "mean loss")
        self.accuracy = EpochPlot(theme, "accuracy", 1.0)
        self.loss.setObjectName("labPairsLoss")
        self.accuracy.setObjectName("labPairsAccuracy")
        knobs = Knobs(Settings(), pairs_knobs.KNOBS, pairs_knobs.idle)
        loss_knob = knobs.fields["loss"]
        assert isinstance(loss_knob, QComboBox)
        loss_knob.activated.connect(lambda _: self._fit_threshold())
        self._contradicting, self._scale = 0, CONTRASTIVE
        self._pointed: int | None = None  # the pair the person points at
        self._pointed_of: Seen | None = None  # as it was seen then
        self.notes = WrappedLabel("")
        self.notes.setObjectName("labPairsNotes")
        self.said = WrappedLabel("", quiet=False)
        self.said.setObjectName("labPairsRemarks")
        self.said_of_knobs = WrappedLabel("", quiet=False)
        self.said_of_knobs.setObjectName("labPairsKnobRemarks")
        self._eye = _Eye()
        self.box = PairsBox(theme)
        pages = (
            ("Map", "The vectors as points that glide", self.map),
            ("Pairs", "What is learnt from", _column(self.box, self.notes, self.said)),
            ("Knobs", "How it is learnt", _knobs_page(knobs, self.said_of_knobs)),
            ("Step", "One pair: distance, verdict, loss, push or pull, in numbers", self.step),
            ("Distances", "All pairs at their distances, and the threshold", _column(
                WrappedLabel(_ABOUT_DISTANCES), self.distances)),
            ("Curves", "Loss and accuracy by epoch, of what is learnt from and of what is held out",
             _column(self.loss, self.accuracy)),
        )  # fmt: skip
        self.furnish(knobs, pages, _EXPORTS)
        self.box.chosen.connect(self._turn_knobs)
        self.box.changed.connect(self._on_pairs)
        self.box.table.pointed.connect(self._point_at)
        self.distances.hovered.connect(lambda pair, kind: self._point_at(pair if kind == DOT else None))
        self.distances.unhovered.connect(lambda: self._point_at(None))
        knobs.changed.connect(self._look_at_pairs)
        self._turn_knobs(self.box.knobs)
        self._look_at_pairs()
        self.restyle()
        self.sides.choose("Pairs")  # also where the map is a page: there is nothing on it yet

    # For BenchPage -------------------------------------------------------------------------------------------------

    def data(self) -> PairList:
        return self.box.found

    def make_order(self, settings: Settings, data: PairList) -> PairsOrder:
        check_pairs(data.pairs)
        return PairsOrder.of(settings, data)

    def looker(self) -> Callable[[Seen], Sight]:
        return self._eye.look

    def trained(self) -> TrainedPairs | None:
        if self.seen is None:
            return None
        report, about = self.seen.report, self.seen.about
        V, distances, *weights = self.seen.arrays
        named = dict(zip(_WEIGHTS[self.used.encoder], weights, strict=True))
        at = report.epoch + report.share
        return TrainedPairs(about.items, V, distances, about.held, named, report.facts.curve, self.used, at)

    def state_of(self, seen: Seen) -> State:
        """Weights as they are; what Adam remembered went with the process."""
        epoch, curve = seen.report.epoch, seen.report.facts.curve
        weights = seen.arrays[2:]
        moments = [np.zeros_like(each) for each in weights for _ in "mv"] if self.used.optimiser == ADAM else []
        rows = tuple(tuple(row) for row in curve[curve[:, 0] <= epoch].tolist())
        return State(epoch, (*weights, *moments), (rows, 0))

    def open_in_space(self) -> None:
        trained = self.trained()
        if trained is not None:
            self.studio.vector_sets.show(f"Lab, pairs, epoch {trained.at:.4g}", trained.vector_set())

    def remarks(self) -> list[str]:
        """That labels contradict each other; how, stands below the pairs."""
        if not self._contradicting:
            return []
        count = self._contradicting
        which = "One pair cannot be right, or clashes" if count == 1 else f"{count} pairs cannot be right, or clash"
        return [f"{which} with others: see Pairs. It trains on all the same."]

    def show_nothing(self) -> None:
        self.map.forget()
        self.step.show_nothing()
        self.distances.forget()
        self._pointed = self._pointed_of = None
        for plot in (self.loss, self.accuracy):
            plot.set_curves((), 0.0, 1)
        self.box.table.pairs_model.set_verdicts(None)

    def show_seen(self, seen: Seen, sight: Sight) -> None:
        report, about, used = seen.report, seen.about, self.used
        facts: Facts = report.facts
        pace = self.bar.epochs_a_second * about.examples
        hurried = report.standing is Standing.RUNNING and not 0 < pace <= _READABLE
        account = facts.account if not hurried else None
        following = about.items.ends[list(facts.next)].reshape(-1).tolist() if not hurried else []
        if seen is not self._pointed_of:
            self._pointed = None
        self.map.show_sight(sight, about.items.names, account, following, self._ends(self._pointed))
        self.step.show_facts(facts, about, used, hurried=hurried)
        distances = seen.arrays[1]
        self.distances.set_lines(
            used.threshold, None if used.loss == TRIPLET else used.margin, cosine=used.loss == COSINE
        )
        self.distances.set_pairs(distances, about.items, about.held)
        shown = tuple(judged.pair for judged in account.judged) if account is not None else ()
        self.distances.set_current(shown)
        self._show_verdicts(distances, about, used)
        self._show_curves(facts, report.epoch + report.share, about)

    def told(self, seen: Seen, settings: Settings) -> list[str]:
        facts, about = seen.report.facts, seen.about
        now, held = facts.now, int(about.held.sum())
        learnt = len(about.held) - held
        said = [f"{now.accuracy:.0%} of {learnt:,} right, loss {four(now.loss)}"]
        if held:
            lost = "" if np.isnan(now.held_loss) else f", loss {four(now.held_loss)}"
            said.append(f"held out {now.held_accuracy:.0%} of {held:,}{lost}")
        if settings.loss == TRIPLET:
            said.append(f"{about.examples:,} triplets")
        if seen.report.speed:
            said.append(f"{seen.report.speed:,.0f} steps/s")
        said.append(
            f"{settings.encoder}, {settings.loss}, {settings.dimensions} dimensions, {len(about.items.names):,} items"
        )
        return said

    def finished_advice(self, seen: Seen) -> str:
        """Where enough are right, that is why."""
        if seen.report.facts.stopped:
            return f"{self.used.stop_at:.0%} are right, as asked; set “stop at accuracy” to 0 to go on"
        return super().finished_advice(seen)

    def restyle(self) -> None:
        self.map.restyle()
        self.box.table.fit()
        for label in (self.said, self.said_of_knobs):
            label.setStyleSheet(f"color: {self.theme.colours.warning}")
        for plot in (self.distances, self.loss, self.accuracy):
            plot.updateGeometry()
            plot.update()
        super().restyle()

    # The page's own ------------------------------------------------------------------------------------------------

    def _turn_knobs(self, knobs: tuple[tuple[str, str], ...]) -> None:
        settings = Settings().turned(knobs)
        self._scale = settings.loss
        self.knobs.set_settings(settings)

    def _fit_threshold(self) -> None:
        """A distance 1 − cos has another scale: threshold and margin are set to what is usual on it."""
        settings = self.knobs.settings
        cosine = settings.loss == COSINE
        before, self._scale = self._scale, settings.loss
        if cosine != (before == COSINE):
            threshold, margin = _NEAR[cosine]
            self.knobs.set_settings(settings.turned((("threshold", str(threshold)), ("margin", str(margin)))))

    def _point_at(self, pair: int | None) -> None:
        """Mark the two items of a pair on the map; None: what training marks."""
        if self.seen is not None and pair != self._pointed:
            self._pointed, self._pointed_of = pair, self.seen
            self.show_seen(self.seen, self.sight)

    def _ends(self, pair: int | None) -> tuple[int, ...]:
        if pair is None or self.seen is None or pair >= len(self.seen.about.items.ends):
            return ()
        return tuple(self.seen.about.items.ends[pair].tolist())

    def _on_pairs(self) -> None:
        self._look_at_pairs()
        self.data_changed()

    def _look_at_pairs(self) -> None:
        """Say what is to be said of the pairs and knobs as they stand."""
        settings = self.knobs.settings
        found = remarks_on(self.box.found, settings)
        self._contradicting = found.contradicting
        for label, sentences in (
            (self.said, found.of_pairs), (self.said_of_knobs, found.of_knobs), (self.notes, found.notes),
        ):  # fmt: skip
            label.setText("\n".join(sentences))
            label.setVisible(bool(sentences))

    def _show_verdicts(self, distances: np.ndarray, about: About, used: Settings) -> None:
        model = self.box.table.pairs_model
        if self._data != self.data() or len(model.filled) != len(model.pairs):
            model.set_verdicts(None)
            return
        taken_as_same = distances <= used.threshold
        model.set_verdicts(Verdicts(distances, taken_as_same, taken_as_same == about.items.same, about.held))

    def _show_curves(self, facts: Facts, at: float, about: About) -> None:
        epochs, held = self.used.epochs, about.held.any()
        for plot, column, level in (
            (self.loss, 1, Level(facts.nothing, "all in one place") if facts.nothing else None),
            (self.accuracy, 3, None),
        ):
            curves = [EpochCurve("learnt from", facts.curve[:, [0, column]])]
            if held:
                curves.append(EpochCurve("held out", facts.curve[:, [0, column + 1]], "muted", Qt.PenStyle.DashLine))
            plot.set_curves(curves, at, epochs, level)


def _column(*widgets: QWidget) -> QWidget:
    """Below each other; pictures and tables take what room there is."""
    found = QWidget()
    column = QVBoxLayout(found)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for widget in widgets:
        column.addWidget(widget, 1 if isinstance(widget, EpochPlot | PairsDistances | PairsBox) else 0)
    return found


def _knobs_page(knobs: QWidget, said: QWidget) -> QWidget:
    found = _column(knobs, said)
    layout = found.layout()
    assert isinstance(layout, QVBoxLayout)
    layout.addStretch(1)
    return found
