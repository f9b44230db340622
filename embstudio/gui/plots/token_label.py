"""A token as an axis writes it: short, with nothing invisible."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.trace.token import Token

# Control characters have no shape of their own; Unicode has pictures of them, from U+2400 on.
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_VISIBLE = _PICTURES | str.maketrans({"\n": "⏎", "\t": "⇥"})


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
