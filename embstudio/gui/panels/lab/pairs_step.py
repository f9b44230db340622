"""The account of the last step, and which pair is next."""

from __future__ import annotations

from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from embstudio.gui.panels.lab.pairs_words import account_html, account_said
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.lab.pairs.bench import About, Facts
from embstudio.lab.pairs.pair_list import LABELS
from embstudio.lab.pairs.settings import Settings

_NOT_YET = (
    "Step learns from one pair: it measures the distance, compares it with the threshold, and moves both vectors "
    "together or apart. All of that is shown here with its numbers."
)
_RUN = "A run takes the same steps, one after another. Pause and step, or take a slower pace, to see each."


class PairsStep(QWidget):
    """`show_facts` after each report; `show_nothing` where there is no training."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.next = WrappedLabel("", self)
        self.next.setObjectName("labNext")
        self.account = QTextBrowser(self)
        self.account.setObjectName("labPairAccount")
        self.account.setAccessibleName("What the last step did")
        self.account.setFrameShape(QTextBrowser.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.account, 1)
        column.addWidget(self.next)
        self._html = ""
        self.show_nothing()

    def show_nothing(self) -> None:
        """Say what to do."""
        self.next.setText("")
        self._set(f"<p>{_NOT_YET}</p>")

    def show_facts(self, facts: Facts, about: About, settings: Settings, *, hurried: bool) -> None:
        """Tell of the last step, and of what comes next. hurried: steps come too fast to be read."""
        names, items = about.items.names, about.items
        account = facts.account
        if facts.next and not hurried:
            told = [f"{names[a]} and {names[b]} ({LABELS[not items.same[pair]]})"
                    for pair, (a, b) in ((each, items.ends[each].tolist()) for each in facts.next)]  # fmt: skip
            self.next.setText(f"Next: {' with '.join(told)}")
        else:
            self.next.setText("")
        if account is None or hurried:
            self._set(f"<p>{_RUN}</p>" if hurried else f"<p>{_NOT_YET}</p><p>{_RUN}</p>")
            self.account.setAccessibleDescription("")
            return
        font = self.theme.mono("small")
        mono = f"font-family:'{font.family()}';font-size:{font.pointSizeF():g}pt"
        self._set(account_html(account, names, settings, mono, self.theme.colours))
        self.account.setAccessibleDescription(account_said(account, names, settings))

    def _set(self, html: str) -> None:
        if html != self._html:
            self._html = html
            bar = self.account.verticalScrollBar()
            at = bar.value()
            self.account.setHtml(html)
            bar.setValue(at)
