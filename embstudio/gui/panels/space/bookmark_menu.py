"""The bookmarks of the map as a menu: keep this place, go to one, remove one."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QInputDialog, QMenu, QToolButton, QWidget

from embstudio.gui.panels.space.map_bookmarks import MapBookmarks
from embstudio.studio import Studio
from embstudio.studio.bookmarks import Bookmark

_LETTERS = 60  # of a name in the menu


class BookmarkMenu(QToolButton):
    """A button with a star; what it lists is looked up when it opens."""

    def __init__(self, studio: Studio, places: MapBookmarks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._places = studio, places
        self.setObjectName("mapBookmarks")
        self.setText("★")
        self.setAccessibleName("Bookmarks")
        self.setToolTip("Bookmarks: keep the set, the place, the picture and the selection, and come back to them")
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")  # it would lie over the star
        self.menu_of = QMenu(self)
        self.menu_of.setToolTipsVisible(True)
        self.keep = self.menu_of.addAction("Bookmark this place…")
        self.keep.setShortcut(QKeySequence("Ctrl+D"))
        self.keep.triggered.connect(lambda _checked=False: self.ask())
        self.removal = QMenu("Remove", self)
        self.removal.setToolTipsVisible(True)
        self.menu_of.aboutToShow.connect(self.fill)
        self.setMenu(self.menu_of)
        self.addAction(self.keep)  # its keys work while the menu is closed

    def fill(self) -> None:
        """List what there is now."""
        for action in self.menu_of.actions()[1:]:
            self.menu_of.removeAction(action)
        self.removal.clear()
        self.keep.setEnabled(bool(self._places.suggestion))
        self.menu_of.addSeparator()
        kept = self._studio.bookmarks.all
        if not kept:
            self.menu_of.addAction("No bookmarks yet").setEnabled(False)
        for bookmark in reversed(kept):
            for menu, do in ((self.menu_of, self._places.go), (self.removal, self._studio.bookmarks.remove)):
                action = menu.addAction(_title(bookmark))
                action.setToolTip(_tip(bookmark))
                action.triggered.connect(partial(_call, do, bookmark))
        if kept:
            self.menu_of.addSeparator()
            self.menu_of.addMenu(self.removal)

    def ask(self) -> None:
        """Ask for a name, and keep the place under it."""
        suggestion = self._places.suggestion
        if not suggestion:
            return
        question = QInputDialog(self)
        question.setObjectName("bookmarkName")
        question.setWindowTitle("Bookmark this place")
        question.setLabelText("Name of the bookmark; one of the same name is replaced:")
        question.setTextValue(suggestion)
        question.textValueSelected.connect(lambda name: self._places.add(name.strip() or suggestion))
        question.finished.connect(question.deleteLater)
        question.open()


def _call(do: object, bookmark: Bookmark, _checked: bool = False) -> None:
    assert callable(do)
    do(bookmark)


def _title(bookmark: Bookmark) -> str:
    name = bookmark.name if len(bookmark.name) <= _LETTERS else f"{bookmark.name[: _LETTERS - 1]}…"
    return name.replace("&", "&&")


def _tip(bookmark: Bookmark) -> str:
    metric = bookmark.comparison.get("metric", "")
    said = [bookmark.file or f"words of {bookmark.model}", f"{bookmark.total:,} vectors"]
    said += [f"at ‘{bookmark.word}’"] if bookmark.row is not None else []
    said += [", ".join(filter(None, (bookmark.picture, str(metric), bookmark.colour)))]
    said += ["with a selection"] if bookmark.selected else []
    return "\n".join(said)
