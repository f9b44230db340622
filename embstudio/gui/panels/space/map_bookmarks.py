"""Bookmarks of the map: made of what it shows, and come back to, with the vectors read again where need be."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from embstudio.formulas.distances import METRICS
from embstudio.gui.panels.space.map_controls import CLUSTERS, MapControls
from embstudio.gui.panels.space.map_picture import MapPicture
from embstudio.gui.panels.space.near_side import MOST
from embstudio.gui.panels.space.standing import Standing
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.space.files.options import LoadOptions
from embstudio.space.row_ranges import ranges_of, rows_of
from embstudio.studio import Notice, Severity, Studio
from embstudio.studio.bookmarks import Bookmark
from embstudio.studio.vector_walk import Comparison

LONGEST = 200_000  # letters of a selection that are kept: the settings are one small file


class MapBookmarks(QObject):
    """going(): a bookmark is gone to, and the map should be seen. changed(): what is drawn and coloured is another."""

    going = Signal()
    changed = Signal()

    def __init__(
        self,
        studio: Studio,
        standing: Standing,
        scatter: Scatter,
        controls: MapControls,
        picture: MapPicture,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._studio, self._standing, self._map, self._controls = studio, standing, scatter, controls
        self._wanted: Bookmark | None = None  # once its vectors are there
        self._selection: tuple[object, np.ndarray] | None = None  # whose, once they are drawn
        self._picture = picture
        picture.changed.connect(self._select)

    @property
    def suggestion(self) -> str:
        """A name for what is shown now; "" where there is nothing."""
        words, row = self._standing.words, self._standing.row
        if not len(words):
            return ""
        chosen = len(self._map.figure.selected)
        said = [self._standing.word(row).strip()] if row is not None else []
        said += [f"{chosen:,} selected"] if chosen else []
        return f"{', '.join(said) or 'all'} in {self._studio.vector_sets.title}"

    def add(self, name: str) -> None:
        """Keep the set, the place, the comparison, the picture and the selection. Nothing, where there is nothing."""
        if not self.suggestion:
            return
        sets, walk, words, row = self._studio.vector_sets, self._studio.vector_walk, self._standing.words, self._row
        chosen = self._map.figure.selected
        selected = ranges_of(chosen)
        if len(selected) > LONGEST:
            self._inform(f"The bookmark is kept without the {len(chosen):,} selected points, which are too many.",
                         "Save the selection to a file instead.")  # fmt: skip
            chosen, selected = chosen[:0], ""
        self._studio.bookmarks.add(
            Bookmark(
                name,
                file=str(sets.chosen.path) if sets.chosen is not None else "",
                options=_options_text(sets.chosen.options) if sets.chosen is not None else {},
                model=self._model if sets.chosen is None else "",
                total=len(words),
                row=row,
                word=words[row] if row is not None else "",
                comparison=asdict(walk.comparison),
                picture=self._controls.picture.currentText(),
                colour=self._controls.colour.currentText(),
                clusters=self._controls.clusters.count.value() if self._controls.colour_of == CLUSTERS else 0,
                selected=selected,
                spelling=_spelling(words, chosen),
            )
        )

    def go(self, bookmark: Bookmark) -> None:
        """Come back to it: its vectors are read, or its model opened, where they are not. What is missing is said."""
        sets, file = self._studio.vector_sets, Path(bookmark.file or bookmark.model)
        open_set = next((each for each in sets.open_sets if self._is_of(bookmark, each)), None)
        if bookmark.file and open_set is not None:
            sets.choose(open_set)
        elif bookmark.file and file.exists():
            sets.open(file, _options_of(bookmark.options))
        elif not bookmark.file and self._model == bookmark.model:
            sets.choose(None)
        elif not bookmark.file and (file.exists() or not file.is_absolute()):  # a bundled model has a name only
            sets.choose(None)
            self._studio.open(bookmark.model)
        else:
            self._miss(bookmark, "file" if bookmark.file else "model", file)
            return
        self._wanted = bookmark
        self.going.emit()
        self.follow()

    def follow(self) -> None:
        """Vectors came or are others: if they are those of the bookmark that is gone to, go there."""
        bookmark = self._wanted
        if bookmark is None:
            return
        if not self._is_here(bookmark) or not len(self._standing.words):
            if self._studio.vector_sets.loading.path is None and not self._studio.busy and not self._is_here(bookmark):
                self._wanted = None  # it could not be read, or the person went on to something else
            return
        self._wanted = None
        self._apply(bookmark)

    def _apply(self, bookmark: Bookmark) -> None:
        words, controls, walk = self._standing.words, self._controls, self._studio.vector_walk
        row, selected, complaint = _found(bookmark, words)
        if complaint:
            self._inform(complaint)
        for box, text in ((controls.picture, bookmark.picture), (controls.colour, bookmark.colour)):
            if box.findText(text) >= 0:
                box.setCurrentText(text)
        if bookmark.clusters:
            controls.clusters.set_count(bookmark.clusters)
        self._selection = (self._standing.whose, selected)
        walk.compare(**_comparison_of(bookmark.comparison))
        walk.go(row)
        self.changed.emit()
        self._select()

    def _select(self) -> None:
        """Select what the bookmark says, as soon as the points are there."""
        if self._selection is None:
            return
        whose, rows = self._selection
        if whose != self._standing.whose:
            self._selection = None
        elif self._picture.whose == whose and len(self._map.figure.points) == len(self._standing.words):
            self._selection = None
            self._map.select(rows)

    @property
    def _row(self) -> int | None:
        """Where one walked to; None where one follows the current token."""
        return self._standing.row if self._studio.vector_walk.row is not None else None

    @property
    def _model(self) -> str:
        document = self._studio.document
        return (document.source.name or str(document.source.path.resolve())) if document is not None else ""

    def _is_here(self, bookmark: Bookmark) -> bool:
        chosen = self._studio.vector_sets.chosen
        if bookmark.file:
            return chosen is not None and self._is_of(bookmark, chosen)
        return chosen is None and bool(self._model) and self._model == bookmark.model

    def _is_of(self, bookmark: Bookmark, open_set: Any) -> bool:
        return str(open_set.path) == bookmark.file and _options_text(open_set.options) == dict(bookmark.options)

    def _miss(self, bookmark: Bookmark, what: str, file: Path) -> None:
        self._inform(f"The {what} of the bookmark “{bookmark.name}” is not there any more: {file}.",
                     "Put it back there, or remove the bookmark.")  # fmt: skip

    def _inform(self, text: str, advice: str = "") -> None:
        self._studio.noticed.emit(Notice(Severity.WARNING, text, advice))


def _found(bookmark: Bookmark, words: Sequence[str]) -> tuple[int | None, np.ndarray, str]:
    """The row and the selected rows among these words, and what must be said where they are others than before."""
    row, nothing = bookmark.row, np.zeros(0, np.intp)
    if row is not None and (row >= len(words) or words[row] != bookmark.word):
        row = words.index(bookmark.word) if bookmark.word in words else None
    try:
        selected = rows_of(bookmark.selected, len(words))
    except ValueError:
        selected = None
    moved = bookmark.total != len(words)
    if selected is None or _spelling(words, selected) != bookmark.spelling:
        return row, nothing, "These vectors are others than when the bookmark was made: its selection is left out."
    if row is None and bookmark.row is not None:
        return row, selected, f"There is no ‘{bookmark.word}’ among these vectors any more."
    if moved:
        return row, selected, f"There are {len(words):,} vectors now, and were {bookmark.total:,} when it was made."
    return row, selected, ""


def _spelling(words: Sequence[str], rows: np.ndarray) -> int:
    """Whether the selected words are the same again."""
    return zlib.crc32("\n".join(words[row] for row in rows.tolist()).encode("utf-8", "surrogatepass"))


def _options_text(options: LoadOptions) -> dict[str, Any]:
    """What a person asked for in reading."""
    usual = LoadOptions()
    asked = {each.name: getattr(options, each.name) for each in fields(LoadOptions)}
    return {
        name: str(value) if isinstance(value, Path) else value
        for name, value in asked.items()
        if value != getattr(usual, name)
    }


def _options_of(kept: Mapping[str, Any]) -> LoadOptions:
    usual = LoadOptions()
    known = {each.name for each in fields(LoadOptions)}
    asked: dict[str, Any] = {
        name: Path(value) if name == "metadata" else value for name, value in kept.items() if name in known
    }
    return replace(usual, **asked)


def _comparison_of(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What can be used of it: settings are a file that people may edit."""
    usual = Comparison()
    return {
        each.name: kept[each.name]
        for each in fields(Comparison)
        if type(kept.get(each.name)) is type(getattr(usual, each.name))
        and (each.name != "metric" or kept[each.name] in METRICS)
        and (each.name != "count" or 1 <= kept[each.name] <= MOST)
    }
