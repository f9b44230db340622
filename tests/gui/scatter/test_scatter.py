"""The scatter as a person uses it: real events, held against brute force over all points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embstudio.gui.plots.scatter.colouring import categories_of, numbers_of
from embstudio.gui.plots.scatter.emphasis import Emphasis, Lines, between
from embstudio.gui.plots.scatter.hand import How, Tool
from embstudio.gui.plots.scatter.point_set import TURNING
from embstudio.gui.plots.scatter.scatter import PICK, Scatter
from embstudio.gui.style.theme import Theme

pytestmark = pytest.mark.usefixtures("silent")

RANDOM = np.random.default_rng(11)
POINTS = RANDOM.normal(size=(3000, 2)).astype(np.float32)
NAMES = [f"word{row}" for row in range(len(POINTS))]
LEFT = Qt.MouseButton.LeftButton
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
PLAIN = Qt.KeyboardModifier.NoModifier

Show = Callable[..., None]


@pytest.fixture
def scatter(theme: Theme, show: Show) -> Scatter:
    scatter = Scatter(theme)
    scatter.set_points(POINTS, NAMES, ("first", "second"))
    show(scatter, 640, 480)
    return scatter


def _screen(scatter: Scatter, points: np.ndarray = POINTS) -> np.ndarray:
    """Where points are in the widget, worked out here on its own."""
    exact, view = points.astype(float), scatter.view
    x = scatter.width() / 2 + (exact[:, 0] - view.x) * view.zoom
    return np.stack([x, scatter.height() / 2 - (exact[:, 1] - view.y) * view.zoom], axis=1)


def _drag(scatter: Scatter, way: list[QPoint], modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mousePress(scatter, LEFT, modifiers, way[0])
    for place in way[1:]:
        QTest.mouseMove(scatter, place)
    QTest.mouseRelease(scatter, LEFT, modifiers, way[-1])


def test_hovering_finds_what_brute_force_finds(scatter: Scatter, qtbot: QtBot) -> None:
    told: list[object] = []
    scatter.hovered.connect(told.append)
    places = _screen(scatter)
    found = 0
    for x, y in RANDOM.integers([0, 0], [640, 480], size=(150, 2)).tolist():
        QTest.mouseMove(scatter, QPoint(x, y))
        distances = np.hypot(places[:, 0] - x, places[:, 1] - y)
        expected = int(distances.argmin()) if distances.min() <= PICK else None
        assert scatter.hovered_row == expected
        if told:
            assert told[-1] == expected
        found += expected is not None
    assert 50 < found < 150
    assert told == [row for n, row in enumerate(told) if not n or told[n - 1] != row]


def test_all_points_are_in_sight_at_first_and_after_0(scatter: Scatter, qtbot: QtBot) -> None:
    places = _screen(scatter)
    assert (places >= 0).all()
    assert (places <= [640, 480]).all()
    scatter.zoom(7, QPointF(20, 30))
    scatter.pan(300, 10)
    qtbot.keyClick(scatter, Qt.Key.Key_0)
    np.testing.assert_allclose(_screen(scatter), places)


def test_the_wheel_zooms_where_the_mouse_is(scatter: Scatter) -> None:
    row = 17
    place = scatter.on_screen(row)
    before = scatter.view.zoom
    wheel = QWheelEvent(
        place, scatter.mapToGlobal(place), QPoint(), QPoint(0, 480), Qt.MouseButton.NoButton, PLAIN,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(scatter, wheel)
    assert scatter.view.zoom == pytest.approx(before * 1.5**2)
    assert (scatter.on_screen(row) - place).manhattanLength() < 1e-6


def test_dragging_and_arrows_move_what_is_seen(scatter: Scatter, qtbot: QtBot) -> None:
    start = scatter.on_screen(0)
    _drag(scatter, [QPoint(300, 200), QPoint(330, 210), QPoint(350, 180)])
    assert (scatter.on_screen(0) - start - QPointF(50, -20)).manhattanLength() < 1e-6
    for key, right, down in ((Qt.Key.Key_Left, 60, 0), (Qt.Key.Key_Down, 0, -60)):
        before = scatter.on_screen(0)
        qtbot.keyClick(scatter, key)
        assert (scatter.on_screen(0) - before - QPointF(right, down)).manhattanLength() < 1e-6
    for key, grows in ((Qt.Key.Key_Plus, True), (Qt.Key.Key_Minus, False)):
        zoom = scatter.view.zoom
        qtbot.keyClick(scatter, key)
        assert (scatter.view.zoom > zoom) is grows


def test_a_box_selects_what_brute_force_says(scatter: Scatter, qtbot: QtBot) -> None:
    scatter.set_tool(Tool.BOX)
    places = _screen(scatter)

    def held(left: int, top: int, right: int, bottom: int) -> set[int]:
        inner = (places >= [left, top]) & (places <= [right, bottom])
        return set(np.flatnonzero(inner.all(axis=1)).tolist())

    with qtbot.waitSignal(scatter.selected) as told:
        _drag(scatter, [QPoint(250, 330), QPoint(300, 260), QPoint(360, 200)])
    first = held(250, 200, 360, 330)
    assert set(told.args[0].tolist()) == set(scatter.figure.selected.tolist()) == first
    assert len(first) > 100
    _drag(scatter, [QPoint(340, 180), QPoint(400, 240), QPoint(420, 260)], SHIFT)
    both = first | held(340, 180, 420, 260)
    assert set(scatter.figure.selected.tolist()) == both > first
    _drag(scatter, [QPoint(300, 200), QPoint(320, 240), QPoint(330, 250)], CONTROL)
    assert set(scatter.figure.selected.tolist()) == both - held(300, 200, 330, 250)
    assert f"{len(scatter.figure.selected):,} selected" in scatter.accessibleDescription()
    qtbot.keyClick(scatter, Qt.Key.Key_Escape)
    assert not len(scatter.figure.selected)


def test_a_lasso_selects_what_brute_force_says(scatter: Scatter) -> None:
    scatter.set_tool(Tool.LASSO)
    turns = np.linspace(0, 2 * np.pi, 25)[:-1]
    way = np.stack([320 + 90 * np.cos(turns), 240 + (50 + 40 * np.sin(3 * turns)) * np.sin(turns)], axis=1).round()
    _drag(scatter, [QPoint(int(x), int(y)) for x, y in way])
    held = []
    for row, (x, y) in enumerate(_screen(scatter).tolist()):
        crossings = sum(
            (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax)
            for (ax, ay), (bx, by) in zip(way.tolist(), np.roll(way, -1, axis=0).tolist(), strict=True)
        )
        if crossings % 2:
            held.append(row)
    assert scatter.figure.selected.tolist() == held
    assert 200 < len(held) < 2000


def test_clicks_choose_and_with_a_key_select(scatter: Scatter, qtbot: QtBot) -> None:
    scatter.zoom(30, scatter.on_screen(5))
    place = scatter.on_screen(5).toPoint()
    row = scatter.at(QPointF(place))
    with qtbot.waitSignal(scatter.clicked) as told:
        QTest.mouseClick(scatter, LEFT, PLAIN, place)
    assert told.args == [row]
    QTest.mouseClick(scatter, LEFT, SHIFT, place)
    assert scatter.figure.selected.tolist() == [row]
    QTest.mouseClick(scatter, LEFT, CONTROL, place)
    assert not len(scatter.figure.selected)


def test_the_keyboard_reaches_points_too(scatter: Scatter, qtbot: QtBot) -> None:
    scatter.setFocus()
    qtbot.keyClick(scatter, Qt.Key.Key_Right, CONTROL)
    first = scatter.hovered_row
    middle = np.hypot(*(_screen(scatter) - [320, 240]).T)
    assert first == int(middle.argmin())
    for key, axis, sign in ((Qt.Key.Key_Right, 0, 1), (Qt.Key.Key_Up, 1, -1), (Qt.Key.Key_Left, 0, -1)):
        before = _screen(scatter)[scatter.hovered_row]
        qtbot.keyClick(scatter, key, CONTROL)
        moved = _screen(scatter)[scatter.hovered_row] - before
        assert sign * moved[axis] > 0
        assert abs(moved[1 - axis]) <= abs(moved[axis])
        assert scatter.figure.name_of(scatter.hovered_row) in scatter.accessibleDescription()
    with qtbot.waitSignal(scatter.clicked) as told:
        qtbot.keyClick(scatter, Qt.Key.Key_Return)
    assert told.args == [scatter.hovered_row]
    qtbot.keyClick(scatter, Qt.Key.Key_Space)
    assert scatter.figure.selected.tolist() == [scatter.hovered_row]


def test_the_windows_keys_stay_the_windows(scatter: Scatter) -> None:
    """Plain arrows step through the sentence and Space plays, unless the scatter itself has a use for them."""

    def claims(key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
        event.ignore()
        QApplication.sendEvent(scatter, event)
        return event.isAccepted()

    assert not claims(Qt.Key.Key_Right)
    assert claims(Qt.Key.Key_Right, CONTROL)
    assert not claims(Qt.Key.Key_Space)
    scatter.point_at(3)
    assert claims(Qt.Key.Key_Space)
    scatter.set_points(np.zeros((4, 3)))
    assert claims(Qt.Key.Key_Right)
    assert not claims(Qt.Key.Key_Space)


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
@pytest.mark.parametrize("kind", ["none", "one", "equal", "line", "holes", "outlier"])
def test_degenerate_sets(theme: Theme, show: Show, qtbot: QtBot, kind: str, size: float) -> None:
    points = {
        "none": np.zeros((0, 2)), "one": np.array([[2.0, -3.0]]), "equal": np.full((40, 2), 7.0),
        "line": np.stack([np.arange(50.0), np.zeros(50)], axis=1),
        "holes": np.array([[0, 0], [np.nan, 1], [1, np.inf], [3, 2], [-np.inf, np.nan]]),
        "outlier": np.concatenate([POINTS, [[1e6, 1e6]]]),
    }[kind] * size  # fmt: skip
    scatter = Scatter(theme)
    scatter.set_points(points.astype(np.float32), [f"n{row}" for row in range(len(points))])
    show(scatter, 300, 200)
    finite = np.flatnonzero(np.isfinite(points).all(axis=1))
    for row in finite[:50].tolist():
        place = scatter.on_screen(row)
        assert scatter.rect().contains(place.toPoint())
        found = scatter.at(place)
        assert found is not None
        assert (scatter.on_screen(found) - place).manhattanLength() < 0.01
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Right, Qt.Key.Key_0):
        qtbot.keyClick(scatter, key)
        scatter.grab()
    scatter.choose(scatter.grid.in_rectangle(-np.inf, -np.inf, np.inf, np.inf), How.REPLACE)
    assert scatter.figure.selected.tolist() == finite.tolist()
    scatter.grab()
    if kind == "holes":
        assert scatter.grid.left_out == 3
        assert "without a place and left out: 3" in scatter.figure.notes()


def test_what_stands_out_is_named_and_does_not_overlap(scatter: Scatter) -> None:
    scatter.set_emphasis(Emphasis(4, (4, 8, 9, 2000), (30, 31, 32, 33, 34)))
    scatter.grab()
    rects = [rect for rect, _row in scatter.figure.marks]
    assert scatter.figure.marks[0][1] == 4
    assert len(rects) > 5
    assert not any(a.intersects(b) for n, a in enumerate(rects) for b in rects[:n])
    for label in scatter.figure.labels:
        assert not any(label.overlaps(r.left(), r.top(), r.right(), r.bottom()) for r in rects)
    assert "current: word4; nearest: word30, word31" in scatter.accessibleDescription()


def test_lines_lie_between_their_points(scatter: Scatter, pixel: Callable[..., tuple]) -> None:
    scatter.set_points(np.array([[0.0, 1], [4, 1], [4, 3]]))
    empty = pixel(scatter, (scatter.on_screen(0) + scatter.on_screen(1)) / 2)
    scatter.set_lines(between(scatter.figure.points.points, np.array([[0, 1]])))
    assert pixel(scatter, (scatter.on_screen(0) + scatter.on_screen(1)) / 2) != empty
    many = RANDOM.normal(size=(5000, 2))
    scatter.set_lines(Lines(many, many + 0.1, arrows=True))
    scatter.zoom(0.2)
    scatter.grab()
    assert "2,000 of 5,000 lines" in scatter.figure.notes()
    with pytest.raises(ValueError, match="lines from"):
        Lines(many, many[1:])


def test_a_cloud_turns_and_comes_to_rest(theme: Theme, show: Show, qtbot: QtBot) -> None:
    cloud = RANDOM.normal(size=(TURNING + 500, 3)).astype(np.float32)
    scatter = Scatter(theme)
    scatter.set_points(cloud, (), ("x", "y", "z"))
    show(scatter, 300, 300)
    outer = int(np.abs(cloud[:, 0]).argmax())
    before = scatter.on_screen(outer)
    assert len(scatter.grid) == len(cloud)
    QTest.mousePress(scatter, LEFT, PLAIN, QPoint(100, 100))
    QTest.mouseMove(scatter, QPoint(140, 120))
    scatter.grab()
    assert len(scatter.grid) == TURNING
    assert any(f"{TURNING:,} of {len(cloud):,} points, chosen at random" in note for note in scatter.figure.notes())
    QTest.mouseRelease(scatter, LEFT, PLAIN, QPoint(140, 120))
    assert len(scatter.grid) == len(cloud)
    assert (scatter.on_screen(outer) - before).manhattanLength() > 5
    row = scatter.at(scatter.on_screen(3))
    assert row is not None
    assert (scatter.on_screen(row) - scatter.on_screen(3)).manhattanLength() < 1
    qtbot.keyClick(scatter, Qt.Key.Key_Left)
    assert scatter.figure.points.turning
    qtbot.waitUntil(lambda: not scatter.figure.points.turning)
    scatter.set_perspective(True)
    scatter.grab()
    assert scatter.at(scatter.on_screen(5)) is not None


def test_colours_are_told_in_words_too(scatter: Scatter) -> None:
    scatter.set_colouring(categories_of("kind", ["verb", "noun", "noun"] * 1000))
    assert "coloured by kind: noun, verb" in scatter.accessibleDescription()
    scatter.set_colouring(numbers_of("frequency", np.arange(3000.0)))
    assert "coloured by frequency, from 0 to 2999" in scatter.accessibleDescription()
    scatter.set_colouring(None)
    assert "coloured" not in scatter.accessibleDescription()


def test_twice_the_text_is_laid_out_without_overlaps(theme: Theme, show: Show) -> None:
    theme.apply("light", 2.0)
    scatter = Scatter(theme)
    scatter.set_points(POINTS, NAMES, ("first (12 % of the variance)", "second (3 % of the variance)"))
    scatter.set_colouring(categories_of("kind", ["verb", "noun", "noun"] * 1000))
    show(scatter, 500, 400)
    scatter.grab()
    labels = scatter.figure.labels
    assert labels
    assert not any(a.overlaps(b.left, b.top, b.right, b.bottom) for n, a in enumerate(labels) for b in labels[:n])


def test_wrong_shapes_are_refused(scatter: Scatter) -> None:
    with pytest.raises(ValueError, match=r"\[n, 2\] or \[n, 3\]"):
        scatter.set_points(np.zeros((5, 4)))


def test_names_written_in_a_hurry_are_finer_when_the_view_rests(scatter: Scatter, qtbot: QtBot) -> None:
    assert not scatter.figure.names_owed
    for _ in range(4):
        scatter.zoom(1.4)
        scatter.repaint()
    assert scatter.figure.names_owed
    hurried = scatter.grab().toImage()
    qtbot.waitUntil(lambda: not scatter.figure.names_owed)
    scatter.repaint()
    fine = scatter.grab().toImage()
    assert fine != hurried
    scatter.redraw()
    assert scatter.grab().toImage() == fine
    assert len(scatter.figure.labels) > 8
