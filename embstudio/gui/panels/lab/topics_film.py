"""LDA's plot by epoch, as pictures of an animation."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from embstudio.gui.panels.lab.topics_figure import colouring_of, order_of, outline_of, places_of
from embstudio.gui.panels.lab.topics_sight import Drawn, shares_of, top_words
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.figure import Figure
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.style.theme import Theme
from embstudio.lab.bench import State
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.gibbs import Gibbs, topic_words
from embstudio.lab.topics.settings import Settings

_AROUND = 8.0  # pixels
_EDGE = 0.12  # room around the corners, for their names


class TopicsFilm:
    """See `film.Film`. recall(epoch): what was kept of it; told(epoch): what stands beside the epoch."""

    def __init__(
        self,
        theme: Theme,
        epochs: tuple[int, int],
        recall: Callable[[int], State],
        corpus: Corpus,
        settings: Settings,
        names: Sequence[str],
        told: Callable[[int], str],
    ) -> None:
        self.epochs = epochs
        self._recall, self._corpus, self._settings, self._told = recall, corpus, settings, told
        self._theme = copy.copy(theme)
        self._drawn = Drawn.of(corpus)
        self._gibbs: Gibbs | None = None
        self._figure = Figure(self._theme)
        self._figure.names, self._figure.axes = tuple(names), ("", "")
        self._figure.lines = outline_of(settings.topics)
        self._figure.emphasis = Emphasis(marked=tuple(range(len(self._drawn.documents))))

    def paint(self, painter: QPainter, width: int, height: int, epoch: int) -> None:
        z = self._recall(epoch).arrays[0]
        if self._gibbs is None:
            self._gibbs = Gibbs(self._corpus, self._settings.topics, z)
        gibbs, theme, figure = self._gibbs, self._theme, self._figure
        gibbs.take(z)
        shares = shares_of(gibbs.n_dk, gibbs.n_wk, self._settings.alpha, self._settings.beta, self._drawn)
        tops = top_words(topic_words(gibbs.n_wk, self._settings.beta), self._corpus.words, 5)
        painter.fillRect(0, 0, width, height, theme.colour("panel"))
        line = QFontMetricsF(theme.font("large", bold=True)).height() + 4
        self._write(painter, QRectF(_AROUND, 2, width - 2 * _AROUND, line), epoch)
        small = QFontMetricsF(theme.font("small")).height() + 2
        bottom = small * min(6, len(tops))
        painter.save()
        painter.translate(0, line)
        view = PlaneView(width=width, height=max(1, round(height - line - bottom)))
        figure.points = PointSet(places_of(shares), order_of(shares))
        figure.colouring = colouring_of(shares, (), corners=True)
        figure.forget_points()
        (left, low), (right, high) = figure.bounds
        view.fit_whole((left - _EDGE, low - _EDGE), (right + _EDGE, high + _EDGE))
        figure.paint(painter, view, 1.0)
        painter.restore()
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("muted"))
        for topic, words in enumerate(tops[:6]):
            place = QRectF(_AROUND, height - bottom + topic * small, width - 2 * _AROUND, small)
            text = f"topic {topic + 1}: {', '.join(word for word, _ in words)}"
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, text)

    def _write(self, painter: QPainter, line: QRectF, epoch: int) -> None:
        """The epoch, and what is told of it."""
        theme = self._theme
        painter.setFont(theme.font("large", bold=True))
        painter.setPen(theme.colour("text"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, f"epoch {epoch:,}")
        painter.setFont(theme.font("large"))
        painter.setPen(theme.colour("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._told(epoch))
