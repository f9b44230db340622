"""Draw embstudio.png and embstudio.ico from embstudio.svg: `python docs/draw_icon.py`."""

from __future__ import annotations

import os
import struct
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "icons"
PNG_SIZE = 256
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)


def drawn(renderer: QSvgRenderer, size: int) -> bytes:
    """The icon at size × size pixels, as the bytes of a PNG."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    contents = QByteArray()
    buffer = QBuffer(contents)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(contents.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """An .ico that holds PNGs: a header, one 16-byte entry a picture (size 256 is written as 0), then the PNGs."""
    offset = 6 + 16 * len(pictures)
    entries, bodies = b"", b""
    for size, png in pictures.items():
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(png), offset + len(bodies))
        bodies += png
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + bodies


def main() -> None:
    application = QGuiApplication([])
    renderer = QSvgRenderer(str(FOLDER / "embstudio.svg"))
    (FOLDER / "embstudio.png").write_bytes(drawn(renderer, PNG_SIZE))
    (FOLDER / "embstudio.ico").write_bytes(ico({size: drawn(renderer, size) for size in ICO_SIZES}))
    application.quit()


if __name__ == "__main__":
    main()
