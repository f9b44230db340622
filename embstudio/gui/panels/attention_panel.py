"""Where each token looks: all heads at a glance, one head in full, its calculation, and what heads do on the whole."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.attention.header import AttentionHeader
from embstudio.gui.panels.attention.heads_page import HeadsPage
from embstudio.gui.panels.attention.map_page import MapPage
from embstudio.gui.panels.attention.scene import Scene, Spot
from embstudio.gui.panels.attention.stages_page import StagesPage
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.style.theme import Theme
from embstudio.stepper.attention_weights import AttentionWeights
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio
from embstudio.trace.attention_stacks import AttentionStack, attention_stacks
from embstudio.trace.joined import same_input
from embstudio.trace.trace import Trace

NOTHING = "Type a sentence to see which tokens look at which."
NO_ATTENTION = "This model has no attention.\nWhat it remembers is in the Memory panel."
NO_SOFTMAX = "There is no softmax attention in this model.\nWhat was found is in the Anatomy panel."
NOT_FOUND = "No attention that could be shown was found in this model."
NOT_CAPTURED = "No attention weights of this model could be captured."
CAUTION = "Weights say where a head looks, not why: attention is not explanation (Jain and Wallace 2019)."
_KEYS = (("Ctrl+Up", -1, 0), ("Ctrl+Down", 1, 0), ("Ctrl+Left", 0, -1), ("Ctrl+Right", 0, 1))
MAP, STAGES, HEADS = range(3)


class AttentionPanel(Panel):
    """One place (layer, head, query, key), shown on three pages. The place is the studio's cursor, and a key that the
    person chose until the cursor moves."""

    title = "Attention"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.stack: AttentionStack | None = None
        self.stacks: list[AttentionStack] = []
        self.scene: Scene | None = None
        self._trace: Trace | None = None  # what the scene was made of
        self._at: tuple[int, int, int] | None = None  # where the panel stood last
        self._key: int | None = None  # a key that the person chose, until the cursor moves
        self._beyond: int | None = None  # a query that the cursor cannot reach: the decoder's text may be longer
        self._cursor_token = 0
        self._asked: int | None = None  # the missing layer that was asked for without anybody's doing
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.empty = EmptyState(NOTHING)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._build())
        for key, layers, heads in _KEYS:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._go_by, layers, heads))
        bind(self, studio.lacking.fetching_changed, self._on_fetching)
        bind(self, studio.lacking.overview_changed, self._on_overview)
        self.restyle()

    def _build(self) -> ScrollBody:
        self.map_page = MapPage(self.theme)
        self.stages_page = StagesPage(self.theme)
        self.heads_page = HeadsPage(self.theme)
        self.header = AttentionHeader([self.map_page.tools, self.stages_page.tools])
        self.map, self.overview = self.map_page.map, self.map_page.overview
        self.lines, self.table = self.map_page.lines, self.map_page.table
        self.telling = self.header.telling
        self.body = QStackedWidget()
        for page in (self.map_page, self.stages_page, self.heads_page):
            self.body.addWidget(page)
        self.caution = ElidedLabel(CAUTION)
        self.caution.setObjectName("AttentionCaution")
        self.caution.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._connect()
        self._choose_page(MAP)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(4, 4, 4, 2)
        column.setSpacing(4)
        column.addWidget(self.header)
        column.addWidget(self.body, 1)
        column.addWidget(self.caution)
        return ScrollBody(body, "AttentionScroll")

    def _connect(self) -> None:
        cursor, header = self.studio.cursor, self.header
        header.page_chosen.connect(self._choose_page)
        header.kind_chosen.connect(self._choose_stack)
        header.layer_chosen.connect(lambda layer: cursor.move(layer=layer))
        header.head_chosen.connect(lambda head: cursor.move(head=head))
        for picked in (self.map_page.head_picked, self.heads_page.head_picked):
            picked.connect(lambda layer, head: cursor.move(layer=layer, head=head))
        for page in (self.map_page, self.stages_page, self.heads_page):
            page.layer_wanted.connect(self.studio.lacking.want_layer)
        self.map_page.query_picked.connect(self._go_to_query)
        self.map_page.cell_picked.connect(self._on_cell)
        self.map_page.key_picked.connect(self._choose_key)
        self.map_page.pointed.connect(self._point)
        self.map_page.unpointed.connect(self._point_here)
        self.map_page.changed.connect(self._show_page)
        self.stages_page.key_picked.connect(self._choose_key)
        self.stages_page.probed.connect(self.studio.point_at)
        self.heads_page.progressed.connect(lambda: self.telling.setText(self.heads_page.telling()))

    def restyle(self) -> None:
        for page in (self.map_page, self.stages_page, self.heads_page):
            page.restyle()
        self.caution.setFont(self.theme.font("small"))

    # Following the studio ----------------------------------------------------------------------------------------

    def show_document(self) -> None:
        self.restyle()  # a style sheet takes labels' fonts away from them when the panel is put into its dock

    def show_trace(self) -> None:
        trace, document = self.studio.trace, self.studio.document
        names = document.opened.anatomy.point_names if document is not None else ()
        self.stacks = attention_stacks(trace, names) if trace is not None and len(trace) else []
        if trace is None or not self.stacks:
            self.stack = self.scene = self._trace = None
            self.empty.setText(self._why_empty())
            self._pages.setCurrentIndex(0)
            return
        if self._trace is None or not same_input(trace, self._trace):
            self._asked = self._beyond = None
        self._trace = trace
        self._pages.setCurrentIndex(1)
        if any(name.endswith(".pattern") and name not in trace for name in names):
            self.studio.lacking.want_overview()
        kept = [stack for stack in self.stacks if self.stack is not None and stack.title == self.stack.title]
        self._show_stack(trace, (kept or self.stacks)[0])

    def show_place(self) -> None:
        if self.scene is None or self.stack is None:
            return
        if self.studio.cursor.token != self._cursor_token:
            self._cursor_token, self._beyond = self.studio.cursor.token, None
        layer, head, _query = place = self._place()
        scene = self.scene.at(layer)
        if scene is not self.scene:  # a model that takes several tokens together has fewer of them in later layers
            self.scene = scene
            self.map_page.set_tokens(scene)
            self.stages_page.set_scene(scene)
        if self._at != place:
            self._at, self._key = place, None
        self.header.set_place(layer, self.stack.layers[-1], head, self.scene.weights.heads(layer) - 1)
        self._show_page()
        if not self.scene.weights.captured(layer) and self._asked != layer:
            self._asked = layer
            self.studio.lacking.want_layer(layer)

    def _show_page(self) -> None:
        """The current place on the page that is seen."""
        if self.scene is None:
            return
        spot = Spot(*self._place(), self._key)
        page = self.body.currentIndex()
        if page == MAP:
            self.map_page.show_spot(spot, fetching=self.studio.lacking.fetching)
            self.telling.setText(self.map_page.words.telling())
        elif page == STAGES:
            self.stages_page.show_spot(spot, self.studio.cursor.unit, fetching=self.studio.lacking.fetching)
            self.telling.setText(self.stages_page.telling())
        else:
            self.heads_page.show_spot(spot)
            self.telling.setText(self.heads_page.telling())
        self._point_here()

    def _show_stack(self, trace: Trace, stack: AttentionStack) -> None:
        """Fill all pages with another sort of attention or trace."""
        document = self.studio.document
        blocks = document.opened.anatomy.blocks if document is not None else ()
        kind = "cross" if stack.crosses else "self"
        heads = {
            block.layer: each.heads
            for block in blocks
            for each in block.attention
            if block.stack == stack.stack and each.kind == kind and each.heads
        }
        weights = AttentionWeights(trace, stack, heads, self.studio.lacking.overview.patterns)
        before = self.scene.weights if self.scene is not None else None
        same = before is not None and stack == before.stack and trace.model == before.trace.model
        more = same and before is not None and same_input(trace, before.trace)
        if more and before is not None:
            weights.keep_measures(before)
        self.stack, self._key = stack, None
        self.scene = Scene.of(weights, stack.nearest(self.studio.cursor.layer))
        self.header.set_kinds([each.title for each in self.stacks], self.stacks.index(stack))
        self.map_page.unfinished = self.studio.lacking.overview.unfinished
        self.map_page.set_scene(self.scene, more=more, old=same)
        self.stages_page.set_scene(self.scene)
        self.heads_page.set_scene(self.scene)

    def _why_empty(self) -> str:
        document, trace = self.studio.document, self.studio.trace
        if trace is None or document is None or not len(trace):
            return NOTHING
        anatomy = document.opened.anatomy
        if anatomy.blocks:
            return NOT_CAPTURED
        if anatomy.recurrent:
            return NO_ATTENTION
        return "\n".join((NOT_FOUND, *anatomy.unrecognised)) if anatomy.unrecognised else NO_SOFTMAX

    def _on_fetching(self) -> None:
        if self.isVisible() and self._trace is self.studio.trace:
            self._show_page()

    def _on_overview(self) -> None:
        """Some more layers are there to be seen at a glance."""
        if not (self.isVisible() and self._uncovered):
            self._stale_trace = self._stale_place = True
            return
        if self.scene is None or self._trace is not self.studio.trace:
            return
        self.map_page.unfinished = self.studio.lacking.overview.unfinished
        self.map_page.fill_overview(more=True)
        self.heads_page.set_scene(self.scene)
        self._show_page()

    # Where it stands ---------------------------------------------------------------------------------------------

    def _place(self) -> tuple[int, int, int]:
        """The current layer, head and query, as near to the cursor as this stack has them."""
        assert self.stack is not None
        assert self.scene is not None
        cursor = self.studio.cursor
        layer = self.stack.nearest(cursor.layer)
        query = self._beyond if self._beyond is not None else cursor.token
        last = self.scene.weights.shape(layer)[0] - 1
        return layer, min(cursor.head, self.scene.weights.heads(layer) - 1), max(0, min(query, last))

    @Slot()
    def _point_here(self) -> None:
        """Show the inspector the current weight, or the current stage's value."""
        if self.scene is None or not self.scene.weights.captured(self._place()[0]):
            return
        if self.body.currentIndex() == STAGES and self.stages_page.probe is not None:
            self.studio.point_at(self.stages_page.probe)
            return
        layer, head, query = self._place()
        seen = self.body.currentIndex() == MAP and self.map_page.spot == Spot(layer, head, query, self._key)
        self._point(query, self.map_page.key if seen else self.scene.key(Spot(layer, head, query, self._key)))

    @Slot(int, int)
    def _point(self, query: int, key: int) -> None:
        assert self.stack is not None
        layer, head, _ = self._place()
        self.studio.point_at(Probe(self.stack.point(layer), (head, query, key)))

    # What the person does ----------------------------------------------------------------------------------------

    def _choose_page(self, place: int) -> None:
        self.body.setCurrentIndex(place)
        self.map_page.tools.setVisible(place == MAP)
        self.stages_page.tools.setVisible(place == STAGES)
        self._show_page()

    def _on_cell(self, query: int, key: int) -> None:
        self._go_to_query(query)
        self._choose_key(key)

    def _choose_key(self, key: int) -> None:
        self._key = key
        self._show_page()

    def _go_to_query(self, query: int) -> None:
        self.studio.cursor.move(token=query)
        if self.studio.cursor.token != query:  # the decoder's text is longer than what the cursor steps through
            self._beyond = query
            self.show_place()

    def _go_by(self, layers: int, heads: int) -> None:
        """Some layers and heads on, from where the panel stands."""
        if self.stack is not None:
            layer, head, _ = self._place()
            at = self.stack.layers.index(layer) + layers
            layer = self.stack.layers[max(0, min(at, len(self.stack.layers) - 1))]
            self.studio.cursor.move(layer=layer, head=head + heads)

    def _choose_stack(self, place: int) -> None:
        if self.studio.trace is not None:
            self._beyond = None
            self._show_stack(self.studio.trace, self.stacks[place])
            self.show_place()
