"""The recurrent cells as a bench of the lab."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.bench import Diverged, Snapshot, State
from embstudio.lab.recurrent.agree import Agree
from embstudio.lab.recurrent.course import Past
from embstudio.lab.recurrent.facts import About, CellFacts, Facts, Followed, Guesses
from embstudio.lab.recurrent.held_out import HeldOut
from embstudio.lab.recurrent.learner import ARRAYS, Flow, Learner
from embstudio.lab.recurrent.order import Order
from embstudio.lab.recurrent.remember import Remember
from embstudio.lab.recurrent.settings import AGREE, ALL_LENGTHS, BATCHES, REMEMBER, Settings
from embstudio.lab.recurrent.tasks import Examples, Task, drawn

STRETCH = 10  # batches between two looks at the gradients, and of a point of the curves
# What the seed is joined with, so that each use has its own numbers.
_START, _TRAIN, _HELD = range(3)


@dataclass(frozen=True)
class RecurrentOrder:
    """What the bench is made from."""

    settings: Settings

    def bench(self) -> Recurrent:
        """Raises InputError for settings that cannot be."""
        self.settings.check()
        return Recurrent(self.settings)


def task_of(name: str) -> Task:
    """The task of that name."""
    return Remember() if name == REMEMBER else Agree() if name == AGREE else Order()


class Recurrent:
    """See `lab.bench.Bench`. Every batch goes to all cells, so that they learn from the same examples."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.task = task_of(settings.task)
        self.epoch, self.examples = 0, 0
        self._batch = 0
        words, answers = len(self.task.words), len(self.task.answers)
        # All kinds begin from the same numbers, as far as they go.
        self._learners = [
            Learner(kind, words, answers, settings, np.random.default_rng([settings.seed, _START]))
            for kind in settings.cells
        ]
        self._set_aside()

    @property
    def about(self) -> About:
        task = self.task
        sizes = tuple(learner.network.theta.size for learner in self._learners)
        return About(self.settings.task, self.settings.cells, task.words, task.answers, sizes)

    @property
    def epochs(self) -> int:
        return self.settings.epochs

    @property
    def share(self) -> float:
        """How much of the epoch is done."""
        return self._batch / BATCHES

    @property
    def nothing(self) -> float:
        """The loss of a blind guess among the answers."""
        return float(np.log(len(self.task.answers)))

    def change(self, settings: Settings) -> None:
        """Raises InputError for what needs a beginning anew."""
        settings.check()
        fixed = self.settings.needs_reset(settings)
        if fixed:
            raise InputError(f"{', '.join(fixed)} cannot be changed while the cells train.", advice="Reset them.")
        self._check_distance(settings)
        before, self.settings = self.settings, settings
        if settings.distance != before.distance:
            self._set_aside()

    def advance(self, seconds: float = 0.0) -> None:
        """One batch, and more of the epoch while there is time. Raises Diverged."""
        until = time.perf_counter() + seconds
        epoch = self.epoch
        while self.epoch == epoch < self.epochs:
            if self._batch < BATCHES:
                examples = self._examples()
                for learner in self._learners:
                    if not learner.stopped:
                        learner.learn(examples, self.settings, self.epoch + self.share)
                self._go_on(examples)
            elif next(self._tests, True):  # none is left
                self._end_epoch()
            if time.perf_counter() >= until:
                break

    def step(self) -> None:
        """One batch, of which the first example is followed. Raises Diverged."""
        self._finish_tests()
        if self.epoch >= self.epochs:
            return
        examples = self._examples()
        first = examples[:1]
        followed: dict[str, Guesses] = {}
        for learner in self._learners:
            if learner.stopped:
                continue
            network = learner.network
            with np.errstate(all="ignore"):  # the learner looks
                chances = network.read(network.guess(first).passed.h[1:, 0])
                learnt = learner.learn(examples, self.settings, self.epoch + self.share)
                after = float(network.guess(first).chances[0, first.answers[0]])
            if learnt is not None:
                followed[learner.kind] = Guesses(chances, Flow.of(learnt, slice(0, 1)), after)
        self._go_on(examples)
        self._finish_tests()
        self._followed = Followed(first.ids[:, 0], int(first.answers[0]), learnt=True)
        self._guesses = followed

    def snapshot(self) -> Snapshot:
        cells = tuple(
            CellFacts(
                learner.kind, learner.course.train, learner.course.held, self._flows[learner.kind],
                self._starts[learner.kind], self._by_distance[learner.kind], learner.largest,
                self._guesses.get(learner.kind), learner.course.stopped, learner.course.stopped_at,
            )
            for learner in self._learners
        )  # fmt: skip
        held_out = self._held_out
        facts = Facts(cells, self._followed, held_out.distances, held_out.distance, self.nothing)
        return Snapshot(tuple(learner.network.theta for learner in self._learners), facts)

    def state(self) -> State:
        arrays = tuple(array for learner in self._learners for array in learner.arrays())
        pasts = tuple(learner.course.past(learner.optimiser.steps) for learner in self._learners)
        return State(self.epoch, arrays, pasts)

    def restore(self, state: State) -> None:
        pasts: tuple[Past, ...] = state.facts
        self.epoch, self._batch = state.epoch, 0
        for place, (learner, past) in enumerate(zip(self._learners, pasts, strict=True)):
            learner.restore(state.arrays[place * ARRAYS : (place + 1) * ARRAYS], past)
        self._test_at_once()

    def _check_distance(self, settings: Settings) -> None:
        if settings.distance < self.task.shortest:
            raise InputError(f"This task needs a distance of {self.task.shortest} or more.",
                             where=f"distance = {settings.distance}")  # fmt: skip

    def _set_aside(self) -> None:
        """Draw the examples that are held out, and see how all cells do on them now, and did before training."""
        self._check_distance(self.settings)
        self._held_out = HeldOut(self.task, (self.settings.seed, _HELD), self.settings.distance)
        looked_at = self._held_out.looked_at
        self._starts = {learner.kind: Flow.of(learner.first.learn(looked_at)) for learner in self._learners}
        self._test_at_once()

    def _examples(self) -> Examples:
        """The next batch, the same however training came there."""
        used = self.settings
        chance = np.random.default_rng([used.seed, _TRAIN, self.epoch, self._batch])
        distance = used.distance
        if used.lengths == ALL_LENGTHS:
            distance = int(chance.integers(self.task.shortest, distance + 1))
        return drawn(self.task, chance, distance, used.batch, held_out=False)

    def _go_on(self, examples: Examples) -> None:
        """After a batch. Raises Diverged where no cell is left."""
        self.examples += len(examples)
        self._batch += 1
        if all(learner.stopped for learner in self._learners):
            reasons = "; ".join(f"{learner.kind}: {learner.course.stopped}" for learner in self._learners)
            raise Diverged(f"No cell is left. {reasons}.")
        at = self.epoch + self.share
        if self._batch % STRETCH == 0:
            for learner in self._learners:
                learner.course.close(at)
        if self._batch == BATCHES:
            self._tests = self._test()
        elif self._batch % STRETCH == 0 or self._followed.learnt:
            self._look()

    def _finish_tests(self) -> None:
        """Those of an epoch that is at its end."""
        if self._batch == BATCHES:
            self._test_at_once()
            self._end_epoch()

    def _end_epoch(self) -> None:
        self.epoch, self._batch = self.epoch + 1, 0
        for learner in self._learners:
            learner.begin_epoch()

    def _look(self) -> None:
        """At the gradients, and at one example."""
        looked_at = self._held_out.looked_at
        self._followed = Followed(looked_at.ids[:, 0], int(looked_at.answers[0]), learnt=False)
        self._flows, self._guesses = {}, {}
        for learner in self._learners:
            with np.errstate(all="ignore"):
                learnt = learner.network.learn(looked_at)
            self._flows[learner.kind] = Flow.of(learnt)
            chances = learner.network.read(learnt.guessed.passed.h[1:, 0])
            self._guesses[learner.kind] = Guesses(chances, Flow.of(learnt, slice(0, 1)), None)

    def _test_at_once(self) -> None:
        for _ in self._test():
            pass
        self._tests = iter(())

    def _test(self) -> Iterator[bool]:
        """All held-out examples, a part at each turn, so that a pause need not wait for all of them."""
        at, found = self.epoch + self.share, dict[str, np.ndarray]()
        for learner in self._learners:
            right = []
            for distance, examples in (*self._held_out.nearer, (self._held_out.distance, self._held_out.examples)):
                with np.errstate(all="ignore"):
                    guessed = learner.network.guess(examples)
                right.append(guessed.right / len(examples))
                if distance == self._held_out.distance and not learner.stopped:
                    learner.course.tested(at, guessed.loss, right[-1])
                yield False
            found[learner.kind] = np.array(right)
        self._by_distance = found
        self._look()
