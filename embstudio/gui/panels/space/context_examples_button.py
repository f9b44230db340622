"""The menu of example words, read when it is first wanted."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from embstudio.base.context_examples import ContextExample, load_context_examples
from embstudio.base.errors import ResourceError
from embstudio.base.paths import resources_dir


class ContextExamplesButton(QToolButton):
    """chosen(ContextExample); failed(ResourceError): there are none."""

    chosen = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("contextExamples")
        self.setText("Examples")
        self.setToolTip("Words in several sentences, to begin with")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._known: tuple[ContextExample, ...] | None = None
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)

    @property
    def all(self) -> tuple[ContextExample, ...]:
        """All of them."""
        if self._known is None:
            try:
                self._known = load_context_examples(resources_dir() / "contexts.toml")
            except ResourceError as error:
                self._known = ()
                self.failed.emit(error)
        return self._known

    @property
    def first(self) -> ContextExample | None:
        """The one to begin with."""
        return next(iter(self.all), None)

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        for example in self.all:
            groups = dict.fromkeys(group for group, _sentence in example.sentences)
            action = menu.addAction(f"{example.word}: {', '.join(groups)}")
            action.setToolTip(example.note)
            action.triggered.connect(partial(self._choose, example))

    def _choose(self, example: ContextExample, _checked: bool = False) -> None:
        self.chosen.emit(example)
