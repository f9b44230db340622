"""The sum of a recurrent step as it is written on the panel: symbols with the token's number, then numbers."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.gui.style.numbers import four
from embstudio.stepper.probe import Probe
from embstudio.stepper.recurrent_flow import RecurrentCell
from embstudio.stepper.recurrent_working import recurrent_workings
from embstudio.stepper.working import Piece, Working
from embstudio.studio import Studio
from embstudio.studio.activations import activation_of
from embstudio.trace.points import parse
from embstudio.trace.trace import Trace

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SHOWN = {"lstm": ("c", "h"), "gru": ("h",), "rnn": ("h",)}
Phrase = tuple[Piece, ...]


def subscript(number: int) -> str:
    """A number in small figures below the line: 12 → ₁₂."""
    return str(number).translate(_SUBSCRIPTS)


def step_sum(studio: Studio, trace: Trace, cell: RecurrentCell, token: int, unit: int) -> list[Sequence[Phrase]]:
    """Lines such as  c₅ = f ⊙ c₄ + i ⊙ g | = 0.9731 · 0.8312 + 0.0214 · 0.4120 | = 0.8177  in phrases.

    studio: what is known of the open model says which activations the layer has.
    Tokens are counted from 1, so that c₀ is the state before the first.
    """
    lines: list[Sequence[Phrase]] = []
    for part in _SHOWN[cell.kind]:
        name = cell.point(part)
        if name in trace:
            activation = activation_of(studio, name)
            for working in recurrent_workings(trace, parse(name), Probe(name, (token, unit)), activation):
                lines.append(_line(working, cell, part, token))
    return lines


def _line(working: Working, cell: RecurrentCell, part: str, token: int) -> Sequence[Phrase]:
    before, now = subscript(cell.before(token) + 1), subscript(token + 1)
    formula = tuple(_numbered(piece, before, now) for piece in working.formula)
    phrases: list[Phrase] = [
        formula,
        (Piece(" = "), *working.numbers),
        (Piece(" = "), Piece(role=part, value=working.result)),
    ]
    if working.agrees is False and working.observed is not None:
        phrases.append((Piece(f"  but the model gave {four(working.observed)}: it does more than this formula"),))
    return phrases


def _numbered(piece: Piece, before: str, now: str) -> Piece:
    if piece.role in ("c", "h"):
        return Piece(piece.role + (before if "₋₁" in piece.text else now), piece.role)
    return Piece(piece.text.replace("·", "⊙"), piece.role)
