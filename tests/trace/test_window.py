"""Long texts in windows: every token is in one, none is repeated but at the end, and [CLS] and [SEP] stay around."""

from __future__ import annotations

import pytest

from embstudio.trace.token import Token
from embstudio.trace.window import Window, cut


def text(count: int, *, around: bool = False) -> tuple[Token, ...]:
    words = tuple(Token(str(n), str(n), n) for n in range(count))
    special = Token("[X]", "[X]", 999, special=True)
    return (special, *words, special) if around else words


@pytest.mark.parametrize("around", [False, True])
def test_what_fits_is_not_cut(around: bool) -> None:
    tokens = text(6, around=around)
    assert cut(tokens, 8, 3) == (tokens, None)


@pytest.mark.parametrize(("count", "limit"), [(10, 4), (11, 7), (100, 3), (9, 8)])
@pytest.mark.parametrize("around", [False, True])
def test_going_on_to_the_next_window_reaches_every_token(count: int, limit: int, around: bool) -> None:
    start, seen, windows = 0, set[int](), 0
    while True:
        shown, window = cut(text(count, around=around), limit, start)
        assert window is not None
        assert len(shown) == limit
        assert shown[0].special == shown[-1].special == around
        words = [token.id for token in shown if not token.special]
        assert words == list(range(window.start, window.end))
        assert window.total == count
        seen.update(words)
        windows += 1
        if window.next_start == window.start:
            break
        start = window.next_start
    assert seen == set(range(count))
    assert windows == -(-count // window.size)


def test_a_window_past_the_end_is_the_last() -> None:
    assert cut(text(10), 4, 99)[1] == Window(6, 4, 10)
    assert cut(text(10), 4, -5)[1] == Window(0, 4, 10)


def test_back_from_the_last_window() -> None:
    assert Window(6, 4, 10).previous_start == 2
    assert Window(2, 4, 10).previous_start == 0


def test_no_room_for_anything_but_the_special_tokens() -> None:
    shown, window = cut(text(5, around=True), 2, 0)
    assert len(shown) == 2
    assert window == Window(0, 2, 7)
