"""The nearest of some words, and whether an analogy comes out: both change as training goes on."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetricsF, QPalette
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.lab.word2vec.sight import AnalogyAnswer, Question, Sight

_USUAL = "king, dog, bread, tea, red"
_ANALOGY = ("king", "man", "woman", "queen")
_MOST = 12  # words asked for
_NEAR, _NEAR_IN_LITTLE_ROOM, _ROOMY = 5, 3, 66  # of each; letters of a line from which there is room for all
_TERM = 9  # letters that a term of the analogy shows


class NearView(QWidget):
    """changed(): other words are asked for; `question` says which."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.words = QLineEdit(_USUAL, self)
        self.words.setObjectName("labWords")
        self.words.setAccessibleName("Words whose nearest are told, with commas between them")
        self.words.setPlaceholderText("Words, with commas between them")
        self.words.editingFinished.connect(self.changed)
        self.near = WrappedLabel("", self, quiet=False)
        self.near.setObjectName("labNear")
        self.verdict = WrappedLabel("", self, quiet=False)
        self.verdict.setObjectName("labVerdict")
        asking = FlowRow(self)
        heading = QLabel("Analogy", asking)
        heading.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        asking.setToolTip("The nearest to a − b + c. The word expected is looked for among them, and is no part of the "
                          "sum. The page Loss shows how it comes to the front.")  # fmt: skip
        asking.flow.addWidget(heading)
        self.terms: list[QLineEdit] = []
        for place, (sign, name, word) in enumerate(
            zip(("", "−", "+", "= ?"), ("a", "b", "c", "the word expected"), _ANALOGY, strict=True)
        ):
            if sign:
                asking.flow.addWidget(QLabel(sign, asking))
            term = QLineEdit(word, asking)
            term.setObjectName(f"labTerm{place + 1}")
            term.setAccessibleName(f"Analogy a − b + c: {name}")
            term.editingFinished.connect(self.changed)
            self.terms.append(term)
            asking.flow.addWidget(term)
        self._fit_terms()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._heading("Nearest words, by the cosine of input vectors"))
        column.addWidget(self.words)
        column.addWidget(self.near)
        column.addWidget(asking)
        column.addWidget(self.verdict)
        column.addStretch(1)

    @property
    def question(self) -> Question:
        """What is asked, in lower case."""
        words = [word.strip().lower() for word in self.words.text().split(",")]
        a, b, c, expected = (term.text().strip().lower() for term in self.terms)
        return Question(tuple(dict.fromkeys(word for word in words if word))[:_MOST], (a, b, c, expected))

    def show_sight(self, sight: Sight | None) -> None:
        """Tell what came out; None: nothing was trained."""
        if sight is None:
            self.near.setText("Run or step first: then each word's nearest stand here, and change as it learns.")
            self.verdict.setText("")
            return
        muted = self.theme.colours.muted
        lines = []
        letters = self.width() / QFontMetricsF(self.font()).averageCharWidth()
        shown = _NEAR if letters > _ROOMY else _NEAR_IN_LITTLE_ROOM
        for each in sight.nearest:
            if not each.known:
                lines.append(f"<b>{escape(each.word)}</b> <span style='color:{muted}'>is not in the text</span>")
                continue
            near = " · ".join(
                f"{escape(word)} <span style='color:{muted}'>{cosine:.2f}</span>" for word, cosine in each.near[:shown]
            )
            lines.append(f"<b>{escape(each.word)}</b> → {near}")
        self.near.setText("<br>".join(lines))
        self.verdict.setText(self._verdict(sight.analogy) if sight.analogy is not None else "")

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self._fit_terms()

    def _fit_terms(self) -> None:
        """All four in one line of a narrow page."""
        wide = round(_TERM * QFontMetricsF(self.theme.font()).averageCharWidth()) + 14
        for term in self.terms:
            term.setFixedWidth(wide)

    def _verdict(self, answer: AnalogyAnswer) -> str:
        a, b, c, expected = (escape(word) for word in self.question.analogy)
        if answer.unknown:
            return f"Not in the text: {escape(', '.join(answer.unknown))}"
        best = " · ".join(f"{escape(word)} {four(cosine)}" for word, cosine in answer.best)
        asked = f"{a} − {b} + {c} → {best}"
        if answer.rank is None:
            said = ""
        elif answer.right:
            said = f"<br><b>✓ {expected} comes first.</b>"
        else:
            said = f"<br><b>✗ {expected} comes at place {answer.rank:,}, not first.</b>"
        return f"{asked}{said}<br>Left out as the words asked with; with them in, {escape(answer.first)} comes first."

    def _heading(self, text: str) -> WrappedLabel:
        label = WrappedLabel(text, self)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        return label
