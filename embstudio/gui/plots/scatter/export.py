"""The figure as a file: PNG in twice the pixels of the screen, or SVG with shapes and text that can be edited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRect, QSize
from PySide6.QtGui import QImage, QPainter

from embstudio.base.errors import StudioError
from embstudio.gui.plots.scatter.scatter import Scatter

PNG_RATIO = 2.0
KINDS = {".png": "PNG picture", ".svg": "SVG figure"}


def export_figure(scatter: Scatter, path: Path) -> None:
    """Write what a scatter shows to a .png or .svg file. In an SVG up to 20,000 points in sight are shapes of their
    own, more are one picture within it; names are text in both cases.

    Raises StudioError for another ending, or where the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        what = f"Figures are not written as “{path.suffix or path.name}”."
        raise StudioError(what, where=str(path), advice="End the name in .png or .svg.")
    scatter.draw_all()
    data = png_of(scatter) if kind == ".png" else svg_of(scatter)
    try:
        path.write_bytes(data)
    except OSError as error:
        what, advice = "The figure could not be written.", "Choose a folder that may be written to."
        raise StudioError(what, where=str(path), advice=advice, detail=str(error)) from error


def png_of(scatter: Scatter, ratio: float = PNG_RATIO) -> bytes:
    """The figure as PNG, `ratio` pixels to one of the widget."""
    size = scatter.size() * ratio
    image = QImage(size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(scatter.theme.colour("panel"))
    painter = QPainter(image)
    scatter.figure.paint(painter, replace(scatter.view), ratio)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def svg_of(scatter: Scatter) -> bytes:
    """The figure as SVG, its ground filled."""
    from PySide6.QtSvg import QSvgGenerator  # only whoever exports waits for it

    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(scatter.width(), scatter.height()))
    generator.setViewBox(QRect(0, 0, scatter.width(), scatter.height()))
    generator.setTitle(scatter.accessibleName())
    generator.setDescription(scatter.accessibleDescription())
    # At 96 dots an inch a point of type is as large as on the screen.
    generator.setResolution(scatter.logicalDpiX())
    painter = QPainter(generator)
    painter.fillRect(scatter.rect(), scatter.theme.colour("panel"))
    scatter.figure.paint(painter, replace(scatter.view), PNG_RATIO, vector=True)
    painter.end()
    return bytes(buffer.data().data())
