"""The Stages page: what one step of a recurrent layer does, stage by stage, and why its gates are what they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.gate_words import saying
from embstudio.gui.panels.memory.page import MemoryPage
from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.step_sum import step_sum
from embstudio.gui.plots.formula_lines import FormulaLines
from embstudio.gui.plots.part_bars import PartBars
from embstudio.gui.plots.stage_chain import StageChain
from embstudio.gui.plots.units_card import UnitsCard
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.stepper.gate_reason import (
    Reason,
    gate_reason,
    gates_reason,
    name_of,
    outcome_reason,
    sum_reason,
)
from embstudio.stepper.gate_split import GateSplit
from embstudio.stepper.probe import Probe
from embstudio.stepper.stage import Row, Stage
from embstudio.stepper.step_place import StepSource
from embstudio.stepper.step_prediction import Said, prediction_stage, said
from embstudio.stepper.step_stage import StepStage
from embstudio.stepper.step_stages import Step, step_stages
from embstudio.studio import Studio
from embstudio.studio.activations import activation_names

CARD = 172  # pixels that a card is wide at least: its formula has room
TOP = 3  # units that a card names when it is about all
FIRST = {"lstm": "forget", "gru": "share", "rnn": "sum"}  # the stage that is explained before anybody chose one
PREDICTION = "prediction"
WAITING = "The weights of this layer are on their way."


class StagesPage(MemoryPage):
    """Cards in the order of the calculation, of one unit or of all; below them, what the chosen card is made of."""

    name = "Stages"
    tip = "What one step does, stage by stage, with the model's numbers, and why each gate is what it is"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.step = Step(())
        self.said = Said()
        self._chosen = ""  # the key of the stage that was chosen; the first of interest before that
        self.all_units = QCheckBox("&All units")
        self.all_units.setObjectName("StagesAllUnits")
        self.all_units.setToolTip("What each stage gives for all units at once, in place of one unit's numbers")
        self.all_units.toggled.connect(lambda _on: self.changed.emit())
        self.tools = (self.all_units,)
        self.one = StageChain(theme, least_lines=5, least_width=CARD)
        self.all = StageChain(theme, card=UnitsCard, least_width=CARD)
        for chain, name, about in (
            (self.one, "MemoryStages", "One step of the current unit, stage by stage"),
            (self.all, "MemoryStagesAll", "One step of all units, stage by stage"),
        ):
            chain.setObjectName(name)
            chain.setAccessibleName(about)
            chain.picked.connect(self._pick)
            chain.pointed.connect(self.pointed)
            chain.unpointed.connect(self.unpointed)
        self.all.hide()
        self.question = QLabel()
        self.question.setObjectName("StageQuestion")
        self.question.setWordWrap(True)
        self.question.setContentsMargins(8, 0, 8, 0)
        self.formula = FormulaLines(theme, least=1)
        self.formula.setObjectName("StageFormula")
        self.formula.setAccessibleName("The chosen stage as a formula, with its numbers")
        self.bars = PartBars(theme)
        self.bars.setObjectName("StageParts")
        self.bars.setAccessibleName("What the chosen stage is made of")
        self.bars.hovered.connect(self._on_part)
        self.bars.unhovered.connect(self.unpointed)
        self.bars.picked.connect(self._go_to_part)
        self.note = QLabel()
        self.note.setObjectName("StageNote")
        self.note.setWordWrap(True)
        self.note.setContentsMargins(8, 0, 8, 0)
        self.note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(3)
        for widget in (self.one, self.all, self.question, self.formula, self.bars, self.note):
            column.addWidget(widget)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ScrollBody(body, "MemoryStagesScroll"))
        bind(self, studio.cells.changed, self._on_cells)

    def restyle(self) -> None:
        for part in (self.one, self.all, self.formula, self.bars):
            part.restyle()
        self.question.setFont(self.theme.font(bold=True))
        self.note.setFont(self.theme.font("small"))

    # What is shown -----------------------------------------------------------------------------------------------

    def set_scene(self, scene: Scene) -> None:
        super().set_scene(scene)
        self.studio.cells.want()

    def show_spot(self, spot: Spot) -> None:
        super().show_spot(spot)
        scene = self.scene
        assert scene is not None
        self.step = step_stages(self._source(scene), spot.step)
        self.said = self._said(scene, spot)
        whole = self.all_units.isChecked()
        self.one.setVisible(not whole)
        self.all.setVisible(whole)
        last = prediction_stage(
            self.said, scene.cell, max(cell.layer for cell in scene.cells), len(self.step.stages) + 1
        )
        if whole:
            self._show_all(scene, last)
        else:
            self.one.set_stages((*(stage.of_unit(spot.unit) for stage in self.step.stages), last), self.current)
        self._show_reason(scene, spot)

    @property
    def current(self) -> int:
        """The place of the chosen stage."""
        keys = [*(stage.key for stage in self.step.stages), PREDICTION]
        kind = self.scene.cell.kind if self.scene is not None else ""
        chosen = self._chosen if self._chosen in keys else FIRST.get(kind, "")
        return keys.index(chosen) if chosen in keys else 0

    @property
    def probe(self) -> Probe | None:
        place = self.current
        if place < len(self.step.stages):
            return self.step.stages[place].probe(self.spot.unit)
        return self.said.probe

    def telling(self) -> str:
        scene = self.scene
        assert scene is not None
        step, unit = self.spot.step, self.spot.unit
        means = [saying(scene.cell.point(part), float(scene.values(part)[step, unit])) for part in scene.cell.parts]
        order = sorted(filter(None, means), key=lambda text: not text.startswith("keeps"))
        at = f"unit {unit} at ‘{scene.labels[step]}’"
        before = scene.cell.before(step)
        if not order and 0 <= before < scene.steps:
            was, now = (float(scene.values(scene.state)[place, unit]) for place in (before, step))
            return f"{at} goes from {four(was)} to {four(now)}"
        return f"{at} {', '.join(order)}" if order else at

    def _source(self, scene: Scene) -> StepSource:
        """What is known of the layer: more of it once the weights are there."""
        weights = self.studio.cells.of(scene.cell.prefix)
        kept = scene.kept.get(StepSource)
        if isinstance(kept, StepSource) and (kept.split is None) == (weights is None):
            return kept
        split = GateSplit(scene.trace, scene.cell, weights) if weights is not None else None
        source = StepSource(scene.trace, scene.cell, scene.flow, split, self._activations(scene))
        scene.kept[StepSource] = source
        return source

    def _activations(self, scene: Scene) -> tuple[str, ...]:
        return activation_names(self.studio, scene.cell.prefix)

    def _said(self, scene: Scene, spot: Spot) -> Said:
        document = self.studio.document
        if document is None:
            return Said()
        token = spot.step if scene.steps == len(scene.trace) else self.studio.cursor.token
        head = document.opened.anatomy.head
        predicts = head is not None and head.kind in ("next word", "classes", "classes per token")
        return said(scene.trace, token, document.labels, document.word, predicts=predicts)

    def _show_all(self, scene: Scene, last: Stage) -> None:
        unit, stages = self.spot.unit, self.step.stages
        self.all.set_stages((*(_top(stage, unit) for stage in stages), last), self.current)
        for card, stage in zip(self.all.cards, (*stages, None), strict=False):
            assert isinstance(card, UnitsCard)
            if stage is None or stage.result is None:
                card.set_strip(np.zeros(0), (0.0, 1.0), "", unit)
                continue
            card.set_strip(stage.result.values, self._limits(scene, stage), stage.result.role, unit)
            gate = next((term for term in stage.terms if term.role == stage.gate and term is not stage.result), None)
            if gate is not None and stage.gate in "iofzr":
                card.set_gates(gate.values, stage.gate)
            card.probe_of = stage.probe
            if not card.property("wired"):
                card.unit_picked.connect(self.unit_picked)
                card.setProperty("wired", True)

    def _limits(self, scene: Scene, stage: StepStage) -> tuple[float, float]:
        """The range of a stage's bars, the same at every token; what adds up to the state shares one."""
        assert stage.result is not None
        role, point = stage.result.role, stage.result.probe
        if scene.flow is not None and (stage.key in ("input", "forget", "share", "update")):
            return -scene.flow.limit or -1.0, scene.flow.limit or 1.0
        if role in ("i", "f", "o", "z", "r"):
            return 0.0, 1.0
        key = ("largest", role)
        if key not in scene.kept:
            known = point is not None and role in scene.cell.parts
            values = np.abs(scene.values(role) if known else stage.result.values)
            scene.kept[key] = max(1.0, float(np.nanmax(values, initial=0.0)))
        most = scene.kept[key]
        assert isinstance(most, float)
        return -most, most

    # Why ---------------------------------------------------------------------------------------------------------

    def _show_reason(self, scene: Scene, spot: Spot) -> None:
        reason = self._reason(scene, spot)
        self.formula.setVisible(bool(reason.lines))
        self.formula.set_lines(reason.lines)
        self.bars.setVisible(bool(reason.parts))
        self.bars.set_parts(reason.parts)
        self.question.setText(self._question(reason, scene, spot))
        self.note.setVisible(bool(reason.note))
        self.note.setText(reason.note)

    def _reason(self, scene: Scene, spot: Spot) -> Reason:
        place, whole = self.current, self.all_units.isChecked()
        if place >= len(self.step.stages):
            return outcome_reason(self.said)
        stage, source, label = self.step.stages[place], self._source(scene), scene.labels[spot.step]
        split = self.step.splits.get(stage.gate)
        if stage.missing or not stage.terms:
            return Reason(stage.title, note=stage.missing)
        if split is not None and source.split is not None and whole:
            return gates_reason(scene.cell, split, label)
        lines = [tuple(line) for line in step_sum(self.studio, scene.trace, scene.cell, spot.step, spot.unit)]
        if split is not None and source.split is not None:
            found = gate_reason(scene.cell, split, source.split, spot.step, label, spot.unit)
            # What is shown of the memory is the second of the step's two sums.
            return replace(found, lines=(*found.lines, *lines[1:2])) if stage.key == "exposure" else found
        if stage.gate:  # what it is made of is not known, or not yet
            value = float(scene.values(stage.gate)[spot.step, spot.unit])
            why = WAITING if self.studio.cells.waiting else self.studio.cells.reason
            return Reason(name_of(scene.cell, stage.gate), value, note=why)
        return sum_reason(stage, stage.result.label if stage.result else "", lines[:1], spot.unit)

    def _question(self, reason: Reason, scene: Scene, spot: Spot) -> str:
        at = f"at ‘{scene.labels[spot.step]}’"
        if self.current >= len(self.step.stages):
            before = any(part.before is not None for part in reason.parts)
            notes = [*(["line: before it"] if before else []), f"bars end at {100 * self.bars.limit:.0f} %"]
            return f"What the model says {at}" + (f" ({', '.join(notes)})" if reason.parts else "")
        if reason.value is None:
            return f"What decides the {reason.subject} {at}?" if reason.parts else reason.subject
        return f"Why is the {reason.subject} of unit {spot.unit} {four(reason.value)} {at}?"

    # What the person does ----------------------------------------------------------------------------------------

    def _pick(self, place: int) -> None:
        self._chosen = self.step.stages[place].key if place < len(self.step.stages) else PREDICTION
        self.changed.emit()

    def _on_part(self, row: int) -> None:
        scene, unit = self.scene, self.bars.parts[row].unit
        if scene is None or unit is None:
            return
        before = scene.cell.before(self.spot.step)
        if 0 <= before < scene.steps:
            self.pointed.emit(Probe(scene.cell.point("h"), (before, unit)))

    def _go_to_part(self, row: int) -> None:
        unit = self.bars.parts[row].unit
        if unit is not None:
            self.unit_picked.emit(unit)

    def _on_cells(self) -> None:
        if self.isVisible() and self.scene is not None:
            self.changed.emit()


def _top(stage: StepStage, unit: int) -> Stage:
    """The stage of all units, with those where it gives most, and the current one last."""
    own = stage.of_unit(unit)
    if stage.result is None:
        return own
    values = stage.result.values
    order = [int(k) for k in np.argsort(-np.abs(np.nan_to_num(values)), kind="stable")[: TOP + 1] if k != unit][:TOP]
    rows = tuple(_row(stage, k, f"unit {k}") for k in order)
    return Stage(own.title, stage.pieces(), (*rows, _row(stage, unit, f"unit {unit}")), own.probe, stage.of_all(),
                 own.note, own.missing)  # fmt: skip


def _row(stage: StepStage, unit: int, label: str) -> Row:
    assert stage.result is not None
    return Row(label, float(stage.result.values[unit]), stage.result.role, stage.probe(unit))
