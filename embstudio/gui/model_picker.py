"""The models one can open: the bundled and the added ones by title, recent files, and any file of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from embstudio.base.settings import Settings
from embstudio.gui.binding import bind
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.studio import Studio


class ModelPicker(QToolButton):
    """A button that says which model is open; its menu opens another. `file_wanted` asks for the file dialog."""

    file_wanted = Signal()
    card_wanted = Signal()

    def __init__(self, studio: Studio, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelPicker")
        self.setAccessibleName("Model")
        self.setToolTip("The open model. Click to open another, or drop an .onnx file on the window.")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._studio = studio
        self._settings = settings
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self.fill)
        self.setMenu(self._menu)
        bind(self, studio.document_changed, self._show)
        self._show()

    def fill(self, menu: QMenu | None = None) -> None:
        """Put the models of this moment into a menu (its own by default)."""
        menu = menu or self._menu
        menu.clear()
        self._list(menu, "Bundled models", catalogue.bundled())
        self._list(menu, "Added models", catalogue.added())
        if self._settings.recent:
            menu.addSection("Recent files")
            for path in self._settings.recent:
                action = menu.addAction(_short(path))
                action.setToolTip(path)
                action.triggered.connect(lambda _checked=False, path=path: self._studio.open(path))
        menu.addSeparator()
        menu.addAction("Open a file…").triggered.connect(self.file_wanted)
        about = menu.addAction("What is this model?")
        about.setEnabled(self._studio.document is not None)
        about.triggered.connect(self.card_wanted)

    def _list(self, menu: QMenu, section: str, sources: Sequence[ModelSource]) -> None:
        if sources:
            menu.addSection(section)
        for source in sources:
            tip = source.card.summary if source.card else str(source.card_fault or "")
            action = menu.addAction(source.title)
            action.setToolTip(_wrapped(tip))
            action.setCheckable(True)
            action.setChecked(self._studio.document is not None and self._studio.document.source == source)
            action.triggered.connect(lambda _checked=False, source=source: self._studio.open(source))

    def _show(self) -> None:
        document = self._studio.document
        self.setText(f"{document.source.title}  " if document else "Opening…  ")


def _short(path: str) -> str:
    """The folder and file name: enough to tell two model.onnx apart."""
    return str(Path(*Path(path).parts[-2:]))


def _wrapped(text: str) -> str:
    """As rich text, which Qt's tooltips wrap."""
    return f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>" if text else ""
