"""Figures as files, read back with Qt's own readers and an XML parser."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from embstudio.base.errors import StudioError
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.export import export_figure
from embstudio.gui.plots.scatter.hand import Tool
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.tools import ScatterTools
from embstudio.gui.style.theme import Theme

pytestmark = pytest.mark.usefixtures("silent")

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def scatter(theme: Theme, show: Callable[..., None]) -> Scatter:
    scatter = Scatter(theme)
    points = np.random.default_rng(0).normal(size=(200, 2))
    scatter.set_points(points, [f"word{row}" for row in range(200)], ("across", "up"))
    scatter.set_emphasis(Emphasis(3))
    show(scatter, 400, 300)
    return scatter


def test_a_png_has_twice_the_pixels(scatter: Scatter, tmp_path: Path) -> None:
    export_figure(scatter, tmp_path / "figure.png")
    image = QImage(str(tmp_path / "figure.png"))
    assert (image.width(), image.height()) == (800, 600)
    place = scatter.on_screen(3)
    assert image.pixelColor(int(2 * place.x()), int(2 * place.y())) == scatter.theme.colour("accent")


def test_few_points_are_shapes_and_names_are_text(scatter: Scatter, tmp_path: Path) -> None:
    export_figure(scatter, tmp_path / "figure.SVG")
    root = ElementTree.parse(tmp_path / "figure.SVG").getroot()
    assert root.get("viewBox") == "0 0 400 300"
    shapes = [*root.iter(f"{SVG}circle"), *root.iter(f"{SVG}ellipse")]
    assert len(shapes) == 201  # and the disc of the current one
    assert not list(root.iter(f"{SVG}image"))
    texts = ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]
    assert "word3" in texts
    assert {"across →", "↑ up"} <= set(texts)
    assert sum(text.startswith("word") for text in texts) > 7
    renderer = QSvgRenderer(str(tmp_path / "figure.SVG"))
    assert renderer.isValid()


def test_many_points_are_one_picture(scatter: Scatter, tmp_path: Path) -> None:
    scatter.set_points(np.random.default_rng(0).normal(size=(30_000, 2)), [f"w{row}" for row in range(30_000)])
    export_figure(scatter, tmp_path / "figure.svg")
    root = ElementTree.parse(tmp_path / "figure.svg").getroot()
    (image,) = root.iter(f"{SVG}image")
    (link,) = (value for name, value in image.attrib.items() if name.endswith("href"))
    assert link.startswith("data:image/png;base64,")
    assert not list(root.iter(f"{SVG}circle"))
    assert list(root.iter(f"{SVG}text"))


def test_what_cannot_be_written_is_said(scatter: Scatter, tmp_path: Path, qtbot: QtBot) -> None:
    with pytest.raises(StudioError, match=r"\.docx"):
        export_figure(scatter, tmp_path / "figure.docx")
    tools = ScatterTools(scatter)
    qtbot.addWidget(tools)
    with qtbot.waitSignal(tools.failed) as told:
        tools.save(tmp_path / "missing" / "figure.png")
    assert "missing" in told.args[0].where
    with qtbot.waitSignal(tools.saved) as written:
        tools.save(tmp_path / "figure.png")
    assert Path(written.args[0]).is_file()


def test_the_menu_chooses_the_tool(scatter: Scatter, qtbot: QtBot) -> None:
    tools = ScatterTools(scatter)
    qtbot.addWidget(tools)
    names = set()
    for tool in reversed(Tool):
        tools.actions_of[tool].trigger()
        assert scatter.hand.tool is tool
        assert [each for each, action in tools.actions_of.items() if action.isChecked()] == [tool]
        names.add(tools.tools.accessibleName())
    assert len(names) == len(Tool)
    scatter.theme.apply("light")
    tools.restyle()
    image = tools.tools.icon().pixmap(64).toImage()
    inks = {image.pixelColor(x, 32).name() for x in range(64) if image.pixelColor(x, 32).alpha() == 255}
    assert inks == {QColor(scatter.theme.colours.text).name()}
