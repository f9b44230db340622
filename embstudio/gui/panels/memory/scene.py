"""What the pages of the Memory panel show: one direction of one recurrent layer, and where the person stands in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from embstudio.gui.panels.step_sum import subscript
from embstudio.gui.plots.token_label import token_labels, visible_text
from embstudio.stepper.recurrent_flow import Flow, RecurrentCell, flow
from embstudio.trace.places import place_of, taken_together, tokens_at
from embstudio.trace.trace import Trace

_ARROWS = {"forward": "forward →", "reverse": "← reverse"}


def way(direction: str) -> str:
    """A direction with the arrow that its reading goes along."""
    return _ARROWS.get(direction, direction)


@dataclass(frozen=True)
class Spot:
    """step: which of the layer's positions, counted as the text stands, whichever way the layer reads. unit: the
    model's own number."""

    step: int
    unit: int


@dataclass(frozen=True, eq=False)
class Scene:
    """cells: all recurrent layers and directions of the trace. cell: the one that is shown.

    What is worked out of it is kept as long as the trace is shown: there is one scene a cell (`of`), and pages may
    keep what they work out in `kept`.
    """

    trace: Trace
    cells: tuple[RecurrentCell, ...]
    cell: RecurrentCell
    kept: dict[object, object] = field(default_factory=dict)
    _scenes: dict[str, Scene] = field(default_factory=dict)

    def of(self, cell: RecurrentCell) -> Scene:
        """The same trace seen from another layer or direction."""
        self._scenes.setdefault(self.cell.prefix, self)
        if cell.prefix not in self._scenes:
            self._scenes[cell.prefix] = Scene(self.trace, self.cells, cell, _scenes=self._scenes)
        return self._scenes[cell.prefix]

    def forget(self) -> None:
        """Another trace takes its place: scenes that know each other would keep theirs until they are collected."""
        self._scenes.clear()
        self.kept.clear()

    def values(self, part: str) -> np.ndarray:
        """A gate or state [pos, unit] as the trace holds it. Raises KeyError where it does not."""
        return self.trace[self.cell.point(part)].values

    @property
    def _point(self) -> str:
        return self.cell.point(self.cell.parts[0])

    @cached_property
    def steps(self) -> int:
        """How many positions this layer reads."""
        return self.trace[self._point].size("pos")

    @cached_property
    def units(self) -> int:
        return self.trace[self._point].size("unit")

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What each position says, in the order of the text; the texts of tokens that share one stand together."""
        point = self._point
        if taken_together(self.trace, point) in (None, 1):
            return token_labels(self.trace.tokens, self.steps)
        together = (tokens_at(self.trace, point, step) for step in range(self.steps))
        return tuple(visible_text("".join(token.text for token in tokens)) for tokens in together)

    @cached_property
    def flow(self) -> Flow | None:
        """What is kept and what is new at every position; None where the trace holds too few parts to tell."""
        return flow(self.trace, self.cell)

    @cached_property
    def twin(self) -> RecurrentCell | None:
        """The other direction of the same layer."""
        here = self.cell
        others = (cell for cell in self.cells if (cell.layer, cell.kind) == (here.layer, here.kind) and cell != here)
        return next(others, None)

    @property
    def state(self) -> str:
        """The part that carries over, or the last there is where the trace lacks it."""
        return self.cell.state if self.cell.state in self.cell.parts else self.cell.parts[-1]

    def spot(self, token: int, unit: int) -> Spot:
        """Where the studio's cursor is in this layer."""
        step = place_of(self.trace, self._point, token)
        return Spot(max(0, min(step, self.steps - 1)), max(0, min(unit, self.units - 1)))

    def by_step(self, values: np.ndarray) -> np.ndarray | None:
        """Values [pos] of the tokens as one for each step, the mean of those that share it; None where that is none."""
        each = taken_together(self.trace, self._point)
        return values.reshape(self.steps, each).mean(axis=1) if each and len(values) == each * self.steps else None

    def token(self, step: int) -> int:
        """The first of the tokens that belong to a position."""
        return step * (taken_together(self.trace, self._point) or 1)

    @cached_property
    def _often(self) -> frozenset[str]:
        """The labels that several steps have."""
        return frozenset(label for label, count in Counter(self.labels).items() if count > 1)

    def named(self, step: int) -> str:
        """‘dog’, or ‘the’₈, numbered as in the sum, where other steps say the same."""
        label = self.labels[step]
        return f"‘{label}’{subscript(step + 1) if label in self._often else ''}"

    def reading(self, step: int) -> str:
        """Where in its own reading the layer is: "← step 4 of 15: after ‘pet’, next ‘the’₈"."""
        number = self.steps - step if self.cell.backwards else step + 1
        before, after = self.cell.before(step), 2 * step - self.cell.before(step)
        came = f"after {self.named(before)}" if 0 <= before < self.steps else "the first it reads"
        follows = f"next {self.named(after)}" if 0 <= after < self.steps else "the last it reads"
        arrow = "←" if self.cell.backwards else "→"
        return f"{arrow} step {number} of {self.steps}: {came}, {follows}"
