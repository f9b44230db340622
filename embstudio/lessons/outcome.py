"""What became of a claim: its value, as it is printed, and whether it is what the lesson expects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.lessons.evaluate import ClaimError, work_out
from embstudio.lessons.facts import Facts
from embstudio.lessons.lesson import Claim, Expected, Lesson, Run, Step, Training
from embstudio.lessons.printed import Format
from embstudio.lessons.value import Value

_LONGEST = 12  # numbers of a vector that are printed
_EXACT = 1e-6  # of counts
_ROUNDING = 1 + 1e-6  # of the last printed place: what is typed was rounded itself


@dataclass(frozen=True)
class Outcome:
    """fault: why it is not what is expected, or could not be worked out; None where it is so. value: None without."""

    claim: Claim
    value: Value | None = None
    fault: ClaimError | None = None

    def printed(self, format_: Format | None = None) -> str:
        """The value as it is read. format_: another than the claim's own."""
        return "?" if self.value is None else say(self.value, format_ or format_of(self.claim))


def outcome_of(claim: Claim, lesson: Lesson, step: Step | None, facts: Facts) -> Outcome:
    """Raises MissingError while something is to be fetched."""
    try:
        value = work_out(claim.formula, lesson.names(step), facts)
    except ClaimError as error:
        return Outcome(claim, None, error)
    if isinstance(value, Run | Training):
        return Outcome(claim, None, ClaimError("This is no value.", 0, "Ask something of it: value(…), row(…), …"))
    return Outcome(claim, value, _difference(claim, value))


def format_of(claim: Claim) -> Format:
    """How a claim is printed: as it says, whole numbers as such, all else with four significant digits."""
    if claim.format is not None:
        return claim.format
    expected = claim.expected
    whole = isinstance(expected, float) and expected == round(expected) and abs(expected) < 1e15
    return Format("whole", 0) if whole else Format()


def say(value: Value | Expected, format_: Format) -> str:
    """A value as text: numbers as the format says, vectors in brackets, words as they are."""
    match value:
        case bool() | np.bool_():
            return "yes" if value else "no"
        case str():
            return value
        case np.ndarray() | tuple():
            shown = [say(each if isinstance(each, np.ndarray | tuple) else float(each), format_)
                     for each in value[:_LONGEST]]  # fmt: skip
            more = [f"… {len(value)} numbers"] if len(value) > _LONGEST else []
            return f"[{', '.join(shown + more)}]"
        case float() | int():
            return format_.number(float(value))
    raise AssertionError(value)


def _difference(claim: Claim, value: Value) -> ClaimError | None:
    """Why a value is not the expected one; None where it is."""
    expected, format_ = claim.expected, format_of(claim)
    said = f"{claim.name or claim.formula.text} comes to"
    if isinstance(expected, str | bool) or isinstance(value, str | bool):
        same = type(expected) is type(value) and expected == value
        if same:
            return None
        if not claim.name:
            return ClaimError(f"This does not hold: {claim.formula.text}")
        return ClaimError(f"{said} {say(value, format_)}, not {say(expected, format_)}.")
    found = np.asarray(value, np.float64)
    try:
        wanted = np.array(expected, np.float64)
    except ValueError:
        return ClaimError(f"{said} numbers, and not what is expected.")
    if wanted.shape != found.shape:
        return ClaimError(f"{said} {say(value, format_)}, not {say(expected, format_)}.")
    far = np.abs(found - wanted)
    if claim.within is not None:
        limit = np.full(far.shape, claim.within)
    elif claim.format is None and format_.kind == "whole":
        limit = np.full(far.shape, _EXACT)
    else:
        limit = np.array([_ROUNDING * format_.unit(float(each)) for each in wanted.ravel()]).reshape(far.shape)
    if (far <= limit + 1e-12).all():
        return None
    exact = say(value, Format("digits", 8))
    return ClaimError(f"{said} {exact}, not {say(expected, Format('digits', 8))}.", 0,
                      "Correct the number, or say how far it may be from it: within = …")  # fmt: skip
