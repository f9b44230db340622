"""The Lab: small models that are trained before one's eyes, each on a bench of its own."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.room import give_room
from embstudio.gui.panels.scroll_body import ScrollBody


@dataclass(frozen=True)
class Bench:
    """A page of the Lab: `page`, of `module`, is made from studio and theme when it is first looked at."""

    name: str
    tip: str
    module: str
    page: str


_HERE = "embstudio.gui.panels.lab"
BENCHES = (
    Bench("Word2vec", "Words become vectors by the words around them (Mikolov et al. 2013)",
          f"{_HERE}.word2vec_page", "Word2vecPage"),
    Bench("Pairs", "Vectors are pulled together and pushed apart by pairs that you label SAME or DIFFERENT",
          f"{_HERE}.pairs_page", "PairsPage"),
    Bench("Topics", "What documents are about, by LSA and by LDA, from which words stand in which of them",
          f"{_HERE}.topics_page", "TopicsPage"),
    Bench("Sentences", "Two texts as bag of words, shares, pairs of words and a model's vectors: where they part",
          f"{_HERE}.ladder_page", "LadderPage"),
    Bench("Recurrent", "An RNN, a GRU and an LSTM learn to remember, side by side: where gradients vanish and explode",
          f"{_HERE}.recurrent_page", "RecurrentPage"),
    Bench("Scaling", "Parameters, memory and training cost of a model of any shape, and the published scaling laws",
          f"{_HERE}.scaling_page", "ScalingPage"),
)  # fmt: skip


class Restyled(Protocol):
    """What the panel asks of a page."""

    def restyle(self) -> None:
        """Colours or fonts changed."""
        ...


class LabPanel(Panel):
    """Needs no model: it has its own."""

    title = "Lab"
    follows_model = False

    def build(self) -> None:
        self._made: dict[str, QWidget] = {}
        self.benches = PageTabs([(each.name, each.tip) for each in BENCHES], self)
        self.benches.setObjectName("LabBenches")
        self.benches.setAccessibleName("Bench")
        self.benches.setVisible(self.benches.count() > 1)
        self._stack = QStackedWidget()
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.benches)
        column.addWidget(self._stack, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ScrollBody(whole, "labScroll"))
        self.benches.currentChanged.connect(self._show)
        self._show(self.benches.currentIndex())

    def show_bench(self, name: str) -> QWidget:
        """Look at a bench; its page. Raises ValueError where there is none of that name."""
        place = [each.name for each in BENCHES].index(name)
        if place == self.benches.currentIndex():
            self._show(place)
        else:
            self.benches.setCurrentIndex(place)
        return self._made[name]

    def _show(self, place: int) -> None:
        bench = BENCHES[place]
        if bench.name not in self._made:
            page = getattr(import_module(bench.module), bench.page)(self.studio, self.theme)
            self._made[bench.name] = page
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(self._made[bench.name])
        give_room(self._stack)

    def restyle(self) -> None:
        page: Restyled
        for page in self._made.values():  # type: ignore[assignment]
            page.restyle()
