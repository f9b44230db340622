"""Tokens on axes and in lists: what has no shape of its own gets one."""

from __future__ import annotations

import pytest

from embstudio.gui.plots.token_label import visible_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" dog", "dog"),
        ("\n", "⏎"),
        ("  ", "␣␣"),
        ("", "␣"),
        ("\x00", "␀"),
        ("a\x1bb", "a␛b"),
        ("\x7f", "␡"),
        ("\r", "␍"),
    ],
)
def test_nothing_is_invisible(text: str, shown: str) -> None:
    assert visible_text(text) == shown
