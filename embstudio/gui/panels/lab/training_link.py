"""A training in its own process as a page follows it: what is seen arrives as Qt signals, one training at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from embstudio.base.errors import StudioError
from embstudio.lab.bench import Order, State
from embstudio.lab.messages import Command
from embstudio.lab.training import Seen, Training


class _Held:
    """What has to end when nobody follows it any more."""

    def __init__(self) -> None:
        self.trainings: dict[int, Training] = {}  # the wanted one, and those that are coming to their end

    def close(self) -> None:
        for training in self.trainings.values():
            training.close()
        self.trainings.clear()


class TrainingLink(QObject):
    """seen(Seen, what `look` made of it), ended(StudioError): of the training that was begun last.

    look(seen) is called on the training's thread, before `seen`; it must not touch widgets.
    """

    seen = Signal(object, object)
    ended = Signal(object)
    _seen = Signal(int, object, object)
    _ended = Signal(int, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held = held = _Held()
        self._serial = 0
        self._seen.connect(self._take)
        self._ended.connect(self._end)
        self.destroyed.connect(lambda: held.close())
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close)

    @property
    def training(self) -> Training | None:
        """The one that is followed."""
        return self._held.trainings.get(self._serial)

    def begin(self, order: Order, look: Callable[[Seen], Any], state: State | None = None) -> None:
        """Begin to train, paused; what was underway is given up."""
        self.give_up()
        serial = self._serial

        def saw(seen: Seen) -> None:
            looked = look(seen)
            with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
                self._seen.emit(serial, seen, looked)

        def ended(error: StudioError) -> None:
            with contextlib.suppress(RuntimeError):
                self._ended.emit(serial, error)

        for number in [number for number, each in self._held.trainings.items() if not each.alive]:
            self._held.trainings.pop(number).close()
        self._held.trainings[serial] = training = Training(order, saw, ended, state)
        training.start()

    def tell(self, command: Command) -> None:
        """Have something done."""
        if self.training is not None:
            self.training.tell(command)

    def look_again(self) -> None:
        """Have what was seen last looked at again."""
        if self.training is not None:
            self.training.look_again()

    def give_up(self) -> None:
        """Nothing comes any more of what is underway. Returns at once."""
        if self.training is not None:
            self.training.give_up()
        self._serial += 1

    def close(self) -> None:
        """The same, and wait until all of it is gone."""
        self.give_up()
        self._held.close()

    @Slot(int, object, object)
    def _take(self, serial: int, seen: object, looked: object) -> None:
        if serial == self._serial:
            self.seen.emit(seen, looked)

    @Slot(int, object)
    def _end(self, serial: int, error: object) -> None:
        self._held.trainings.pop(serial, None)
        if serial == self._serial:
            self.ended.emit(error)
