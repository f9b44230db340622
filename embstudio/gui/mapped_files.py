"""An eye on the files that open sets of vectors are mapped from: whoever writes into one has it closed here."""

from __future__ import annotations

from PySide6.QtCore import QFileSystemWatcher, QObject

from embstudio.gui.binding import bind
from embstudio.studio.vector_sets import VectorSets


class MappedFiles(QObject):
    """Has the sets look after their files as soon as the system tells that one of them was written to."""

    def __init__(self, sets: VectorSets, parent: QObject) -> None:
        super().__init__(parent)
        self._sets = sets
        self._watcher: QFileSystemWatcher | None = None  # made when there is something to watch
        bind(self, sets.changed, self._follow)

    def _follow(self) -> None:
        """Watch the files of the sets that are open, and no others."""
        wanted = {str(each.mapped.path) for each in self._sets.open_sets if each.mapped is not None}
        if self._watcher is None:
            if not wanted:
                return
            self._watcher = QFileSystemWatcher(self)
            self._watcher.fileChanged.connect(lambda _path: self._sets.close_overwritten())
        watched = set(self._watcher.files())
        if watched - wanted:
            self._watcher.removePaths(list(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(list(wanted - watched))
