"""What the panel shows while nothing is watched: what it is for, and examples that can be taken as they are."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QTextBrowser, QWidget

from embstudio.gui.style.theme import SIZES, Theme

PURPOSE = "Watch values at every step, and stop playing where a condition holds. Type one above, or take one of these:"


class ExamplesLabel(QTextBrowser):
    """chosen(text): an example was clicked, or Enter pressed on it."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("watchExamples")
        self.setAccessibleName("Examples")
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.document().setDocumentMargin(8)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._theme = theme
        self._examples: list[tuple[str, str]] = []
        self.anchorClicked.connect(self._on_anchor)

    def show_examples(self, examples: Sequence[tuple[str, str]]) -> None:
        """Take the expressions, each with what it means."""
        self._examples = list(examples)
        self.restyle()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        mono, muted = self._theme.mono("small"), self._theme.colours.muted
        small = f"font-size:{round(10 * SIZES['small'] * self._theme.scale)}pt"
        code = f"font-family:'{mono.family()}';font-size:{mono.pointSizeF()}pt;text-decoration:none"
        lines = [
            f'<p style="margin:6px 0 0 0"><a href="#{at}" style="{code}">{escape(text)}</a><br>'
            f'<span style="{small};color:{muted}">{escape(meaning)}</span></p>'
            for at, (text, meaning) in enumerate(self._examples)
        ]
        self.setHtml(f'<p style="color:{muted};margin:0">{PURPOSE}</p>' + "".join(lines))

    def _on_anchor(self, url: QUrl) -> None:
        self.chosen.emit(self._examples[int(url.fragment())][0])
