"""Columns of metadata as colours: short ones at once, long ones beside the window, the last one only."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.space.column_colours import ColumnColours, colouring_of
from embstudio.gui.plots.scatter.colouring import Categories, Colouring, Numbers
from embstudio.space.vector_set import VectorSet

pytestmark = pytest.mark.usefixtures("silent")


def vectors(rows: int) -> VectorSet:
    kinds = tuple(("noun", "verb", "other word")[row % 3] for row in range(rows))
    return VectorSet(
        tuple(map(str, range(rows))), np.zeros((rows, 2), np.float32),
        {"kind": kinds, "count": tuple(str(row * 0.5) for row in range(rows))},
    )  # fmt: skip


def test_a_short_column_is_there_at_once(qapp: QApplication) -> None:
    colours, came = ColumnColours(qapp), list[Colouring]()
    colours.came.connect(came.append)
    few = vectors(30)
    colours.want(few, "count")
    assert not colours.busy
    assert isinstance(came[0], Numbers)
    assert came[0].values.tolist() == [row * 0.5 for row in range(30)]
    colours.want(few, "count")
    assert came[1] is came[0]  # kept


def test_a_long_column_comes_later_and_the_last_one_only(qapp: QApplication, qtbot: QtBot) -> None:
    colours, came = ColumnColours(qapp), list[Colouring]()
    colours.came.connect(came.append)
    many = vectors(120_000)
    colours.want(many, "count")
    assert colours.busy
    assert not came
    colours.want(many, "kind")
    qtbot.waitUntil(lambda: not colours.busy)
    (kinds,) = came
    assert isinstance(kinds, Categories)
    assert kinds.names == ("noun", "verb", "other word")
    assert kinds.codes[:6].tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ((*map(str, range(20)), " "), Numbers), ((*map(str, range(20)), "n/a"), Categories),
        (("1", "2") * 20, Categories), (("nan", "inf", *map(str, range(20))), Numbers),
    ],
)  # fmt: skip
def test_numbers_where_all_values_are(column: tuple[str, ...], kind: type) -> None:
    assert isinstance(colouring_of("a column", column), kind)
