"""What lessons need of the Lab: a bench trained to its end in a process of its own, one after the other.

No numpy at the top: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal

if TYPE_CHECKING:
    from embstudio.lab.training import Seen, Training
    from embstudio.lessons.facts import Facts, TrainingNeed


class LessonTrainings:
    """`want` some; `changed` tells of each that is in the facts. post(do): has something called on the thread that
    owns the studio, from any."""

    def __init__(self, facts: Callable[[], Facts]) -> None:
        self.changed: Signal[[]] = Signal()
        self.post: Callable[[Callable[[], object]], object] = lambda do: do()
        self._facts = facts
        self._waiting: list[TrainingNeed] = []
        self._need: TrainingNeed | None = None
        self._training: Training | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being trained."""
        return self._need is not None

    def want(self, need: TrainingNeed) -> None:
        """Ask for one, unless it is there or on its way."""
        known = need in self._facts().known or need in self._facts().refused
        if not known and need != self._need and need not in self._waiting:
            self._waiting.append(need)
        if self._need is None:
            self._next()

    def close(self) -> None:
        """End what is underway."""
        self._waiting.clear()
        self._need = None
        if self._training is not None:
            self._training.close()
            self._training = None

    def _next(self) -> None:
        while self._waiting and self._need is None:
            self._need = self._waiting.pop(0)
            try:
                self._start(self._need)
            except StudioError as error:
                self._end(self._need, error)

    def _start(self, need: TrainingNeed) -> None:
        from embstudio.lab.messages import Run
        from embstudio.lab.training import Training
        from embstudio.lessons.benches import order_of

        training = Training(
            order_of(need.training),
            lambda seen: self.post(partial(self._see, need, seen)),
            lambda error: self.post(partial(self._end, need, error)),
        )
        self._training = training
        training.start()
        training.tell(Run())

    def _see(self, need: TrainingNeed, seen: Seen) -> None:
        from embstudio.lab.messages import Standing
        from embstudio.lessons.facts import Trained

        if need != self._need:
            return
        if seen.report.standing is Standing.FINISHED:
            self._facts().known[need] = Trained(seen.about, seen.arrays, seen.report.facts)
            self._finish()
        elif seen.report.standing is Standing.DIVERGED:
            self._end(need, StudioError(f"The training ran away: {seen.report.why}"))

    def _end(self, need: TrainingNeed, error: StudioError) -> None:
        if need == self._need:
            self._facts().refused[need] = str(error)
            self._finish()

    def _finish(self) -> None:
        if self._training is not None:
            self._training.give_up()
        self._need = self._training = None
        self._next()
        self.changed.emit()
