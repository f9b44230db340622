"""The header of the Gradient panel: which page, its tools, whether T is kept, and what is seen in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.page_tabs import PageTabs

TELLING = 380  # pixels that the sentence wants, or it gets a line of its own
KEEP = (
    "Keep looking back from it while the cursor goes on: the cursor's token is then the one told of.\n"
    "Otherwise T is the cursor's token."
)


class GradientHeader(FlowRow):
    """page_chosen(place), kept(bool), numbers_wanted(bool): the person's choice."""

    page_chosen = Signal(int)
    kept = Signal(bool)
    numbers_wanted = Signal(bool)

    def __init__(
        self, pages: Sequence[tuple[str, str]], tools: Sequence[QWidget], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, tail=TELLING)
        self.pages = PageTabs(pages, self)
        self.pages.setObjectName("GradientPages")
        self.pages.setAccessibleName("How gradients are shown")
        self.pages.currentChanged.connect(self.page_chosen)
        self.keep = self._toggle("GradientKeep", "&Keep T", KEEP)
        self.keep.toggled.connect(self.kept)
        self.numbers = self._toggle("GradientNumbers", "&Numbers", "Show a table of the numbers instead of the picture")
        self.numbers.toggled.connect(self.numbers_wanted)
        self.telling = ElidedLabel()
        self.telling.setObjectName("GradientTelling")
        self.flow.setContentsMargins(4, 0, 4, 0)
        for widget in (self.pages, *tools, self.keep, self.numbers, self.telling):
            self.flow.addWidget(widget)

    def set_last(self, label: str, *, kept: bool) -> None:
        """Name T."""
        self.keep.setText(f"&Kept: T = ‘{label[:12]}’" if kept else "&Keep T")
        self.keep.setToolTip(f"T is ‘{label}’. {KEEP}")
        self.keep.blockSignals(True)
        self.keep.setChecked(kept)
        self.keep.blockSignals(False)

    def _toggle(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setAccessibleName(text.replace("&", ""))
        button.setToolTip(tip)
        button.setCheckable(True)
        return button
