"""Two sets over the words they share, or two models over the same texts: neighbours, movement, figures."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.gui.panels.room import give_room
from embstudio.gui.panels.space.compare_controls import CompareControls
from embstudio.gui.panels.space.compare_figures import CompareFigures
from embstudio.gui.panels.space.compare_list import CompareList
from embstudio.gui.panels.space.compare_map import CompareMap
from embstudio.gui.panels.space.compare_near import CompareNear
from embstudio.gui.panels.space.compare_run import Asked, Compared, CompareRun, Extent
from embstudio.gui.panels.space.compare_sides import first_of, partner_of, sides_of
from embstudio.gui.panels.space.compare_source import CompareSource, Pair, Sets
from embstudio.gui.panels.space.compare_texts import LEAST, CompareTexts
from embstudio.gui.panels.space.compare_words import aligned_words, overlap_words, shared_words
from embstudio.gui.panels.space.page import SpacePage
from embstudio.gui.panels.space.side_by_side import SideBySide
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.theme import Theme
from embstudio.studio import Notice, Studio

INVITED = (
    "‘{}’ and ‘{}’, over the words they share: which keep their neighbours, and which moved?\nPress Compare, or choose "
    "two others."
)
INVITED_TEXTS = (
    "‘{}’ and ‘{}’ make vectors of the same texts: do they find the same ones alike?\nPress Compare, or choose others."
)
ONE_TWICE = "Both are the same. Choose another one for A or B."
NO_SIDES = "There is nothing to compare yet. Open a model with an embedding table, or files of vectors (File menu)."
FEW_TEXTS = "Type at least four different texts, or read them from a file."
OTHERS = "This is still the comparison from before: ‘{}’ and ‘{}’."
BESIDE = 250  # pixels of the neighbours, at text scale 1


class ComparePage(SpacePage):
    """A follows what is looked at in the panel; B is what goes with it. Nothing is computed before somebody asks."""

    name = "Compare"
    tip = "Two sets, or two models: which words keep their neighbours, and which moved"
    needs_set = False

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.tabs = PageTabs([
            ("Neighbours", "How many of each word's neighbours are the same in both"),
            ("Movement", "Both in one picture, aligned: where each word went"),
            ("Figures", "Sizes, speed and quality side by side, and how the two were aligned"),
        ], self)  # fmt: skip
        self.tabs.setObjectName("compareTabs")
        self.tabs.setAccessibleName("What of the comparison is shown")
        self.tabs.hide()
        self.controls = CompareControls(self.tabs, self)
        self.texts = CompareTexts(theme, self)
        self.texts.hide()
        self.said = WrappedLabel("", self)
        self.said.setObjectName("compareSaid")
        self.list, self.map, self.figures = CompareList(theme), CompareMap(theme), CompareFigures(theme)
        self.near = CompareNear(theme)
        self.empty = EmptyState("", self)
        self.source, self.run = CompareSource(studio, self), CompareRun(self)
        self.compared: Compared | None = None
        self._asked: Asked | None = None  # last
        self._token = ""  # the current one's word
        self._followed: object = None  # what is looked at in the panel
        self._lay_out()
        self._connect()
        self._choose_tab(0)
        self.restyle()

    @property
    def busy(self) -> bool:
        """Whether a comparison is underway, or what it needs."""
        return self.run.busy or self.source.busy

    # What can be compared --------------------------------------------------------------------------------------------

    def show_set(self) -> None:
        self._offer(chosen=False)

    def _offer(self, *, chosen: bool) -> None:
        """Name what there is. chosen: whether A and B are the person's choice."""
        texts, controls = self.controls.of_texts, self.controls
        sides = sides_of(self.studio, texts=texts)
        for picker in (controls.first, controls.second):
            picker.offer(sides)
        looked_at = first_of(self.studio, sides)
        followed = (looked_at.key if looked_at is not None else None, texts)
        if followed != self._followed or controls.first.side is None:
            self._followed = followed
            controls.first.choose(looked_at)
        first, second = controls.first.side, controls.second.side
        if first is not None and (second is None or (second.key == first.key and not chosen)):
            controls.second.choose(partner_of(first, sides))
        if texts:
            self.texts.fill(self._examples())
        self._tell()

    def show_place(self) -> None:
        """Stand at the current token's word, where both have it."""
        trace, compared = self.studio.trace, self.compared
        if trace is None or not len(trace) or compared is None or compared.asked.made is not None:
            return
        word = visible_text(trace.tokens[self.studio.cursor.token].text)
        if word != self._token:
            self._token = word
            place = self.near.place_of(word)
            if place is not None:
                self._stand(place)

    def restyle(self) -> None:
        for part in (self.controls, self.list, self.map, self.figures, self.near, self.texts):
            part.restyle()

    def _examples(self) -> list[str]:
        """Sentences of the two models' cards."""
        sources = [side.source for side in (self.controls.first.side, self.controls.second.side) if side is not None]
        cards = [source.card for source in sources if source is not None]
        return [text for card in cards if card is not None for text in card.example_sentences]

    def _pair(self) -> Pair | None:
        first, second = self.controls.first.side, self.controls.second.side
        return (first, second) if first is not None and second is not None and first.key != second.key else None

    def _on_sides(self) -> None:
        """Other ones were chosen."""
        self._offer(chosen=True)

    def _on_kind(self) -> None:
        self.texts.setVisible(self.controls.of_texts)
        self.show_set()

    # Comparing -------------------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """Begin, or say what is missing."""
        pair = self._pair()
        if pair is None:
            self._tell()
            return
        self._give_up()
        if not self.controls.of_texts:
            self.source.want_words(pair)
        elif len(self.texts.texts) < LEAST or self.texts.busy:
            self._say(FEW_TEXTS)
        else:
            self.source.want_texts(pair, self.texts.texts)

    def stop(self) -> None:
        """Enough: neighbours compared so far stay, everything else is given up."""
        if self.run.busy:
            self.run.stop()
        else:
            self._give_up()
        self._tell()

    def _give_up(self) -> None:
        self.run.give_up()
        self.source.give_up()
        self.controls.rest()
        self._asked = self.compared.asked if self.compared is not None else None

    def _begin(self, found: Sets) -> None:
        self.controls.show_progress("matching words", 0.0)
        count, metric = self.controls.count.value(), self.controls.metrics.currentText()
        changes = self.studio.vector_walk.comparison.changes
        self._asked = Asked(found.sets, found.titles, count, metric, changes, found.made)
        self.run.start(self._asked)

    def _on_open_sets(self) -> None:
        """A file came, or was closed: of that nothing is kept."""
        if self.compared is not None and not all(map(self.source.is_open, self.compared.asked.sets)):
            self.compared = self._asked = None
            self.near.set_compared(None)
            for part in (self.list, self.map, self.figures):
                part.forget()
            self._tell()

    def _again(self) -> None:
        """The same two, by another metric, another count, or otherwise prepared."""
        asked, changes = self._asked, self.studio.vector_walk.comparison.changes
        if asked is None or self.source.busy:
            return
        count, metric = self.controls.count.value(), self.controls.metrics.currentText()
        if (asked.count, asked.metric, asked.changes) != (count, metric, changes):
            self._begin(Sets(asked.sets, asked.titles, asked.made))

    def _take(self, compared: Compared) -> None:
        if compared.extent is not Extent.UNDERWAY:
            self.controls.rest()
        before, self.compared = self.compared, compared
        goes_on = before is not None and before.picture is compared.picture  # more neighbours of the same
        self.list.set_compared(compared)
        self.figures.set_compared(compared)
        if goes_on:
            self.near.go_on(compared)
            self.map.go_on(compared)
        else:
            self.near.set_compared(compared)
            self.map.set_compared(compared)
            self._token = ""
            self.show_place()
        self.texts.fold(folded=True)
        if self.near.place is None:
            self._stand(int(compared.comparison.most_moved[0]))
        else:
            self.list.table.show_place(self.near.place)
        self._tell()

    def _fail(self, error: StudioError) -> None:
        self._give_up()
        if self.compared is None:
            self._say(str(error))
        else:
            self.studio.noticed.emit(Notice.of(error))

    # What is shown ---------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """What the tab that is seen shows, in words; or what to do where there is nothing to show yet."""
        compared, pair = self.compared, self._pair()
        self.controls.go.setEnabled(pair is not None)
        if compared is None or (compared.asked.made is not None) != self.controls.of_texts:
            invited = INVITED_TEXTS if self.controls.of_texts else INVITED
            if pair is not None:
                self._say(invited.format(pair[0].title, pair[1].title))
            else:
                self._say(ONE_TWICE if self.controls.first.side is not None else NO_SIDES)
            return
        walk = self.studio.vector_walk.comparison
        said = {
            0: f"{shared_words(compared)} {overlap_words(compared, walk.words)}",
            1: aligned_words(compared),
            2: overlap_words(compared, walk.words),
        }[self.tabs.currentIndex()]
        if pair is not None and (pair[0].title, pair[1].title) != compared.asked.titles:
            said = f"{OTHERS.format(*compared.asked.titles)} {said}"
        self.said.setText(said)
        self._show(1)

    def _say(self, text: str) -> None:
        self.empty.setText(text)
        self._show(0)

    def _show(self, place: int) -> None:
        """What there is to do, or the comparison."""
        self._stack.setCurrentIndex(place)
        self.tabs.setVisible(place == 1)
        give_room(self._stack)

    def _stand(self, place: int) -> None:
        self.near.stand(place)
        self.map.stand(place)
        self.list.table.show_place(place)

    def _choose_tab(self, place: int) -> None:
        self.body.setCurrentIndex(place)
        give_room(self.body)
        self.near.setVisible(place < 2)
        self._tell()

    # Laying out ------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.body = QStackedWidget()
        for part in (self.list, self.map, self.figures):
            self.body.addWidget(part)
        self.splitter = SideBySide(self.theme, BESIDE, below=0.4)
        self.splitter.addWidget(self.body)
        self.splitter.addWidget(self.near)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 1)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        inset = QWidget()
        inner = QVBoxLayout(inset)
        inner.setContentsMargins(8, 0, 8, 0)
        inner.addWidget(self.said)
        for widget in (inset, self.splitter):
            column.addWidget(widget, 1 if widget is self.splitter else 0)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(shown)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 4, 0, 0)
        whole.setSpacing(4)
        for each in (self.controls, self.texts, self._stack):
            whole.addWidget(each, 1 if each is self._stack else 0)

    def _connect(self) -> None:
        controls, studio = self.controls, self.studio
        controls.compare_wanted.connect(self.compare)
        controls.stop_wanted.connect(self.stop)
        controls.sides_chosen.connect(self._on_sides)
        controls.kind_chosen.connect(self._on_kind)
        controls.way_chosen.connect(self._again)
        self.tabs.currentChanged.connect(self._choose_tab)
        self.source.told.connect(controls.show_progress)
        self.source.ready.connect(self._begin)
        self.source.failed.connect(self._fail)
        self.run.told.connect(controls.show_progress)
        self.run.came.connect(self._take)
        self.run.failed.connect(self._fail)
        self.list.picked.connect(self._stand)
        self.near.picked.connect(self._stand)
        self.map.picked.connect(self._stand)
        self.map.pointed.connect(self.near.glance)
        bind(self, studio.vector_sets.changed, self._on_open_sets)
        bind(self, studio.vector_walk.changed, self._on_walk)

    def _on_walk(self) -> None:
        if self.isVisible():
            self._again()
