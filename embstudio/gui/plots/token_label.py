"""A token as an axis writes it: short, with nothing invisible."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.trace.token import Token

# Control characters have no shape of their own: they are written as byte tokens are.
_CONTROLS = {code: f"<0x{code:02X}>" for code in (*range(0x20), *range(0x7F, 0xA0))}
_VISIBLE: dict[int, str] = _CONTROLS | {ord("\n"): "⏎", ord("\t"): "⇥"}


def token_label(token: Token) -> str:
    """The token's text without the space in front; white space alone becomes visible."""
    return visible_text(token.text)


def visible_text(text: str) -> str:
    """A token's text without the space in front; white space alone becomes visible."""
    text = text.translate(_VISIBLE)
    return text.strip() or "␣" * max(1, len(text))


def token_labels(tokens: Sequence[Token], count: int) -> tuple[str, ...]:
    """Labels for an axis of `count` positions: the tokens' where they are the axis, else numbers from 1."""
    if len(tokens) == count:
        return tuple(map(token_label, tokens))
    return tuple(str(position + 1) for position in range(count))
