"""The Space panel: a set of vectors on several pages: the open model's own words, or those of a file."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.room import give_room
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.panels.space.page import SpacePage

NOTHING_YET = "Open a model and type a sentence to see its words among the others."
NO_TABLE = "No embedding table was recognised in this model, so there are no words to place."
OWN_FILE = "File ▸ Open vectors… shows vectors of your own."


class SpacePanel(Panel):
    """`studio.vector_sets` says whose vectors are shown; the page that is seen shows them. `space.page` says what a
    page is."""

    title = "Space"

    def build(self) -> None:
        from embstudio.gui.panels.space.analogy_page import AnalogyPage
        from embstudio.gui.panels.space.axes_page import AxesPage
        from embstudio.gui.panels.space.bookmark_menu import BookmarkMenu
        from embstudio.gui.panels.space.compare_page import ComparePage
        from embstudio.gui.panels.space.context_page import ContextPage
        from embstudio.gui.panels.space.distances_page import DistancesPage
        from embstudio.gui.panels.space.header import SpaceHeader
        from embstudio.gui.panels.space.load_bar import LoadBar
        from embstudio.gui.panels.space.load_fault import LoadFault
        from embstudio.gui.panels.space.lookups import Lookups
        from embstudio.gui.panels.space.making_bar import MakingBar
        from embstudio.gui.panels.space.map_page import MapPage
        from embstudio.gui.panels.space.texts_page import TextsPage

        studio, theme = self.studio, self.theme
        self._empty = EmptyState(NOTHING_YET, self)
        self.map_page = MapPage(studio, theme)
        lookups = Lookups(studio, self.map_page.preparation)
        self.distances_page = DistancesPage(studio, theme, lookups)
        self.analogy_page = AnalogyPage(studio, theme, lookups)
        self.axes_page = AxesPage(studio, theme, lookups)
        self.texts_page = TextsPage(studio, theme)
        self.compare_page = ComparePage(studio, theme)
        self.context_page = ContextPage(studio, theme)
        self.pages: tuple[SpacePage, ...] = (
            self.map_page, self.distances_page, self.texts_page, self.analogy_page, self.axes_page,
            self.compare_page, self.context_page,
        )  # fmt: skip
        self.bookmarks = BookmarkMenu(studio, self.map_page.bookmarks)
        self.header = SpaceHeader([(page.name, page.tip) for page in self.pages], [self.bookmarks])
        self.map_page.bookmarks.going.connect(lambda: self.header.pages.setCurrentIndex(0))
        self.distances_page.texts_wanted.connect(self._compare_texts)
        self.header.page_chosen.connect(self._choose_page)
        self.header.set_chosen.connect(self._choose_set)
        self.header.file_wanted.connect(lambda: studio.vector_sets.file_wanted.emit())
        self.header.making_wanted.connect(lambda: studio.vector_sets.making.wanted.emit())
        self.header.close_wanted.connect(self._close_set)
        self.body = QStackedWidget()
        for page in self.pages:
            self.body.addWidget(page)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        self.load_bar = LoadBar(studio.vector_sets.loading)
        self.load_fault = LoadFault(studio.vector_sets, theme)
        self.making_bar = MakingBar(studio.vector_sets.making)
        column.addWidget(self.header)
        column.addWidget(self.making_bar)
        column.addWidget(self.load_bar)
        column.addWidget(self.load_fault)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.body)
        column.addLayout(self._stack, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ScrollBody(whole, "spaceScroll"))
        bind(self, studio.vector_sets.changed, self._on_sets)
        bind(self, studio.vectors_changed, self._on_sets)
        bind(self, studio.neighbours_changed, self._on_neighbours)
        self._choose_page(0)

    @property
    def page(self) -> SpacePage:
        """The page that is seen."""
        return self.pages[self.body.currentIndex()]

    def restyle(self) -> None:
        for page in self.pages:
            page.restyle()
        self.load_fault.restyle()

    def show_trace(self) -> None:
        self._show_sets()
        why = self._why_empty()
        self._empty.setText(why)
        self._stack.setCurrentIndex(0 if why else 1)
        if not why:
            self.page.show_set()

    def show_place(self) -> None:
        if not self._why_empty():
            self.page.show_place()

    def _why_empty(self) -> str:
        document = self.studio.document
        if not self.studio.vector_sets.is_model or not self.page.needs_set:
            return ""
        if document is None or self.studio.trace is None:
            return f"{NOTHING_YET}\n{OWN_FILE}"
        return "" if document.opened.anatomy.embeddings else f"{NO_TABLE}\n{OWN_FILE}"

    def _show_sets(self) -> None:
        sets, document = self.studio.vector_sets, self.studio.document
        own = f"words of {document.source.title}" if document is not None else "the open model's words"
        titles = [(own, own), *((each.title, f"{each.set.source}\n{each.path}") for each in sets.open_sets)]
        closed = [(f"{path.name} (not read yet)", str(path)) for path in sets.closed]
        place = 0 if sets.chosen is None else 1 + sets.open_sets.index(sets.chosen)
        self.header.set_sets([*titles, *closed], place)
        self.header.close_set.setVisible(sets.chosen is not None)
        self.header.telling.setText(self._telling())
        if sets.chosen is not None and sets.chosen.set.notices:
            self.header.telling.setToolTip("\n".join([self._telling(), *sets.chosen.set.notices]))

    def _telling(self) -> str:
        """How many vectors there are, and of what."""
        chosen, known = self.studio.vector_sets.chosen, self.studio.vectors
        if chosen is not None:
            rows, width = chosen.set.vectors.shape
            return f"{rows:,} × {width:,}, {chosen.set.vectors.dtype.name} · {chosen.set.source}"
        return f"{len(known.words):,} × {known.width:,}" if known is not None else ""

    def _choose_page(self, place: int) -> None:
        self.body.setCurrentIndex(place)
        give_room(self.body)
        self._on_sets()

    def _compare_texts(self, first: str, second: str) -> None:
        self.texts_page.compare(first, second)
        self.header.pages.setCurrentIndex(self.pages.index(self.texts_page))

    def _choose_set(self, place: int) -> None:
        sets = self.studio.vector_sets
        if place > len(sets.open_sets):
            sets.open(sets.closed[place - 1 - len(sets.open_sets)])
            self._show_sets()  # it is not there before it is read
        else:
            sets.choose(sets.open_sets[place - 1] if place else None)

    def _close_set(self) -> None:
        sets = self.studio.vector_sets
        if sets.chosen is not None:
            sets.close(sets.chosen)

    def _on_sets(self) -> None:
        self._stale_trace = self._stale_place = True
        self.refresh()

    def _on_neighbours(self) -> None:
        self._stale_place = True
        self.refresh()
