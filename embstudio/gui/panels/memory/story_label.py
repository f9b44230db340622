"""Sentences whose tokens are links; as high as they need, and never lower again while the width stays."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from embstudio.gui.panels.memory.story_words import LINK


class StoryLabel(QLabel):
    """step_picked(step): the person went to a token that is named (click, or Tab and Enter)."""

    step_picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("UnitStory")
        self.setAccessibleName("The current unit's story over the tokens")
        self.setToolTip(
            "Worked out from this unit's gates and states, as the layer reads: the largest new part; how long "
            "at least half of it lasts and the mean share kept a step; the largest loss; where it is largest outside."
        )
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setContentsMargins(8, 2, 8, 2)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.linkActivated.connect(lambda link: self.step_picked.emit(int(link.removeprefix(LINK))))

    def tell(self, html: str, *, fresh: bool = False) -> None:
        """Say something. fresh: of another layer or text; the height may shrink."""
        if html != self.text():
            self.setText(html)
        self._fit(0 if fresh else self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit(0)

    def _fit(self, least: int) -> None:
        self.setFixedHeight(max(least, self.heightForWidth(self.width()), 2 * self.fontMetrics().height()))
