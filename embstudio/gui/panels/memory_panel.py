"""What a recurrent network remembers: one unit, step and layer, on several pages."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.memory.crowding_page import CrowdingPage
from embstudio.gui.panels.memory.header import MemoryHeader
from embstudio.gui.panels.memory.held_banner import HeldBanner
from embstudio.gui.panels.memory.map_page import MapPage
from embstudio.gui.panels.memory.page import MemoryPage
from embstudio.gui.panels.memory.scene import Scene, Spot
from embstudio.gui.panels.memory.source_choice import SourceChoice
from embstudio.gui.panels.memory.stages_page import StagesPage
from embstudio.gui.panels.memory.units_page import UnitsPage
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.room import give_room
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.style.theme import Theme
from embstudio.stepper.recurrent_flow import RecurrentCell, recurrent_cells
from embstudio.studio import Studio

NOTHING = "Type a sentence to see what the model remembers of it."
NO_MEMORY = "This model has no recurrent memory.\nIts attention is in the Attention panel."
NO_LAYERS = "No recurrent memory was found in this model.\nWhat was found is in the Anatomy panel."
NO_GATES = "The gates and states of this model's recurrent layers could not be captured."
_KEYS = (("Ctrl+Up", -1, 0), ("Ctrl+Down", 1, 0), ("Ctrl+Left", 0, -1), ("Ctrl+Right", 0, 1))


class MemoryPanel(Panel):
    """One place (layer, direction, step, unit), shown on one of several pages. The place is the studio's cursor, and
    the direction that the person chose. The page that is seen follows it; `memory.page` says what a page is."""

    title = "Memory"
    shows_gates = True

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.scene: Scene | None = None
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.empty = EmptyState(NOTHING)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._build())
        for key, layers, ways in _KEYS:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._go_by, layers, ways))
        bind(self, studio.holds.changed, self._on_held)
        self.restyle()

    def _build(self) -> ScrollBody:
        self.map_page = MapPage(self.studio, self.theme)
        self.stages_page = StagesPage(self.studio, self.theme)
        source = SourceChoice(self)
        self.units_page = UnitsPage(self.studio, self.theme, source)
        self.crowding_page = CrowdingPage(self.studio, self.theme, source)
        self.pages: tuple[MemoryPage, ...] = (self.map_page, self.stages_page, self.units_page, self.crowding_page)
        tools = [tool for page in self.pages for tool in page.tools]
        self.header = MemoryHeader([(page.name, page.tip) for page in self.pages], tools)
        self.header.page_chosen.connect(self._choose_page)
        self.header.cell_chosen.connect(lambda place: self._go_to(self.cells[place]))
        self.header.unit_chosen.connect(lambda unit: self.studio.cursor.move(unit=unit))
        self.held = HeldBanner(self.studio, self.theme)
        self.body = QStackedWidget()
        for page in self.pages:
            self.body.addWidget(page)
            page.step_picked.connect(self._go_to_step)
            page.unit_picked.connect(lambda unit: self.studio.cursor.move(unit=unit))
            page.cell_picked.connect(self._go_to_step)
            page.way_picked.connect(self._go_to)
            page.pointed.connect(self.studio.point_at)
            page.unpointed.connect(self._point_here)
            page.changed.connect(self._show_page)
        self._choose_page(0)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.header)
        column.addWidget(self.held)
        column.addWidget(self.body, 1)
        return ScrollBody(body, "MemoryScroll")

    @property
    def cells(self) -> tuple[RecurrentCell, ...]:
        """The recurrent layers and directions that can be shown."""
        return self.scene.cells if self.scene is not None else ()

    @property
    def page(self) -> MemoryPage:
        """The page that is seen."""
        return self.pages[self.body.currentIndex()]

    def restyle(self) -> None:
        for page in self.pages:
            page.restyle()
        self.held.restyle()

    # Following the studio ----------------------------------------------------------------------------------------

    def show_trace(self) -> None:
        trace = self.studio.trace
        cells = tuple(recurrent_cells(trace)) if trace is not None and len(trace) else ()
        if trace is None or not cells:
            self.scene = None
            self.empty.setText(self._why_empty())
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        before = self.scene.cell.prefix if self.scene is not None else ""
        if self.scene is not None:
            self.scene.forget()
        cell = next((cell for cell in cells if cell.prefix == before), cells[0])
        self.scene = Scene(trace, cells, cell)
        self.header.set_cells(cells, cells.index(cell))

    def show_place(self) -> None:
        if self.scene is None:
            return
        if self.scene.cell.layer != self.studio.cursor.layer:
            self._follow_layer(self.scene)
        self._show_page()

    @Slot()
    def _show_page(self) -> None:
        """The current place on the page that is seen."""
        scene, page = self.scene, self.page
        if scene is None:
            return
        if page.scene is not scene:
            page.set_scene(scene)
        spot = self._spot(scene)
        page.show_spot(spot)
        self.header.set_unit(spot.unit, scene.units)
        self.header.telling.setText(page.telling())
        self.held.show_place()
        self._point_here()

    def _on_held(self) -> None:
        """The run to compare with is there, or gone."""
        if self.scene is not None and self.scene.trace is self.studio.trace and self.isVisible():
            self._show_page()

    def _why_empty(self) -> str:
        document = self.studio.document
        if self.studio.trace is None or document is None or not len(self.studio.trace):
            return NOTHING
        anatomy = document.opened.anatomy
        if anatomy.recurrent:
            return NO_GATES
        return NO_MEMORY if anatomy.blocks else NO_LAYERS

    def _follow_layer(self, scene: Scene) -> None:
        """Take the cell of the cursor's layer that reads the same way, if there is one."""
        there = [cell for cell in scene.cells if cell.layer == self.studio.cursor.layer]
        same_way = [cell for cell in there if cell.direction == scene.cell.direction]
        if there:
            self._take((same_way or there)[0])

    def _take(self, cell: RecurrentCell) -> None:
        assert self.scene is not None
        self.scene = self.scene.of(cell)
        self.header.layer_choice.setCurrentIndex(self.cells.index(cell))

    def _spot(self, scene: Scene) -> Spot:
        return scene.spot(self.studio.cursor.token, self.studio.cursor.unit)

    @Slot()
    def _point_here(self) -> None:
        """Show the inspector the page's own value."""
        if self.scene is not None and self.page.probe is not None:
            self.studio.point_at(self.page.probe)

    # What the person does ----------------------------------------------------------------------------------------

    def _choose_page(self, place: int) -> None:
        self.body.setCurrentIndex(place)
        for page in self.pages:
            for tool in page.tools:
                tool.setVisible(page is self.page)
        give_room(self.body)
        self._show_page()

    def _go_to_step(self, step: int, unit: int | None = None) -> None:
        """A step that several tokens share is gone to by the first of them, unless the cursor is at another."""
        if self.scene is None:
            return
        cursor = self.studio.cursor
        here = self._spot(self.scene).step == step
        cursor.move(token=cursor.token if here else self.scene.token(step), unit=cursor.unit if unit is None else unit)

    def _go_by(self, layers: int, ways: int) -> None:
        """Some layers up or down, or to a layer's other direction, from where the panel stands."""
        if self.scene is None:
            return
        here = self.scene.cell
        if ways:
            place = self.cells.index(here) + ways
            cell = self.cells[max(0, min(place, len(self.cells) - 1))]
            if cell.layer == here.layer:
                self._go_to(cell)
            return
        depths = sorted({cell.layer for cell in self.cells})
        depth = depths[max(0, min(depths.index(here.layer) + layers, len(depths) - 1))]
        there = [cell for cell in self.cells if cell.layer == depth]
        self._go_to(next((cell for cell in there if cell.direction == here.direction), there[0]))

    def _go_to(self, cell: RecurrentCell) -> None:
        """Show another layer or direction, and take the cursor along."""
        if self.scene is None:
            return
        self._take(cell)
        if cell.layer != self.studio.cursor.layer:
            self.studio.cursor.move(layer=cell.layer)
        else:
            self._show_page()
