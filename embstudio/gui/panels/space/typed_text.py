"""A typed text among the points of the map: where it lies, and what of the set is nearest to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QPointF, QTimer, Signal

from embstudio.gui.binding import bind
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.distance_words import name_of
from embstudio.gui.panels.space.kin_words import kin_words
from embstudio.gui.panels.space.map_picture import MapPicture
from embstudio.gui.panels.space.near_side import NearSide
from embstudio.gui.panels.space.preparation import Preparation
from embstudio.gui.panels.space.standing import Standing
from embstudio.gui.panels.space.text_line import Offer, TextLine
from embstudio.gui.plots.scatter.emphasis import Emphasis
from embstudio.gui.plots.scatter.guest import Guest
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.session.messages import Pooling
from embstudio.space.guest_place import among, on_axes
from embstudio.space.prepared_set import PreparedSet
from embstudio.space.projection import pca
from embstudio.studio import Studio
from embstudio.studio.kinship import Kin, Verdict

ASKER = "map text"
PAUSE_MS = 250  # in typing, after which a text is placed
LOOKED_FOR = "The vector of the text is on its way…"
EXACT = "◆ the text, where its vector lies"
GUESS = "◆ the text, about where its {} true nearest lie: a guess"
NOWHERE = "The text has no place in this picture: its nearest are not drawn."
ROOM = 12  # pixels from the sides of the map to the text
_GUESSED_FROM = 12  # true neighbours that a guess is made from
_ASKED = 400  # of them looked at, where not all points are drawn


@dataclass(frozen=True, eq=False)
class _Found:
    """The nearest rows of a text. x: its vector as it is compared, float64. beside, distances_beside: its nearest by
    the picture's metric, for a guess. axes: [2, width] of the worker's picture."""

    prepared: PreparedSet
    key: tuple[object, ...]
    x: np.ndarray
    rows: list[int]
    distances: list[float]
    beside: np.ndarray
    distances_beside: np.ndarray
    axes: np.ndarray | None


class TypedText(QObject):
    """Of what one looks at, where the open model made it (`studio.kinship`). left(): one stands at the text no more.
    failed(StudioError).

    One stands at the text from when it is typed until one goes to a point.
    """

    left = Signal()
    failed = Signal(object)

    def __init__(
        self, studio: Studio, standing: Standing, preparation: Preparation, picture: MapPicture, side: NearSide,
        scatter: Scatter, line: TextLine, parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._studio, self._standing, self._preparation = studio, standing, preparation
        self._picture, self._side, self._map, self._line = picture, side, scatter, line
        self._stays = False  # one stands at the text
        self._trusted: object = None  # the set that the person says the model made
        self._found: _Found | None = None
        self._asked: tuple[object, ...] | None = None
        self._answers = Answers(self)
        self._answers.answered.connect(self._take)
        self._answers.failed.connect(self.failed)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.go)
        line.field.textEdited.connect(lambda _text: self._pause.start())
        line.field.returnPressed.connect(self.go)
        line.field.textChanged.connect(lambda text: None if text.strip() else self.go())
        preparation.ready.connect(lambda _prepared: self._follow_if_seen())
        picture.changed.connect(self._follow_if_seen)
        bind(self, studio.embedding.changed, self._follow_if_seen)
        bind(self, studio.kinship.changed, self._follow_if_seen)
        bind(self, studio.vector_walk.changed, self._on_walk)
        bind(self, studio.cursor.changed, lambda _place, _previous: self._on_cursor())

    @property
    def busy(self) -> bool:
        """Whether what is typed is not placed yet."""
        return self._pause.isActive() or self._answers.busy

    @property
    def text(self) -> str:
        """What is typed."""
        return self._line.field.text().strip()

    @property
    def here(self) -> bool:
        """Whether one stands at the text. In a file, too, where one has gone nowhere yet."""
        nowhere = not self._studio.vector_sets.is_model and self._studio.vector_walk.row is None
        return bool(self.text) and (self._stays or nowhere)

    def go(self) -> None:
        """Stand at the text, or no more where there is none."""
        self._pause.stop()
        self._stays = bool(self.text)
        if self._stays:
            self._studio.vector_walk.go(None)
        self.follow()

    def follow(self) -> None:
        """Find where the text lies and its nearest, unless they are known; say what stands in the way."""
        embedding, text = self._studio.embedding, self.text
        self._line.field.setVisible(embedding.available or embedding.can_pool)
        embedding.want(*([text] if text else []), asker=ASKER)
        if not text or self._line.field.isHidden():
            self._line.say("")
            self._forget()
            return
        self._studio.kinship.want()
        verdict = self._studio.kinship.verdict
        trusted = verdict.kin is Kin.OTHER and self._trusted is self._studio.vector_sets.active
        why = "" if trusted else kin_words(self._studio, verdict)
        refusal, made = embedding.refusal(text), embedding.made(text)
        if why:
            self._line.say(why, *self._offers(verdict))
            self._forget()
        elif refusal is not None:
            self._line.say(f"{refusal.what} {refusal.advice}".strip())
            self._forget()
        elif made is None or (verdict.kin is not Kin.SAME and not trusted):
            self._line.say(LOOKED_FOR if self._found is None else "")
        else:
            self._line.say(f"Only the first {made.limit:,} of {made.tokens:,} tokens are read." if made.cut else "")
            self._find(verdict.fitted(made.vector))

    def show(self) -> bool:
        """Mark and list the nearest of the text, if one stands at it. Returns whether one does."""
        found = self._found
        if found is None or not self.here or found.prepared.set is not self._studio.vector_sets.active:
            return False
        if len(self._map.figure.points) == len(self._standing.words):
            self._map.set_emphasis(Emphasis(None, self._standing.tokens, tuple(found.rows)))
        comparison = self._studio.vector_walk.comparison
        said = f"nearest to the text ‘{name_of(self.text)}’"
        self._side.heading.setText(f"{said}, {comparison.words}" if comparison.words else said)
        near = [(self._standing.word(row), distance) for row, distance in zip(found.rows, found.distances, strict=True)]
        self._side.show_near(found.rows, near, comparison.metric)
        return True

    # Finding -------------------------------------------------------------------------------------------------------

    def _find(self, vector: np.ndarray) -> None:
        active, comparison = self._studio.vector_sets.active, self._studio.vector_walk.comparison
        assert active is not None
        prepared = self._preparation.of(active, comparison.changes)
        if prepared is None:
            self._preparation.want(active, comparison.changes)
            return  # it comes here again when they are ready
        count, metric, workers = comparison.count, comparison.metric, self._picture.from_worker
        by = metric if self._is_linear else self._picture.metric
        key = (prepared, vector.tobytes(), metric, count, by, workers)
        if self._found is not None and self._found.key == key:
            self._place()
        elif self._asked != key:
            self._asked = key
            axes = self._found.axes if self._found is not None and self._found.prepared is prepared else None

            def find() -> _Found:
                x = prepared.transform(vector[None])[0].astype(np.float64)
                rows, distances = prepared.finder(metric).of_vectors(x[None], count)
                beside, lengths = prepared.finder(by).of_vectors(x[None], _ASKED)
                own = pca(prepared.vectors).axes if workers and axes is None else axes
                return _Found(
                    prepared, key, x, rows[0].tolist(), distances[0].tolist(), beside[0], lengths[0], own
                )  # fmt: skip

            self._answers.ask(lambda _check: find())

    @property
    def _is_linear(self) -> bool:
        """Whether the picture gives every vector its place by a formula."""
        latest = self._picture.latest
        return self._picture.from_worker or (latest is not None and latest.snapshot.axes is not None)

    def _take(self, found: _Found) -> None:
        if found.key == self._asked:
            self._found = found
            self._place()
            self._bring_into_sight()

    def _place(self) -> None:
        """Put the text where it lies in the picture there is, and list its nearest."""
        self._map.set_guest(self._guest())
        self.show()

    def _guest(self) -> Guest | None:
        found, points = self._found, self._map.figure.points.points
        assert found is not None
        latest = self._picture.latest
        of_picture = self._picture.from_worker or self._picture.prepared is found.prepared
        if not of_picture or len(points) != len(found.prepared.vectors):
            return None
        drawn = np.isfinite(points[found.beside]).all(axis=1)
        beside, distances = found.beside[drawn], found.distances_beside[drawn]
        if not len(beside):
            self._line.say(NOWHERE)
            return None
        axes = found.axes if self._picture.from_worker else latest.snapshot.axes if latest is not None else None
        if axes is not None:
            nearest = int(beside[0])
            place = on_axes(found.x, axes, found.prepared.vectors[nearest].astype(np.float64), points[nearest])
            caption = EXACT
        else:
            place = among(points[beside[:_GUESSED_FROM]].astype(np.float64), distances[:_GUESSED_FROM])
            caption = GUESS.format(min(len(beside), _GUESSED_FROM))
        near = points[found.rows]
        lines = near[np.isfinite(near).all(axis=1)] if self.here else near[:0]
        return Guest(place, name_of(self.text), lines, caption, self.here)

    def _bring_into_sight(self) -> None:
        guest = self._map.figure.guest
        if guest is None:
            return
        at = self._map.where(guest.place)
        room = self._map.rect()
        if not room.adjusted(ROOM, ROOM, -ROOM, -ROOM).contains(at.toPoint()):
            away = QPointF(room.center()) - at
            self._map.pan(away.x(), away.y())

    def _forget(self) -> None:
        had, self._found, self._asked = self._found, None, None
        self._answers.forget()
        self._map.set_guest(None)
        if had is not None:
            self.left.emit()

    # What happens --------------------------------------------------------------------------------------------------

    def _follow_if_seen(self) -> None:
        if self._map.isVisible() and self.text:
            self.follow()

    def _on_walk(self) -> None:
        """One went to a point, or vectors are compared otherwise."""
        if self._studio.vector_walk.row is not None:
            self._leave()

    def _on_cursor(self) -> None:
        if self._studio.vector_sets.is_model:
            self._leave()

    def _leave(self) -> None:
        stood, self._stays = self._stays, False
        if self._found is not None:
            self._map.set_guest(self._guest())
            if stood:
                self.left.emit()

    def _trust(self) -> None:
        """The person knows that the model made the set."""
        self._trusted = self._studio.vector_sets.active
        self.go()

    def _offers(self, verdict: Verdict) -> list[Offer]:
        """What can be done where a text has no place."""
        studio = self._studio
        if verdict.kin is Kin.NO_MODEL:
            return [("mapTextMean", "Mean of the tokens", lambda: studio.set_pooling(Pooling("mean")))]
        offers: list[Offer] = [("mapTextMake", "Make vectors…", studio.vector_sets.making.wanted.emit)]
        if verdict.kin is Kin.OTHER and not studio.vector_sets.is_model:
            offers.append(("mapTextTrust", "Place it all the same", self._trust))
        return offers
