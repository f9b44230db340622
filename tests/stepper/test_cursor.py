"""The cursor stays within bounds and speaks only when it moves."""

from __future__ import annotations

import pytest

from embstudio.stepper.cursor import Bounds, Cursor, Place


@pytest.fixture
def heard() -> list[tuple[Place, Place]]:
    return []


@pytest.fixture
def cursor(heard: list[tuple[Place, Place]]) -> Cursor:
    cursor = Cursor()
    cursor.confine(Bounds(token=5, layer=2, head=4, unit=0))
    cursor.changed.connect(lambda place, previous: heard.append((place, previous)))
    return cursor


def test_moving_says_where_from_and_where_to(cursor: Cursor, heard: list) -> None:
    cursor.move(token=3, layer=1)
    assert heard == [(Place(3, 1), Place(0, 0))]
    assert (cursor.token, cursor.layer, cursor.head, cursor.unit) == (3, 1, 0, 0)


@pytest.mark.parametrize(("wanted", "token"), [(99, 4), (-3, 0), (4, 4)])
def test_beyond_the_ends_is_the_end(cursor: Cursor, wanted: int, token: int) -> None:
    cursor.move(token=wanted)
    assert cursor.token == token


def test_steps_stop_at_both_ends_in_silence(cursor: Cursor, heard: list) -> None:
    cursor.step(-1)
    assert heard == []
    cursor.step(4)
    cursor.step(1)
    assert cursor.token == 4
    assert len(heard) == 1


def test_what_does_not_exist_stays_at_0(cursor: Cursor, heard: list) -> None:
    cursor.move(unit=7)
    assert cursor.unit == 0
    assert heard == []


def test_new_bounds_keep_what_still_exists_and_say_nothing(cursor: Cursor, heard: list) -> None:
    cursor.move(token=4, head=3)
    heard.clear()
    cursor.confine(Bounds(token=3, head=4))
    assert cursor.place == Place(token=2, head=3)
    cursor.confine(Bounds(token=9, head=4), token=7)
    assert cursor.place == Place(token=7, head=3)
    assert heard == []
