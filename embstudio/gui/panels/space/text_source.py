"""Which model makes the vectors of texts, and how; or why the open one makes none, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.session.messages import Pooling
from embstudio.studio import Studio

SENTENCES = "sentences"  # the bundled model that is offered where the open one makes no vector of a text
NO_MODEL = "No model is open: open one that makes a vector of a text."
NO_TOKENIZER = "{} was opened without a tokenizer, so it reads numbers and no texts. Open it again with its tokenizer."
NO_WAY = "{} makes a vector of each token, and nothing says how they become one for the whole text. Choose a way:"
NO_VECTOR = "{} makes no vector of a whole text. Open a model that does."


class TextSource(QWidget):
    """Follows the studio when told to (`follow`)."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.setObjectName("TextSource")
        self.said = ElidedLabel("", self)
        self.said.setObjectName("TextSourceSaid")
        self.said.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.refusal = WrappedLabel("", self)
        self.refusal.setObjectName("TextSourceRefusal")
        self.offers = FlowRow(self)
        self.mean = self._offer("TextMean", "Mean of the tokens", "The mean of all tokens' vectors", "mean")
        self.first = self._offer("TextFirst", "First token", "The first token's vector, [CLS] in BERT's kin", "cls")
        self.last = self._offer("TextLast", "Last token", "The last token's vector, as decoders are used", "lasttoken")
        self.open = self._button("TextOpen", "Open Sentence vectors", "Open the bundled model for sentences",
                                 lambda: studio.open(SENTENCES))  # fmt: skip
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 0)
        column.setSpacing(4)
        column.addWidget(self.said)
        column.addWidget(self.refusal)
        column.addWidget(self.offers)
        self.follow()

    def follow(self, steps: tuple[str, ...] = (), width: int | None = None) -> None:
        """Say what is so now. steps, width: of the vectors, where one was made."""
        embedding, document = self._studio.embedding, self._studio.document
        pools = embedding.can_pool and not embedding.available
        for each in (self.mean, self.first, self.last):
            each.setVisible(pools)
        self.open.setVisible(not embedding.available)
        self.offers.setVisible(not embedding.available)
        self.said.setVisible(embedding.available)
        self.refusal.setVisible(not embedding.available)
        if document is None:
            self.refusal.setText(NO_MODEL)
        elif embedding.available:
            how = f", {width:,} numbers each: {', then '.join(steps)}" if width is not None else ""
            self.said.setText(f"Vectors by {document.source.title}{how}.")
        elif document.opened.tokenizer is None:
            self.refusal.setText(NO_TOKENIZER.format(document.source.title))
        else:
            self.refusal.setText((NO_WAY if pools else NO_VECTOR).format(document.source.title))

    def _offer(self, name: str, text: str, tip: str, mode: str) -> QPushButton:
        return self._button(name, text, tip, lambda: self._studio.set_pooling(Pooling(mode)))

    def _button(self, name: str, text: str, tip: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self.offers)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.clicked.connect(lambda _checked=False: do())
        self.offers.flow.addWidget(button)
        return button
