"""The text of an expression cut into its smallest parts: numbers, names, quoted texts, signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from embstudio.stepper.watch.expression_error import ExpressionError

LONGEST = 400  # characters of an expression
_PARTS = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)
      | (?P<text>"[^"]*"|'[^']*'|“[^”]*”|‘[^’]*’)
      | (?P<sign>\*\*|<=|>=|==|!=|[-+*/<>()\[\],:.≤≥≠×·÷−])""",
    re.VERBOSE,
)
_SAME = {"≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "·": "*", "÷": "/", "−": "-"}
_MEANT = {
    "=": "To compare, write ==.", "!": "Write not, or != to compare.", "&": "Write and.", "|": "Write or.",
    "^": "Powers are written **.", "%": "There is no %: write 0.5 for 50 %.", "{": "Parentheses are round: ( ).",
    "}": "Parentheses are round: ( ).", ";": "One expression at a time.",
    '"': "The quote is not closed.", "'": "The quote is not closed.", "“": "The quote is not closed.",
    "‘": "The quote is not closed.",
}  # fmt: skip


@dataclass(frozen=True)
class Lexeme:
    """A part of the text. kind: "number", "name", "text", "sign", or "end" behind the last one."""

    kind: str
    text: str
    start: int
    end: int


def cut(text: str) -> list[Lexeme]:
    """All parts in order, "end" last. Raises ExpressionError for a character that has no place in an expression."""
    if len(text) > LONGEST:
        raise ExpressionError(
            f"An expression has at most {LONGEST} characters; this one has {len(text)}.", text, LONGEST, len(text),
            advice="Make several watches of it.",
        )  # fmt: skip
    found, at = [], 0
    while at < len(text):
        part = _PARTS.match(text, at)
        if part is None:
            raise ExpressionError(
                f"{text[at]!r} has no meaning here.", text, at, at + 1, advice=_MEANT.get(text[at], "")
            )
        kind = str(part.lastgroup)
        if kind != "space":
            words = part.group()[1:-1] if kind == "text" else _SAME.get(part.group(), part.group())
            found.append(Lexeme(kind, words, part.start(), part.end()))
        at = part.end()
    found.append(Lexeme("end", "", len(text), len(text)))
    return found
