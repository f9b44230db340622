"""LDA as it sorts: the words of a document with their topics, and the account of the last step."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from embstudio.gui.panels.lab.topics_sight import TopicsSight
from embstudio.gui.panels.lab.topics_words import (
    account_html,
    account_said,
    document_html,
    topics_html,
)
from embstudio.gui.style.theme import Theme
from embstudio.lab.topics.bench import Facts
from embstudio.lab.topics.corpus import Corpus

_NOT_YET = (
    "LDA begins with a guess: each word of each document is put into a topic by chance. Step takes one word out and "
    "sorts it again, by how much of each topic its document has, and how much of the word each topic has. Run does so "
    "with all words, again and again: topics of words that stand together form by themselves."
)


class TopicsStep(QWidget):
    """`show_seen` after each report; `show_nothing` where nothing is sorted."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.told = QTextBrowser(self)
        self.told.setObjectName("labTopicsStep")
        self.told.setAccessibleName("Words and their topics, and what the last step did")
        self.told.setFrameShape(QTextBrowser.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.told, 1)
        self._html = ""
        self.show_nothing()

    def show_nothing(self) -> None:
        """Say what to do."""
        self._set(f"<p>{_NOT_YET}</p>")

    def show_seen(
        self, corpus: Corpus, sight: TopicsSight, arrays: tuple[np.ndarray, ...], facts: Facts, document: int
    ) -> None:
        """Show the document of the last step, or the one that is chosen."""
        z, tokens, starts = arrays[0], sight.tokens, sight.starts
        account, colours = facts.account, self.theme.colours
        if account is not None:
            document = account.document
        low, high = int(starts[document]), int(starts[document + 1])
        here = account.token if account is not None else None
        said = document_html(corpus, document, tokens[low:high], z[low:high], low, here, colours)
        if low == high:
            said = f"{said}<p>No word of this document is counted.</p>"
        if account is not None:
            font = self.theme.mono("small")
            mono = f"font-family:'{font.family()}';font-size:{font.pointSizeF():g}pt"
            said += account_html(account, corpus, mono, colours)
            self.told.setAccessibleDescription(account_said(account, corpus))
        else:
            self.told.setAccessibleDescription("")
            said += "<p>Pause and step to see one word at a time.</p>"
        said += topics_html(sight.tops, sight.sizes.tolist(), colours)
        self._set(said)

    def _set(self, html: str) -> None:
        if html == self._html:
            return
        self._html = html
        bar = self.told.verticalScrollBar()
        at = bar.value()
        self.told.setHtml(html)
        bar.setValue(at)
