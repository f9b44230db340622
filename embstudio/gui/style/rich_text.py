"""Formulas as rich text: symbols in the colours of what they stand for, numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from embstudio.gui.style.colours import Colours
from embstudio.gui.style.numbers import four
from embstudio.stepper.working import Piece


def formula_html(pieces: Sequence[Piece], colours: Colours) -> str:
    """Pieces of a formula as HTML, each symbol and number in its role's colour."""
    return "".join(_piece_html(piece, _text(pieces, place), colours) for place, piece in enumerate(pieces))


def formula_text(pieces: Sequence[Piece]) -> str:
    """The same as plain text."""
    return "".join(_text(pieces, place) for place in range(len(pieces)))


def _text(pieces: Sequence[Piece], place: int) -> str:
    """A piece as text: a number below 0 in parentheses, unless it comes first or stands in some already."""
    piece = pieces[place]
    if piece.value is None:
        return piece.text
    number = four(piece.value)
    bare = not place or pieces[place - 1].text.endswith("(")
    return number if bare or piece.value >= 0 else f"({number})"


def _piece_html(piece: Piece, text: str, colours: Colours) -> str:
    return f'<span style="color:{colours.role(piece.role)}">{escape(text)}</span>' if piece.role else escape(text)
