"""Where the two sets that are compared come from: open files, tables of models, texts that two models read."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.space.compare_sides import Side
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Studio
from embstudio.studio.paired_texts import TextVectors

Pair = tuple[Side, Side]


@dataclass(frozen=True)
class Sets:
    """The two, and what they are called. made: how the vectors were made, where they are those of texts."""

    sets: tuple[VectorSet, VectorSet]
    titles: tuple[str, str]
    made: tuple[TextVectors, TextVectors] | None = None


class CompareSource(QObject):
    """ready(Sets), failed(StudioError): what was wanted last. told(what, share or None): how far it is."""

    ready = Signal(object)
    failed = Signal(object)
    told = Signal(str, object)

    def __init__(self, studio: Studio, parent: QObject) -> None:
        super().__init__(parent)
        self._studio = studio
        self._wanted: Pair | None = None  # whose tables are on their way
        self._reads = False  # whether texts were asked for here
        self._files: list[VectorSet] = []  # of files that were compared
        bind(self, studio.model_tables.changed, self._on_tables)
        bind(self, studio.vector_sets.changed, self._on_tables)
        bind(self, studio.paired_texts.changed, self._on_texts)

    @property
    def busy(self) -> bool:
        return self._wanted is not None or self._reads

    def want_words(self, pair: Pair) -> None:
        """The words of both; what was refused before is asked for again."""
        self.give_up()
        tables = self._studio.model_tables
        for side in pair:
            if side.source is not None and tables.refusal(side.source) is not None:
                tables.want(side.source)
        self._wanted = pair
        self._on_tables()

    def want_texts(self, pair: Pair, texts: tuple[str, ...]) -> None:
        """Texts, as two models see them."""
        self.give_up()
        first, second = pair[0].source, pair[1].source
        assert first is not None
        assert second is not None
        self._reads = True
        self._studio.paired_texts.run(first, second, texts)

    def give_up(self) -> None:
        """Nobody waits any more."""
        self._wanted, self._reads = None, False
        self._studio.model_tables.stop()
        self._studio.paired_texts.stop()

    def is_open(self, vectors: VectorSet) -> bool:
        """Whether a set is of no file, or of one that is still open."""
        if any(vectors is each.set for each in self._studio.vector_sets.open_sets):
            return True
        return not any(vectors is each for each in self._files)

    def _on_tables(self) -> None:
        """Go on where both sets are there; ask for what is not."""
        if self._wanted is None:
            return
        sets = []
        for side in self._wanted:
            found = self._set_of(side)
            if isinstance(found, StudioError):
                self._wanted = None
                self.failed.emit(found)
                return
            if found is None:
                self.told.emit(f"reading the words of {side.title}", None)
            else:
                sets.append(found)
        if len(sets) == 2:
            first, second = self._wanted
            self._wanted = None
            self._files = [each.set for each in self._studio.vector_sets.open_sets]
            self.ready.emit(Sets((sets[0], sets[1]), (first.title, second.title)))

    def _set_of(self, side: Side) -> VectorSet | StudioError | None:
        """The vectors, why there are none, or None where they are on their way."""
        if side.opened is not None:
            return side.opened.set
        source, document, tables = side.source, self._studio.document, self._studio.model_tables
        assert source is not None
        own = self._studio.vector_sets.own_table
        if document is not None and document.source.path == source.path and own is not None:
            return own
        there = tables.table(source)
        if there is not None:
            return there
        refusal = tables.refusal(source)
        if refusal is None:
            tables.want(source)
        return refusal

    def _on_texts(self) -> None:
        """The models are at the texts, or have read them."""
        pairs = self._studio.paired_texts
        if not self._reads:
            return
        if pairs.running:
            said = f"{pairs.at}: {pairs.done:,} of {pairs.total:,} texts"
            self.told.emit(said, pairs.done / max(pairs.total, 1))
            return
        self._reads = False
        if pairs.error is not None:
            self.failed.emit(pairs.error)
        elif pairs.result is not None:
            one, other = pairs.result
            self.ready.emit(Sets((one.set, other.set), (one.title, other.title), pairs.result))
