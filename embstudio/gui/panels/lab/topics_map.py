"""Documents and words in one plot, for LSA and for LDA."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QVBoxLayout, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.lab.glide import Glide
from embstudio.gui.panels.lab.topics_figure import colouring_of, order_of, outline_of, places_of
from embstudio.gui.panels.lab.topics_sight import Drawn, Shares
from embstudio.gui.panels.lab.topics_words import topic_name
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.lsa import Lsa

BOTH, LSA, LDA = "both", "LSA", "LDA"
_PAIRS = ((0, 1), (1, 2), (0, 2))  # components, of LSA's plot
_NO_LDA = "LDA: Run or Step first"


class TopicsMap(QWidget):
    """Documents are squares, words dots; colours are LDA's topics in both plots. picked(document)."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._corpus: Corpus | None = None
        self._lsa: Lsa | None = None
        self._shares: Shares | None = None
        self._document = 0
        self._names: tuple[str, ...] = ()
        self.documents = self.words = np.zeros(0, np.intp)  # which are drawn
        bar = FlowRow(self)
        self.shown = QComboBox(self)
        self.shown.setObjectName("labMapShown")
        self.shown.setAccessibleName("Which plot")
        self.shown.addItems([BOTH, LSA, LDA])
        self.shown.setCurrentText(LSA)
        self.shown.setToolTip("Which plot is shown. Until you choose, it goes along with the pages")
        self.shown.activated.connect(lambda _: self._keep())
        self.shown.currentIndexChanged.connect(lambda _: self._choose())
        self._chosen = False  # by the person
        self._glide = Glide(self._place, self)
        self.pair = QComboBox(self)
        self.pair.setObjectName("labMapComponents")
        self.pair.setAccessibleName("Components of LSA's plot")
        self.pair.setToolTip("Which of LSA's components are the axes. The first is often what all have in common.")
        self.pair.addItems([f"components {a + 1} and {b + 1}" for a, b in _PAIRS])
        self.pair.currentIndexChanged.connect(lambda _: self._draw_lsa())
        for widget in (self.shown, self.pair):
            bar.flow.addWidget(widget)
        self.lsa, self.lsa_caption, self._lsa_side = self._plot("labLsaMap", "Documents and words by LSA")
        self.lda, self.lda_caption, self._lda_side = self._plot("labLdaMap", "Documents and words by LDA")
        self._plots = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for side in (self._lsa_side, self._lda_side):
            self._plots.addWidget(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(bar)
        column.addLayout(self._plots, 1)
        self._choose()

    def suggest(self, plot: str) -> None:
        """Show the plot that goes with what is looked at, unless the person has chosen one."""
        if not self._chosen and not (plot in (LDA, BOTH) and self._shares is None):
            self.shown.setCurrentText(plot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() > 1.2 * self.height()
        self._plots.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the documents and words that are drawn."""
        return self._names

    @property
    def has_shares(self) -> bool:
        """Whether LDA has something to show."""
        return self._shares is not None

    def show_corpus(self, corpus: Corpus | None) -> None:
        """Take other documents."""
        self._corpus, self._lsa, self._shares, self._document = corpus, None, None, 0
        if corpus is not None:
            drawn = Drawn.of(corpus)
            self.documents, self.words = drawn.documents, drawn.words
            names = [corpus.names[at] for at in self.documents.tolist()]
            self._names = (*names, *(corpus.words[at] for at in self.words.tolist()))
        else:
            self.documents = self.words = np.zeros(0, np.intp)
            self._names = ()
        self._draw_lsa()
        self._draw_lda()

    def show_lsa(self, lsa: Lsa | None) -> None:
        """Take another decomposition."""
        self._lsa = lsa
        self._draw_lsa()

    def show_shares(self, shares: Shares | None, tops: Sequence[str] = ()) -> None:
        """Take what LDA has now. tops: the most likely words of each topic, for the legend."""
        before, self._shares = self._shares, shares
        if shares is None:
            self.suggest(LSA)
        self._draw_lda()
        if shares is not None and len(self.lsa.figure.points):
            self.lsa.set_colouring(colouring_of(shares, tops, corners=False))
        elif before is not None:
            self.lsa.set_colouring(None)
        if shares is not None and len(self.lda.figure.points):
            self.lda.set_colouring(colouring_of(shares, tops, corners=True))

    def set_document(self, document: int) -> None:
        """Mark a document."""
        self._document = document
        for scatter in (self.lsa, self.lda):
            if len(scatter.figure.points):
                scatter.set_emphasis(self._emphasis())

    def restyle(self) -> None:
        """Colours or fonts changed."""
        for scatter in (self.lsa, self.lda):
            scatter.restyle()

    def _draw_lsa(self) -> None:
        lsa, scatter = self._lsa, self.lsa
        self.pair.setEnabled(lsa is not None and lsa.ranks > 2)
        if lsa is None or lsa.ranks < 1:
            scatter.set_points(np.zeros((0, 2), np.float32))
            self.lsa_caption.setText("LSA: nothing to show yet")
            return
        pair = _PAIRS[self.pair.currentIndex()]
        documents, words = lsa.plotted()
        points = np.zeros((len(self._names), 2), np.float32)
        both = np.vstack([documents[self.documents], words[self.words]])
        axes = []
        for axis, component in enumerate(pair):
            if component < lsa.ranks:
                points[:, axis] = both[:, component]
                share = float(lsa.values[component] ** 2 / lsa.total)
                axes.append(f"component {component + 1} · {percent(share)}")
            else:
                axes.append("no more components")
        scatter.set_points(points, self._names, tuple(axes))
        scatter.set_emphasis(self._emphasis())
        if self._shares is not None:
            scatter.set_colouring(colouring_of(self._shares, (), corners=False))
        self.lsa_caption.setText(
            "LSA: documents (squares) at U√σ, words at V√σ: over all components, the dot product of two is their cell"
            + self._left_out()
        )

    def _draw_lda(self) -> None:
        shares, scatter = self._shares, self.lda
        if shares is None:
            self._glide.stop()
            scatter.set_points(np.zeros((0, 2), np.float32))
            self.lda_caption.setText(_NO_LDA)
            return
        K = shares.theta.shape[1]
        names = (*self._names, *(topic_name(topic) for topic in range(K)))
        points = places_of(shares)
        if tuple(scatter.figure.names) == names:
            self._glide.to(points, at_once=not scatter.isVisible())
        else:
            self._glide.stop()
            scatter.set_points(points, names, ("", ""), order_of(shares))
            scatter.set_lines(outline_of(K))
            self._glide.to(points, at_once=True)
        scatter.set_emphasis(self._emphasis())
        self.lda_caption.setText(
            "LDA: documents (squares) by their shares of topics, words by their chance of each; a corner is one topic"
            + ("" if K <= 3 else ". With more than 3 topics, different mixtures share a place")
            + self._left_out()
        )

    def _place(self, points: np.ndarray) -> None:
        """Put LDA's points there; what is selected and the view stay."""
        scatter, shares = self.lda, self._shares
        if shares is None or len(points) != len(scatter.figure.names):
            return
        scatter.figure.points = PointSet(points, order_of(shares))
        scatter.figure.forget_points()
        if scatter.view.fitted:
            scatter.fit()
        else:
            scatter.redraw()

    def _emphasis(self) -> Emphasis:
        D = len(self.documents)
        here = np.flatnonzero(self.documents == self._document)
        return Emphasis(int(here[0]) if len(here) else None, tuple(range(D)))

    def _choose(self) -> None:
        shown = self.shown.currentText()
        self._lsa_side.setVisible(shown in (BOTH, LSA))
        self._lda_side.setVisible(shown in (BOTH, LDA))
        self.pair.setVisible(shown in (BOTH, LSA))

    def _keep(self) -> None:
        self._chosen = True

    def _left_out(self) -> str:
        """That not all are drawn, if so."""
        corpus = self._corpus
        if corpus is None or len(self._names) == len(corpus.names) + len(corpus.words):
            return ""
        return (
            f". {len(self.documents):,} of {len(corpus.names):,} documents and {len(self.words):,} of "
            f"{len(corpus.words):,} words, the most frequent"
        )

    def _plot(self, name: str, about: str) -> tuple[Scatter, ElidedLabel, QWidget]:
        side = QWidget(self)
        scatter = Scatter(self.theme, side)
        scatter.setObjectName(name)
        scatter.setAccessibleName(about)
        scatter.clicked.connect(self._on_click)
        caption = ElidedLabel("", side)
        caption.setObjectName(f"{name}Caption")
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(scatter, 1)
        column.addWidget(caption)
        return scatter, caption, side

    def _on_click(self, row: int) -> None:
        if row < len(self.documents):
            self.picked.emit(int(self.documents[row]))
