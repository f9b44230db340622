"""Formulas as rich text: symbols in the colours of what they stand for, numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from embstudio.gui.style.colours import Colours
from embstudio.gui.style.numbers import four
from embstudio.stepper.working import Piece


def formula_html(pieces: Sequence[Piece], colours: Colours) -> str:
    """Pieces of a formula as HTML, each symbol and number in its role's colour."""
    return "".join(_piece_html(piece, place, colours) for place, piece in enumerate(pieces))


def formula_text(pieces: Sequence[Piece]) -> str:
    """The same as plain text."""
    return "".join(_plain(piece, place) for place, piece in enumerate(pieces))


def _plain(piece: Piece, place: int) -> str:
    if piece.value is None:
        return piece.text
    number = four(piece.value)
    return f"({number})" if place and piece.value < 0 else number


def _piece_html(piece: Piece, place: int, colours: Colours) -> str:
    text = escape(_plain(piece, place))
    return f'<span style="color:{colours.role(piece.role)}">{text}</span>' if piece.role else text
