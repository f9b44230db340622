"""Why a gate is what it is, in the parts of its sum: of one unit with its numbers, or of all units on the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embstudio.stepper.cell_activations import symbol
from embstudio.stepper.gate_split import GateSplit, Split
from embstudio.stepper.recurrent_flow import RecurrentCell
from embstudio.stepper.step_prediction import Said
from embstudio.stepper.step_stage import StepStage
from embstudio.stepper.working import Piece, numbers
from embstudio.trace.points import parse

STRONGEST = 3  # units of the memory that are named
SATURATED = "The gate is so near its end that its sum cannot be told from it."
LEFT_OVER = "What the layer reads is not in the trace: the token's part is what is left of the gate."
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
Phrase = tuple[Piece, ...]


@dataclass(frozen=True)
class Part:
    """One bar. value: None where it cannot be told. inside: it is part of the row above. total: what the rows before
    come to. unit: where a click goes. before: what it was a token earlier. share: a probability, not a summand."""

    label: str
    value: float | None
    symbol: str = ""
    role: str = ""
    inside: bool = False
    total: bool = False
    unit: int | None = None
    before: float | None = None
    share: bool = False


@dataclass(frozen=True)
class Reason:
    """subject: what is explained, "forget gate"; value: what it is, None for all units together. lines: formulas with
    their numbers, each of phrases. note: what must be known of it."""

    subject: str
    value: float | None = None
    lines: tuple[tuple[Phrase, ...], ...] = ()
    parts: tuple[Part, ...] = ()
    note: str = ""


def name_of(cell: RecurrentCell, part: str) -> str:
    """A gate or state in words: "forget gate"."""
    meaning = parse(cell.point(part)).kind.meaning
    return meaning.partition(":")[0].partition(" (")[0].removeprefix("the ")


def gate_reason(cell: RecurrentCell, split: Split, whole: GateSplit, token: int, label: str, unit: int) -> Reason:
    """One gate of one unit at a token. label: the token's text."""
    terms = whole.memory_terms(split.part, token, unit)
    strongest = np.argsort(-np.abs(terms), kind="stable")[:STRONGEST]
    state = "hidden state" if cell.kind == "lstm" else "state"
    parts = [Part(f"from ‘{label}’", _told(split.word[unit]), "W x")]
    parts.append(Part(f"from the {state} before", float(split.memory[unit]), "R h₋₁", "h"))
    if np.abs(terms[strongest]).any():
        parts += [
            Part(f"unit {other}", float(terms[other]), inside=True, unit=int(other), role="h")
            for other in strongest.tolist()
        ]
    parts.append(Part("bias", float(split.bias[unit]), "b"))
    if split.peephole is not None:
        parts.append(Part("from the memory, by its peephole", float(split.peephole[unit]), "P ⊙ c", "c"))
    parts.append(Part("sum", _told(split.total[unit]), total=True))
    note = LEFT_OVER if not split.exact else ""
    if np.isnan(split.total[unit]):
        note = SATURATED
    line = _line(cell, split, token, unit)
    return Reason(name_of(cell, split.part), float(split.observed[unit]), (line,), tuple(parts), note)


def gates_reason(cell: RecurrentCell, split: Split, label: str) -> Reason:
    """One gate of all units at a token: how large the parts are on the whole, and which decides in how many units."""
    named = [("from ‘" + label + "’", "W x", "", split.word), ("from the state before", "R h₋₁", "h", split.memory),
             ("bias", "b", "", split.bias)]  # fmt: skip
    if split.peephole is not None:
        named.append(("from the memory, by its peephole", "P ⊙ c", "c", split.peephole))
    sizes = np.abs([values for *_words, values in named])
    known = np.isfinite(sizes).all(axis=0)
    if not known.any():
        return Reason(f"{name_of(cell, split.part)}s", note=SATURATED)
    parts = tuple(
        Part(text, float(size[known].mean()), symbol, role)
        for (text, symbol, role, _values), size in zip(named, sizes, strict=True)
    )
    wins = np.bincount(sizes[:, known].argmax(axis=0), minlength=len(named))
    told = ", ".join(
        f"{text} in {count}" for (text, *_rest), count in zip(named, wins.tolist(), strict=True) if count
    )  # fmt: skip
    rest = f"; {int((~known).sum())} are too near their end to tell" if not known.all() else ""
    note = f"Mean size of each part over {int(known.sum())} units. The largest is {told}{rest}."
    return Reason(f"{name_of(cell, split.part)}s", None, (), parts, note)


def sum_reason(stage: StepStage, subject: str, lines: Sequence[Sequence[Phrase]], unit: int) -> Reason:
    """A stage that adds up what others made: its terms, the last of which is the sum."""
    parts = tuple(
        Part(term.label.removeprefix("+ "), float(term.values[unit]), role=term.role, total=term is stage.terms[-1])
        for term in stage.terms
    )
    value = float(stage.terms[-1].values[unit]) if stage.terms else None
    return Reason(subject, value, tuple(tuple(line) for line in lines), parts, stage.note)


def outcome_reason(said: Said) -> Reason:
    """What the model says: its likeliest classes or words, before and after the token."""
    parts = tuple(
        Part(f"‘{each.name}’" if said.words else each.name, each.now, before=each.before, share=True)
        for each in said.outcomes
    )
    return Reason("prediction", None, (), parts, said.missing or said.note)


def subscript(number: int) -> str:
    """A number in small figures below the line: 12 → ₁₂."""
    return str(number).translate(_SUBSCRIPTS)


def _line(cell: RecurrentCell, split: Split, token: int, unit: int) -> tuple[Phrase, ...]:
    """f₅ = σ(W x₅ + R h₄ + b) = σ(2.31 + 0.71 + 1.00) = σ(4.02) = 0.9824"""
    part, name = split.part, symbol(split.activation)
    now, before = subscript(token + 1), subscript(cell.before(token) + 1)
    state = Piece(f"h{before}", "h")
    inside = [Piece(f"W x{now} + R "), state, Piece(" + b")]
    if part == "n":
        inside = [Piece(f"W x{now} + (R "), state, Piece(" by "), Piece("r", "r"), Piece(") + b")]
    if split.peephole is not None:
        inside += [Piece(" + P ⊙ "), Piece(f"c{now if part == 'o' else before}", "c")]
    parts = [split.word[unit], split.memory[unit], split.bias[unit]]
    parts += [] if split.peephole is None else [split.peephole[unit]]
    told = [float(value) for value in parts]
    total, value = float(split.total[unit]), float(split.observed[unit])
    gate = Piece(f"{part}{now}", part)
    if part == "a":
        return (gate, Piece(" = "), *inside), (Piece(" = "), *_added(told)), numbers(" = ", (part, value))
    phrases: list[Phrase] = [(gate, Piece(f" = {name}("), *inside, Piece(")"))]
    if np.isfinite(total):
        phrases.append((Piece(f" = {name}("), *_added(told), Piece(")")))
        cut = total if split.clip is None else min(max(total, -split.clip), split.clip)
        phrases.append(numbers(f" = {name}(", cut, ")"))
    return (*phrases, numbers(" = ", (part, value)))


def _added(values: Sequence[float]) -> tuple[Piece, ...]:
    """a + b − c"""
    pieces = [Piece(value=values[0])]
    for value in values[1:]:
        pieces += [Piece(" − " if value < 0 else " + "), Piece(value=abs(value))]
    return tuple(pieces)


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
