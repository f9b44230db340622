"""The recurrent cells as a bench of the lab."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.bench import Diverged, Snapshot, State
from embstudio.lab.recurrent.agree import Agree
from embstudio.lab.recurrent.course import Past
from embstudio.lab.recurrent.learner import ARRAYS, Flow, Learner
from embstudio.lab.recurrent.order import Order
from embstudio.lab.recurrent.remember import Remember
from embstudio.lab.recurrent.settings import AGREE, ALL_LENGTHS, BATCHES, REMEMBER, Settings
from embstudio.lab.recurrent.tasks import Examples, Task, drawn

STRETCH = 10  # batches between two looks at the gradients, and of a point of the curves
HELD_OUT = 100  # examples
LOOKED_AT = 32  # of them, for the gradients
AT_A_DISTANCE = 50  # examples, of each shorter one
DISTANCES = 8  # at which accuracy is asked, at most
# What the seed is joined with, so that each use has its own numbers.
_START, _TRAIN, _HELD, _NEAR = range(4)


@dataclass(frozen=True)
class RecurrentOrder:
    """What the bench is made from."""

    settings: Settings

    def bench(self) -> Recurrent:
        """Raises InputError for settings that cannot be."""
        self.settings.check()
        return Recurrent(self.settings)


@dataclass(frozen=True)
class About:
    """words: by their ids. answers: what is asked for. parameters: of each cell."""

    task: str
    cells: tuple[str, ...]
    words: tuple[str, ...]
    answers: tuple[str, ...]
    parameters: tuple[int, ...]


@dataclass(frozen=True)
class Followed:
    """One example. ids: [T]. answer: its place. learnt: whether it is the first of the batch that a step learnt from;
    else it is held out."""

    ids: np.ndarray
    answer: int
    learnt: bool


@dataclass(frozen=True)
class Guesses:
    """Of the followed example. chances: [T, answers], what the read-out makes of h after each token, though only the
    last is learnt. flow: of it alone. after: the chance of the right answer once the step was taken."""

    chances: np.ndarray
    flow: Flow
    after: float | None


@dataclass(frozen=True)
class CellFacts:
    """train, held: see `course`. flow: over held-out examples; start: the same before any training. by_distance: share
    of right answers at each of the distances. largest: singular value of R. guesses: None where the cell is stopped
    and so took no step."""

    kind: str
    train: np.ndarray
    held: np.ndarray
    flow: Flow
    start: Flow
    by_distance: np.ndarray
    largest: float
    guesses: Guesses | None
    stopped: str
    stopped_at: float


@dataclass(frozen=True)
class Facts:
    """nothing: the loss of a blind guess. distances: at which accuracy was asked. batch: of the epoch, that is next."""

    cells: tuple[CellFacts, ...]
    followed: Followed
    distances: tuple[int, ...]
    distance: int
    nothing: float
    batch: int


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
        self._test()

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
            self._test()

    def advance(self, seconds: float = 0.0) -> None:
        """One batch, and more of the epoch while there is time. Raises Diverged."""
        until = time.perf_counter() + seconds
        epoch = self.epoch
        while self.epoch == epoch < self.epochs:
            examples = self._examples()
            for learner in self._learners:
                if not learner.stopped:
                    learner.learn(examples, self.settings, self.epoch + self.share)
            self._go_on(examples)
            if time.perf_counter() >= until:
                break

    def step(self) -> None:
        """One batch, of which the first example is followed. Raises Diverged."""
        if self.epoch >= self.epochs:
            return
        examples = self._examples()
        first = examples[:1]
        followed: dict[str, Guesses] = {}
        for learner in self._learners:
            if learner.stopped:
                continue
            network = learner.network
            chances = network.read(network.guess(first).passed.h[1:, 0])
            learnt = learner.learn(examples, self.settings, self.epoch + self.share)
            if learnt is not None:
                after = float(network.guess(first).chances[0, first.answers[0]])
                followed[learner.kind] = Guesses(chances, Flow.of(learnt, slice(0, 1)), after)
        self._go_on(examples)
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
        distances = (*(distance for distance, _ in self._nearer), self.settings.distance)
        facts = Facts(cells, self._followed, distances, self.settings.distance, self.nothing, self._batch)
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
        self._test()

    def _check_distance(self, settings: Settings) -> None:
        if settings.distance < self.task.shortest:
            raise InputError(f"This task needs a distance of {self.task.shortest} or more.",
                             where=f"distance = {settings.distance}")  # fmt: skip

    def _set_aside(self) -> None:
        """Draw the examples that are held out, for this distance and shorter ones; look at the cells as they began."""
        self._check_distance(self.settings)
        task, seed, distance = self.task, self.settings.seed, self.settings.distance
        chance = np.random.default_rng([seed, _HELD, distance])
        self._held = drawn(task, chance, distance, HELD_OUT, held_out=True)
        nearer = np.linspace(task.shortest, distance, min(DISTANCES, distance - task.shortest + 1)).round()[:-1]
        self._nearer = [
            (near, drawn(task, np.random.default_rng([seed, _NEAR, near]), near, AT_A_DISTANCE, held_out=True))
            for near in dict.fromkeys(nearer.astype(int).tolist())
        ]
        looked_at = self._held[:LOOKED_AT]
        self._starts = {learner.kind: Flow.of(learner.first.learn(looked_at)) for learner in self._learners}

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
        if self._batch < BATCHES:
            if self._batch % STRETCH == 0 or self._followed.learnt:
                self._look()
            return
        self.epoch, self._batch = self.epoch + 1, 0
        for learner in self._learners:
            learner.begin_epoch()
        self._test()

    def _look(self) -> None:
        """At the gradients, and at one example."""
        looked_at = self._held[:LOOKED_AT]
        self._followed = Followed(looked_at.ids[:, 0], int(looked_at.answers[0]), learnt=False)
        self._flows, self._guesses = {}, {}
        for learner in self._learners:
            with np.errstate(all="ignore"):
                learnt = learner.network.learn(looked_at)
            self._flows[learner.kind] = Flow.of(learnt)
            chances = learner.network.read(learnt.guessed.passed.h[1:, 0])
            self._guesses[learner.kind] = Guesses(chances, Flow.of(learnt, slice(0, 1)), None)

    def _test(self) -> None:
        """All held-out examples, at this distance and shorter ones."""
        self._by_distance = {}
        at = self.epoch + self.share
        for learner in self._learners:
            found = learner.network.guess(self._held)
            if not learner.stopped:
                learner.course.tested(at, found.loss, found.right / HELD_OUT)
            right = [learner.network.guess(examples).right / AT_A_DISTANCE for _, examples in self._nearer]
            self._by_distance[learner.kind] = np.array([*right, found.right / HELD_OUT])
        self._look()
