"""Tokens on axes and in lists: what has no shape of its own gets one."""

from __future__ import annotations

import pytest

from embstudio.gui.plots.token_label import visible_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [(" dog", "dog"), ("\n", "⏎"), ("\t", "⇥"), ("  ", "␣␣"), ("", "␣"), ("\r", "<0x0D>"), ("a\x1bb", "a<0x1B>b")],
)
def test_nothing_is_invisible(text: str, shown: str) -> None:
    assert visible_text(text) == shown
