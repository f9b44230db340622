"""The dialog that compares two ways, on a real comparison."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from embstudio.base.paths import models_dir
from embstudio.gui.parity.dialog import ParityDialog
from embstudio.gui.parity.table import _along
from embstudio.gui.style.theme import Theme
from embstudio.session.execution.parity import ParityRequest
from embstudio.session.models import Models
from embstudio.session.stop import Stop
from embstudio.stepper.probe import Probe
from tests.gui.conftest import OpenModel, OpenStudio

Show = Callable[[QWidget, int, int], None]


@pytest.fixture
def studio(open_model: OpenModel) -> OpenStudio:
    return open_model("sentiment-transformer", "The dog that I adopted was cute")


@pytest.fixture
def dialog(studio: OpenStudio, theme: Theme, show: Show, silent: None) -> ParityDialog:
    dialog = ParityDialog(studio, theme)
    show(dialog, 900, 600)
    return dialog


def answer(studio: OpenStudio) -> None:
    """As the worker would."""
    request = studio.asked[-1]
    assert isinstance(request, ParityRequest)
    studio.receive(Models().answer(request, Stop()))


def test_it_says_what_it_is_for_and_offers_what_rounds_otherwise(dialog: ParityDialog) -> None:
    assert dialog.a.currentText() == "CPU"
    assert dialog.b.currentText() == "CPU, float16"
    assert "in two ways" in dialog.said.text()
    assert not dialog.table.isVisible()


def test_a_comparison_from_the_click_to_the_lines(dialog: ParityDialog, studio: OpenStudio) -> None:
    dialog.compare.click()
    assert dialog.stop.isVisible()
    assert not dialog.compare.isVisible()
    assert "are being run" in dialog.said.text()
    answer(studio)
    assert dialog.compare.isVisible()
    found, lines = studio.parities.found, dialog.table.lines
    assert found is not None
    assert dialog.verdict.text().startswith("They agree: nowhere is the difference more than")
    assert "A: CPU (" in dialog.said.text()
    assert lines.rowCount() == len(found.points) == len(studio.document.opened.anatomy.points)  # type: ignore[union-attr]
    row = next(n for n, point in enumerate(found.points) if point.name == "blocks.1.resid_post")
    texts = [lines.data(lines.index(row, column)) for column in range(lines.columnCount())]
    assert texts[0] == "blocks.1.resid_post"
    assert texts[6] == "pos {}, d_model {}".format(*found.points[row].place)


def test_where_they_part_is_set_off_and_in_sight(dialog: ParityDialog, studio: OpenStudio) -> None:
    from dataclasses import replace

    dialog.compare.click()
    answer(studio)
    found = studio.parities.found
    assert found is not None
    place = len(found.points) - 3
    points = tuple(replace(point, share=1.0 if n == place else 1e-6) for n, point in enumerate(found.points))
    dialog.table.show_parity(replace(found, points=points))
    lines = dialog.table.lines
    assert "here they part" in str(lines.data(lines.index(place, 0)))
    assert lines.data(lines.index(place, 0), Qt.ItemDataRole.ForegroundRole) is not None
    assert lines.data(lines.index(place - 1, 0), Qt.ItemDataRole.ForegroundRole) is None
    assert dialog.table.viewport().rect().contains(dialog.table.visualRect(lines.index(place, 0)))


def test_a_click_on_a_line_shows_that_value(dialog: ParityDialog, studio: OpenStudio, qtbot: QtBot) -> None:
    dialog.compare.click()
    answer(studio)
    found = studio.parities.found
    assert found is not None
    row = next(n for n, point in enumerate(found.points) if point.name == "blocks.1.attn.z")
    dialog.table.scrollTo(dialog.table.lines.index(row, 0))
    at = dialog.table.visualRect(dialog.table.lines.index(row, 0)).center()
    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert studio.probe == Probe("blocks.1.attn.z", found.points[row].place)
    assert studio.cursor.layer == 1


def test_what_cannot_be_compared_is_told_in_words(dialog: ParityDialog, studio: OpenStudio, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes((models_dir() / "toy-lstm" / "model.onnx").read_bytes())
    dialog.offer_file(str(other))
    assert dialog.b.currentText() == "other.onnx" or "other" in dialog.b.currentText()
    dialog.offer_file(str(tmp_path / "nothing.onnx"))
    dialog.compare.click()
    request = studio.asked[-1]
    assert isinstance(request, ParityRequest)
    assert request.other.path == other


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_it_fits_into_a_small_window(studio: OpenStudio, theme: Theme, show: Show, scale: float, silent: None) -> None:
    theme.apply("light", scale)
    parent = QWidget()
    show(parent, 1024, 700)
    dialog = ParityDialog(studio, theme, parent)
    dialog.show()
    dialog.compare.click()
    answer(studio)
    assert dialog.width() <= 1024
    assert dialog.height() <= 700


def test_bars_are_logarithms() -> None:
    assert [_along(share) for share in (0, 1e-8, 1e-4, 1, float("inf"))] == [0, 0, 0.5, 1, 1]
