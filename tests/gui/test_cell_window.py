"""Zooming and moving a window over cells: what is pointed at stays, and the window never leaves the table."""

from __future__ import annotations

import random

import pytest

from embstudio.gui.plots.cell_window import FEWEST, CellWindow


def test_zooming_can_hold_what_is_pointed_at() -> None:
    window = CellWindow.whole(100, 200)
    for across, down in ((0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.25, 0.75)):
        zoomed = window.scaled(0.5).holding(down * 100, across * 200, across, down)
        assert (zoomed.rows, zoomed.columns) == (50, 100)
        assert zoomed.row + down * zoomed.rows == pytest.approx(down * 100, abs=0.5)
        assert zoomed.column + across * zoomed.columns == pytest.approx(across * 200, abs=0.5)


def test_each_step_of_zooming_does_something_until_the_end() -> None:
    window, seen = CellWindow.whole(40, 40), []
    while not seen or window.rows != seen[-1]:
        seen.append(window.rows)
        window = window.scaled(0.97)
    assert seen[-1] == FEWEST
    assert seen == sorted(set(seen), reverse=True)
    for _ in range(100):
        window = window.scaled(1.03)
    assert window == CellWindow.whole(40, 40)
    assert not window.zoomed


def test_a_table_smaller_than_the_least_window_is_all_in_sight() -> None:
    window = CellWindow.whole(2, 1).scaled(0.1)
    assert (window.rows, window.columns) == (2, 1)


def test_the_window_moves_just_far_enough_to_show_a_cell() -> None:
    window = CellWindow.whole(100, 100).scaled(0.1)
    assert (window.row, window.rows) == (45, 10)
    assert window.showing(45, 54) == window
    assert window.showing(55, 44) == window.moved(1, -1)
    assert window.showing(0, 99).slices == (slice(0, 10), slice(90, 100))


def test_whatever_is_done_the_window_stays_within_the_table() -> None:
    chance = random.Random(5)
    window = CellWindow.whole(37, 91)
    for _ in range(500):
        what = chance.randrange(3)
        if what == 0:
            window = window.scaled(chance.choice((0.5, 0.8, 1.25, 3)))
        elif what == 1:
            window = window.moved(chance.randrange(-50, 50), chance.randrange(-50, 50))
        else:
            window = window.holding(chance.random() * 37, chance.random() * 91, chance.random(), chance.random())
            window = window.showing(chance.randrange(37), chance.randrange(91))
        assert 0 <= window.row <= window.row + window.rows <= 37
        assert 0 <= window.column <= window.column + window.columns <= 91
        assert window.rows >= FEWEST
        assert window.columns >= FEWEST
