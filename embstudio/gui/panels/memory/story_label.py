"""Sentences whose tokens are links; as high as they need, and never lower again while the width stays."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from embstudio.gui.panels.memory.story_words import LINK


class StoryLabel(QWidget):
    """step_picked(step): the person went to a token that is named (click, or Tab and Enter).

    The label lies in a widget without a layout: one whose height depends on its width makes the scroll area around the
    panel take everybody's wishes for needs.
    """

    step_picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QLabel(self)
        self.label.setObjectName("UnitStory")
        self.label.setAccessibleName("The current unit's story over the tokens")
        self.label.setToolTip(
            "Worked out from this unit's gates and states, as the layer reads: the largest new part; how long "
            "at least half of it lasts and the mean share kept a step; the largest loss; where it is largest outside."
        )
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setContentsMargins(8, 2, 8, 2)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.label.linkActivated.connect(lambda link: self.step_picked.emit(int(link.removeprefix(LINK))))

    def text(self) -> str:
        """What is said, as HTML."""
        return self.label.text()

    def tell(self, html: str, *, fresh: bool = False) -> None:
        """Say something. fresh: of another layer or text; the height may shrink."""
        if html != self.text():
            self.label.setText(html)
        self._fit(0 if fresh else self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.label.resize(event.size())
        if event.size().width() != event.oldSize().width():
            self._fit(0)

    def _fit(self, least: int) -> None:
        self.setFixedHeight(max(least, self.label.heightForWidth(self.width())))
