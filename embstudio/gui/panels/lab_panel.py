"""The Lab: small models that are trained before one's eyes, each on a bench of its own."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.scroll_body import ScrollBody


class LabPanel(Panel):
    """Needs no model: it has its own."""

    title = "Lab"
    follows_model = False

    def build(self) -> None:
        from embstudio.gui.panels.lab.word2vec_page import Word2vecPage

        self.word2vec = Word2vecPage(self.studio, self.theme)
        self.benches = PageTabs([(self.word2vec.name, self.word2vec.tip)], self)
        self.benches.setObjectName("LabBenches")
        self.benches.setAccessibleName("Bench")
        self.benches.setVisible(self.benches.count() > 1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.benches)
        column.addWidget(self.word2vec, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ScrollBody(whole, "labScroll"))

    def restyle(self) -> None:
        self.word2vec.restyle()
