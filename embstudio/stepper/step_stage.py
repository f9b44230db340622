"""One stage of one step of a recurrent layer, for all units at once; and the same for one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.stepper.probe import Probe
from embstudio.stepper.recurrent_working import ROLES
from embstudio.stepper.stage import Check, Row, Stage
from embstudio.stepper.working import Piece, symbols


@dataclass(frozen=True, eq=False)
class Term:
    """One quantity of a stage, of all units: values [unit]. probe: where the trace holds it, (point, token)."""

    label: str
    role: str
    values: np.ndarray
    probe: tuple[str, int] | None = None


@dataclass(frozen=True, eq=False)
class StepStage:
    """key: what the stage is about, the same for every token. terms: the last of them goes on to the next stage.

    apart, tolerance: how far what was worked out again lies from what was observed, and how far rounding can part
    them, [unit] each; None where there was nothing to compare. gate: the part whose split explains this stage.
    """

    key: str
    title: str
    formula: str
    about: str
    terms: tuple[Term, ...] = ()
    apart: np.ndarray | None = None
    tolerance: np.ndarray | None = None
    gate: str = ""
    note: str = ""
    missing: str = ""

    @property
    def result(self) -> Term | None:
        return self.terms[-1] if self.terms else None

    def pieces(self) -> tuple[Piece, ...]:
        """The formula with its symbols in their roles."""
        return symbols(self.formula, ROLES)

    def of_unit(self, unit: int) -> Stage:
        """The stage with the numbers of one unit."""
        rows = tuple(
            Row(term.label, float(term.values[unit]), term.role, _probe(term, unit)) for term in self.terms
        )  # fmt: skip
        formula = symbols(self.formula.replace("⊙", "·"), ROLES)
        return Stage(self.title, formula, rows, self.probe(unit), self._check(unit), self.note, self.missing)

    def of_all(self) -> Check | None:
        """Whether all units add up: the one that does worst."""
        if self.apart is None or self.tolerance is None:
            return None
        return self._check(int(np.argmax(self.apart / self.tolerance)))

    def probe(self, unit: int) -> Probe | None:
        """What the inspector shows of the stage: what goes on, or where the trace does not hold that, the gate."""
        gate = [term for term in self.terms if term.role == self.gate]
        terms = [*self.terms[-1:], *gate, *reversed(self.terms)]
        return next((found for term in terms if (found := _probe(term, unit)) is not None), None)

    def _check(self, unit: int) -> Check | None:
        if self.apart is None or self.tolerance is None:
            return None
        return Check(float(self.apart[unit]), float(self.tolerance[unit]))


def _probe(term: Term, unit: int) -> Probe | None:
    return Probe(term.probe[0], (term.probe[1], unit)) if term.probe is not None else None
