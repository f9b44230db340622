"""Which other models are drawn beside the open one."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from embstudio.gui.binding import bind
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.studio import Studio

TIP = "Draw other models that read the same sentence beside this one: the same models as in the Lanes panel"


class CompareMenu(QToolButton):
    """A menu of the models there are; those beside the open one are ticked."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.setObjectName("GradientCompare")
        self.setToolTip(TIP)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setObjectName("GradientCompareMenu")
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        bind(self, studio.companions.changed, self._tell)
        self._tell()

    def _tell(self) -> None:
        count = len(self._studio.companions.members)
        self.setText(f"Co&mpare ({count})" if count else "Co&mpare")
        self.setAccessibleName("Models drawn beside this one")

    def _fill(self) -> None:
        menu, document = self.menu(), self._studio.document
        menu.clear()
        beside = {member.source.path: member for member in self._studio.companions.members}
        sources = {source.path: source for source in (*catalogue.bundled(), *catalogue.added())}
        sources |= {path: member.source for path, member in beside.items()}
        for path, source in sources.items():
            if document is not None and path == document.source.path:
                continue
            action = menu.addAction(source.title)
            action.setCheckable(True)
            action.setChecked(path in beside)
            action.toggled.connect(partial(self._choose, source))

    def _choose(self, source: ModelSource, wanted: bool) -> None:
        companions = self._studio.companions
        if wanted:
            companions.add(source)
            return
        for member in companions.members:
            if member.source.path == source.path:
                companions.remove(member)
