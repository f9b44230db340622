"""The header of the Space panel: which set of vectors, what it is, and which page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QToolButton, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.page_tabs import PageTabs

TELLING = 100  # pixels that the line on the set wants, or it gets a line of its own
_ANOTHER = ("Open a file…", "Open a file of vectors (Ctrl+Shift+O); one can be dropped on the window too")
_MAKE = ("Make vectors of texts…", "Make a vector of each text of a file or a table's column, by the open model")
_WIDTH = 16  # letters of a set's name that are always in sight
_TIP = Qt.ItemDataRole.ToolTipRole


class SpaceHeader(FlowRow):
    """page_chosen(place), set_chosen(place): the person's choice. file_wanted(), making_wanted(), close_wanted(): to
    open another file, to make vectors, and to let go of the file that is shown."""

    page_chosen = Signal(int)
    set_chosen = Signal(int)
    file_wanted = Signal()
    making_wanted = Signal()
    close_wanted = Signal()

    def __init__(
        self, pages: Sequence[tuple[str, str]], tools: Sequence[QWidget] = (), parent: QWidget | None = None
    ) -> None:
        """tools: of the panel as a whole, beside the list of sets."""
        super().__init__(parent, tail=TELLING)
        self._place = 0  # of the set that is shown
        self.pages = PageTabs(pages, self)
        self.pages.setObjectName("SpacePages")
        self.pages.setAccessibleName("How the vectors are shown")
        self.pages.setVisible(len(pages) > 1)
        self.pages.currentChanged.connect(self.page_chosen)
        self.sets = QComboBox(self)
        self.sets.setObjectName("SpaceSet")
        self.sets.setAccessibleName("Set of vectors")
        self.sets.setToolTip("Which vectors are shown: the open model's own words, or a file's (File ▸ Open vectors…)")
        self.sets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sets.setMinimumContentsLength(_WIDTH)
        self.sets.activated.connect(self._choose)
        self.close_set = QToolButton(self)
        self.close_set.setObjectName("SpaceClose")
        self.close_set.setText("✕")
        self.close_set.setAccessibleName("Close this file of vectors")
        self.close_set.setToolTip("Close this file of vectors")
        self.close_set.clicked.connect(self.close_wanted)
        self.close_set.setAutoRaise(True)
        self.telling = ElidedLabel()
        self.telling.setObjectName("SpaceTelling")
        self.flow.setContentsMargins(4, 0, 4, 0)
        for widget in (self.pages, self.sets, self.close_set, *tools, self.telling):
            self.flow.addWidget(widget)

    def set_sets(self, titles: Sequence[tuple[str, str]], place: int) -> None:
        """Name the sets there are, each with what is said of it when the mouse rests on it; a file can be added."""
        items = [*titles, _ANOTHER, _MAKE]
        if [(self.sets.itemText(at), self.sets.itemData(at, _TIP)) for at in range(self.sets.count())] != items:
            self.sets.clear()
            for at, (title, tip) in enumerate(items):
                self.sets.addItem(title)
                self.sets.setItemData(at, tip, _TIP)
        self._place = place
        self.sets.setCurrentIndex(place)

    def _choose(self, place: int) -> None:
        last = self.sets.count() - 1
        if place >= last - 1:
            self.sets.setCurrentIndex(self._place)
            (self.making_wanted if place == last else self.file_wanted).emit()
        else:
            self.set_chosen.emit(place)
