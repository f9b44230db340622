"""The controls of the page of contexts: the word, the layer, what is done to the vectors, and what is told of them."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.space.context_examples_button import ContextExamplesButton
from embstudio.gui.panels.space.context_map import ContextMap
from embstudio.gui.panels.space.context_words import CENTRED_TIP
from embstudio.gui.panels.space.layer_control import LayerControl
from embstudio.gui.plots.scatter.tools import ScatterTools
from embstudio.gui.style.theme import Theme

PAUSE_MS = 300  # in typing the word, after which it is looked for
LETTERS = 10  # that the word has room for
TAIL = 280  # pixels below which what is told of the layer has a line of its own
WORD_TIP = "The word to compare; it is found where it stands by itself, with large letters or small"
WAY_TIP = "Draw the way of the chosen point through all layers"


class ContextBar(FlowRow):
    """word_settled(): another word is typed, or Enter was pressed."""

    word_settled = Signal()

    def __init__(self, theme: Theme, scatter: ContextMap, parent: QWidget | None = None) -> None:
        super().__init__(parent, tail=TAIL)
        self._theme = theme
        self.word = QLineEdit(self)
        self.word.setObjectName("contextWord")
        self.word.setAccessibleName("The word to compare")
        self.word.setPlaceholderText("a word")
        self.word.setToolTip(WORD_TIP)
        self.examples = ContextExamplesButton(self)
        self.layers = LayerControl(theme, self)
        self.centre = self._check("contextCentred", "centred", CENTRED_TIP)
        self.way = self._check("contextWay", "way", WAY_TIP)
        self.way.setChecked(True)
        self.tools = ScatterTools(scatter, self)
        self.telling = ElidedLabel("", self)
        self.telling.setObjectName("contextTelling")
        self.flow.setContentsMargins(8, 0, 8, 0)
        for widget in (self.word, self.examples, self.layers, self.centre, self.way, self.tools, self.telling):
            self.flow.addWidget(widget)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.word_settled)
        self.word.textEdited.connect(lambda _text: self._pause.start())
        self.word.returnPressed.connect(self._settle)
        self.restyle()

    @property
    def settling(self) -> bool:
        """Whether a word is being typed."""
        return self._pause.isActive()

    @property
    def wanted(self) -> str:
        """The word, without spaces around it."""
        return " ".join(self.word.text().split())

    def set_usable(self, usable: bool) -> None:
        """Whether there is a model that could be asked."""
        for widget in (self.word, self.examples, self.centre, self.way, self.tools):
            widget.setEnabled(usable)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.word.setFixedWidth(self.fontMetrics().averageCharWidth() * LETTERS + 24)
        self.telling.setFont(self._theme.font("small"))
        self.layers.restyle()
        self.tools.restyle()

    def _settle(self) -> None:
        self._pause.stop()
        self.word_settled.emit()

    def _check(self, name: str, text: str, tip: str) -> QCheckBox:
        check = QCheckBox(text, self)
        check.setObjectName(name)
        check.setToolTip(tip)
        return check
