"""The sentence with its window, and the account of the last step."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from embstudio.gui.panels.lab.account_words import account_html, account_said
from embstudio.gui.panels.lab.sentence_words import other_place, sentence_html, sentence_said
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.lab.word2vec.bench import Facts
from embstudio.lab.word2vec.settings import SOFTMAX, Settings
from embstudio.lab.word2vec.vocabulary import Vocabulary

_NOT_YET = "Step learns from one pair of words, and shows here what it does: scores, errors, and how each vector moves."
_RUN = "A run learns from 8 words at once. Pause and step to see one pair at a time."

_THREADS = (
    "gensim's threads learn from thousands of words at a time, and tell of none. To see one pair, take our own trainer "
    "(on the page Text) and Reset."
)


class StepView(QWidget):
    """`show_facts` after each report; `show_nothing` where there is no training."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.sentence = WrappedLabel("", self, quiet=False)
        self.sentence.setObjectName("labSentence")
        self.sentence.setTextFormat(Qt.TextFormat.RichText)
        self.account = QTextBrowser(self)
        self.account.setObjectName("labAccount")
        self.account.setAccessibleName("What the last step did")
        self.account.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.account.setLineWrapMode(QTextBrowser.LineWrapMode.WidgetWidth)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sentence)
        column.addWidget(self.account, 1)
        self._html = ""
        self.show_nothing()

    def show_nothing(self) -> None:
        """Say what to do."""
        self.sentence.setText("")
        self._set(f"<p>{_NOT_YET}</p>")

    def show_facts(self, facts: Facts, vocabulary: Vocabulary, settings: Settings) -> None:
        """Tell of the last step, or of what comes next."""
        if facts.threads:
            self.sentence.setText("")
            self._set(f"<p>{_THREADS}</p>")
            return
        account, words, colours = facts.account, vocabulary.words, self.theme.colours
        here = facts.account_at if account is not None else facts.here
        if here is not None:
            other = other_place(account, here)
            self.sentence.setText(sentence_html(here, words, other, colours))
            self.sentence.setAccessibleDescription(sentence_said(here, words, other))
        if account is None:
            self._set(f"<p>{_NOT_YET}</p><p>{_RUN}</p>")
            return
        softmax = settings.loss == SOFTMAX
        font = self.theme.mono("small")
        mono = f"font-family:'{font.family()}';font-size:{font.pointSizeF():g}pt"
        self._set(account_html(account, words, softmax=softmax, mono=mono, colours=colours))
        self.account.setAccessibleDescription(account_said(account, words))

    def _set(self, html: str) -> None:
        if html != self._html:
            self._html = html
            self.account.setHtml(html)
