"""A passage to read: rich text, as wide as lines are read well, with links that the keyboard reaches too."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from embstudio.gui.panels.wrapped_label import WrappedLabel


class ReadingLabel(WrappedLabel):
    """term_wanted(term): its link was followed. `tell` says of a claim how it was worked out."""

    term_wanted = Signal(str)
    claim_asked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent, quiet=False)
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a table is no reason to be wider
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )  # fmt: skip
        self.linkActivated.connect(self._follow)
        self.linkHovered.connect(self._hover)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setVisible(bool(text))

    def tell(self, words: str) -> None:
        """Say something where the mouse is."""
        QToolTip.showText(QCursor.pos(), words, self)

    def _follow(self, link: str) -> None:
        kind, _, name = link.partition(":")
        if kind == "term":
            self.term_wanted.emit(name)
        elif kind == "claim":
            self.claim_asked.emit(name)

    def _hover(self, link: str) -> None:
        kind, _, name = link.partition(":")
        if kind == "claim":
            self.claim_asked.emit(name)
        elif not link:
            QToolTip.hideText()
