"""On which provider models run: the choice, what comes of it, and the way back to the CPU.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from embstudio.base.errors import InputError, StudioError, UnsupportedModelError, WorkerError
from embstudio.base.events import Signal
from embstudio.session.execution.installed import Device
from embstudio.session.execution.way import CPU, Way, short
from embstudio.stepper.cursor import Place
from embstudio.studio.document import Notice

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio

ON_THE_CPU = "Run on the CPU"
# Providers that hand what is run to a service elsewhere: nothing a person types leaves the machine.
_REMOTE = ("azure",)


class Devices:
    """changed: another way to run models was chosen, `way`."""

    def __init__(self, studio: Studio) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio = studio
        self._back: Place | None = None  # where the cursor stood when the model was opened again
        studio.trace_changed.connect(self._return)  # before any panel

    @property
    def way(self) -> Way:
        """What was chosen; without a name where it is left to the program."""
        try:
            return Way.parse(self._studio.provider)
        except InputError:  # settings that somebody wrote
            return Way()

    @property
    def installed(self) -> tuple[Device, ...]:
        """Those that can be chosen; none before the first model is open."""
        document = self._studio.document
        found = document.opened.devices if document is not None else ()
        return tuple(device for device in found if short(device.provider) not in _REMOTE)

    @property
    def ways(self) -> tuple[Way, ...]:
        """One for each provider that is there, the CPU last, and those of the CPU that serve to compare with."""
        named = [Way(short(device.provider)) for device in self.installed]
        return (*named, *((Way("cpu", optimise=False), Way("cpu", half=True)) if named else ()))

    def choose(self, way: Way) -> None:
        """Run models in this way from now on. The open one is opened again, with sentence and cursor as they are."""
        studio = self._studio
        if str(way) == studio.provider:
            return
        studio.provider = str(way)
        self.changed.emit()
        source = studio.opening or (studio.document.source if studio.document is not None else None)
        if source is not None:
            self._back = studio.cursor.place if studio.opening is None else None
            studio.open(source)

    def run_on_cpu(self) -> None:
        """Leave other providers alone."""
        self.choose(Way("cpu"))

    def offer(self, notice: Notice, error: StudioError | None = None) -> Notice:
        """The same with the CPU a click away, where another provider is to blame, or may be.

        error: what the notice is about, if it is an error of a run.
        """
        document = self._studio.document
        fallback = document.opened.fallback if document is not None else None
        if error is None and fallback is not None and str(fallback) in notice.text:
            return replace(notice, detail=fallback.detail, action=ON_THE_CPU, do=self.run_on_cpu)
        if isinstance(error, UnsupportedModelError | WorkerError) and self._elsewhere:
            return replace(notice, action=ON_THE_CPU, do=self.run_on_cpu)
        return notice

    @property
    def _elsewhere(self) -> bool:
        """Whether something else than the CPU runs models, or was asked to."""
        document = self._studio.document
        ran = document.opened.provider if document is not None else CPU
        return self.way.name not in ("", "cpu") or (not self.way.name and ran != CPU)

    def _return(self) -> None:
        """Put the cursor where it stood: another trace of the same sentence is there."""
        back, self._back = self._back, None
        document = self._studio.document
        if back is not None and document is not None and document.opened.model.provider == self._studio.provider:
            self._studio.cursor.move(token=back.token, layer=back.layer, head=back.head, unit=back.unit)
