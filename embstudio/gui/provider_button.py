"""What the model runs on, in the status bar; a click chooses another provider, or compares two."""

from __future__ import annotations

import sys

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from embstudio.base.paths import is_frozen
from embstudio.gui.binding import bind
from embstudio.session.execution.fallback import not_built_in
from embstudio.session.execution.placement import Placement, say_part, say_placement
from embstudio.session.execution.way import CPU, Way, title
from embstudio.session.execution.wheels import installed_wheels
from embstudio.studio import Notice, Severity, Studio

# Which of them can be had, and for what.
_ELSEWHERE = {
    "linux": ("cuda", "openvino", "migraphx", "webgpu"),
    "win32": ("directml", "cuda", "openvino", "webgpu"),
    "darwin": ("coreml", "webgpu"),
}
_FOR = {
    "cuda": "NVIDIA cards", "openvino": "Intel's processors and cards", "migraphx": "AMD cards",
    "directml": "any card under Windows", "coreml": "Apple's", "webgpu": "most cards",
}  # fmt: skip
COMPARE = "Compare two ways to run it…"
_ABOUT = {
    "": "The quickest provider that is exact and runs any model",
    "cpu-unoptimised": "The operations of the file one by one, without onnxruntime's simplifications",
    "cpu-fp16": "Weights and activations rounded to half precision, as many models are on a GPU",
}


class ProviderButton(QToolButton):
    """Says which provider ran the model that is shown. `parity_wanted` asks for the comparison."""

    parity_wanted = Signal()

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runsOn")
        self.setAccessibleName("What the model runs on")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._studio = studio
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self.fill)
        self.setMenu(self._menu)
        bind(self, studio.document_changed, self._show)
        self._show()

    def fill(self, menu: QMenu | None = None) -> None:
        """Put the ways there are into a menu (its own by default)."""
        menu = menu or self._menu
        menu.clear()
        devices = self._studio.devices
        group = QActionGroup(menu)
        chosen = devices.way
        runs_on = {way: device.runs_on for way, device in zip(devices.ways, devices.installed, strict=False)}
        self._offer(menu, group, Way(), f"Chosen for you ({self._ran})" if not chosen.name else "Chosen for you")
        if chosen not in (Way(), *devices.ways):
            self._offer(menu, group, chosen, f"{chosen.title}: not here")
        menu.addSection("Providers")
        for way in devices.ways:
            if way == Way("cpu", optimise=False):
                menu.addSection("To compare with")
            place = runs_on.get(way, "")
            self._offer(menu, group, way, f"{way.title}: {place}" if place else way.title)
        menu.addSeparator()
        self._offer_others(menu.addMenu("Not installed"))
        compare = menu.addAction(COMPARE)
        compare.setToolTip("The sentence in two ways at once: where, layer by layer, do their numbers part?")
        compare.setEnabled(self._studio.trace is not None)
        compare.triggered.connect(self.parity_wanted)

    def _offer(self, menu: QMenu, group: QActionGroup, way: Way, text: str) -> None:
        action = menu.addAction(text)
        action.setToolTip(_ABOUT.get(str(way), ""))
        action.setCheckable(True)
        action.setChecked(self._studio.devices.way == way)
        group.addAction(action)
        action.triggered.connect(lambda _checked=False: self._studio.devices.choose(way))

    def _offer_others(self, menu: QMenu) -> None:
        """What else onnxruntime can run on where there is such a device, and how to come by it."""
        menu.setToolTipsVisible(True)
        wheels = installed_wheels()
        wheel = " ".join(wheels[0]) if wheels else "onnxruntime"
        there = {way.name for way in self._studio.devices.ways}
        for name in (name for name in _ELSEWHERE.get(sys.platform, ()) if name not in there):
            found = not_built_in(name, CPU, wheel, packaged=is_frozen())
            words = Notice(Severity.INFO, f"{title(name)}: {_FOR[name]}. {found.reason}", found.cure)
            action = menu.addAction(f"{title(name)}: {_FOR[name]}")
            action.setToolTip(found.cure)
            action.triggered.connect(lambda _checked=False, words=words: self._studio.noticed.emit(words))
        menu.menuAction().setVisible(not menu.isEmpty())

    @property
    def _ran(self) -> str:
        document = self._studio.document
        return title(document.opened.provider) if document is not None else ""

    def _show(self) -> None:
        document = self._studio.document
        self.setVisible(document is not None)
        if document is None:
            return
        opened = document.opened
        placement, way = opened.placement, self._studio.devices.way
        names = [title(provider) for provider, _count in placement.counts] if placement is not None else [self._ran]
        how = Way(opened.provider, optimise=way.optimise, half=way.half).title.removeprefix(self._ran)
        instead = f", not {title(opened.fallback.wanted)}" if opened.fallback is not None else ""
        self.setText(" + ".join(names) + how + instead)
        self.setProperty("fellBack", opened.fallback is not None)
        self.style().polish(self)  # for the style sheet to look at the property again
        lines = [f"Runs on {say_placement(placement) or self._ran}", *_parts(placement)]
        if opened.fallback is not None:
            lines.append(str(opened.fallback))
        lines.append("Click to choose another provider, or to compare two.")
        self.setToolTip("\n".join(lines))
        self.setAccessibleDescription("\n".join(lines))


def _parts(placement: Placement | None) -> list[str]:
    """A line for each part of a model that more than one provider has a share in."""
    if placement is None or not placement.mixed:
        return []
    return [f"{part.name}: {say_part(part)}" for part in placement.parts if len(part.counts) > 1]
