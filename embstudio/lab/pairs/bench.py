"""Pairs as a bench of the lab. A run takes the same steps as one who steps: one pair, or one triplet, at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.bench import Diverged, Snapshot, State
from embstudio.lab.pairs.account import Account, Judged, Member, Weight
from embstudio.lab.pairs.descent import Descent
from embstudio.lab.pairs.encoders import encoder_of
from embstudio.lab.pairs.examples import Examples, distances_of, losses_of, nothing
from embstudio.lab.pairs.items import Items
from embstudio.lab.pairs.pair_list import Pair, PairList, check_pairs
from embstudio.lab.pairs.settings import LSTM, TABLE, TRIPLET, Settings
from embstudio.lab.pairs.split import split

MOST_NUMBERS = 2_000_000  # of a table, and on the way to all vectors
_ORDER = 2  # what the seed is joined with; the encoder and the split have 0 and 1
_RUNAWAY = 3.0  # times the loss of an encoder that gives all items one vector, or of the start
_WATCHED = 16  # examples, at least, over whose mean that is asked


@dataclass(frozen=True)
class PairsOrder:
    """What the bench is made from. starts: vectors that items begin with, in a table as wide as they are."""

    settings: Settings
    pairs: tuple[Pair, ...]
    starts: tuple[tuple[str, tuple[float, ...]], ...] = ()

    @classmethod
    def of(cls, settings: Settings, found: PairList) -> PairsOrder:
        return cls(settings, found.pairs, found.starts)

    def bench(self) -> Pairs:
        """Raises InputError: pairs nothing can be learnt from, settings that cannot be."""
        self.settings.check()
        check_pairs(self.pairs)
        return Pairs(self)


@dataclass(frozen=True)
class About:
    """What stays as it is. items; held: [pairs], which are held out; examples: how many are learnt from in an epoch,
    held_examples: how many are held out; given: items that began with a vector that was given."""

    items: Items
    held: np.ndarray
    examples: int
    held_examples: int
    given: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """Mean loss and share of right verdicts, of training's pairs and of those held out; nan where there are none."""

    loss: float
    held_loss: float
    accuracy: float
    held_accuracy: float


@dataclass(frozen=True)
class Facts:
    """What is to be seen beside the vectors. curve: [n, 5], epoch and what was Measured at its end. nothing: the loss
    of an encoder that gives all items one vector. account: of the last step; next: the pairs of the next one.
    stopped: it is at its end because enough pairs are right."""

    curve: np.ndarray
    now: Measured
    nothing: float
    account: Account | None
    next: tuple[int, ...]
    stopped: bool


@dataclass(frozen=True)
class _Taken:
    """The last step, as long as its account can still be made."""

    example: int
    number: int
    epoch: int
    before: np.ndarray
    slopes: tuple[np.ndarray, ...]
    distances: np.ndarray
    weights: tuple[Weight, ...]
    loss: float
    settings: Settings


class Pairs:
    """See `lab.bench.Bench`. The first array of a snapshot is the items' vectors [items, dimensions], the second the
    distances [pairs], then the encoder's weights, all float64."""

    def __init__(self, order: PairsOrder) -> None:
        self.settings = settings = order.settings
        self.items = Items.of(order.pairs, settings.encoder)
        _check_size(self.items, settings)
        if (self.items.ends[:, 0] == self.items.ends[:, 1]).all():
            raise InputError(
                "Every pair is of an item with itself.", advice="Nothing can be learnt: pair it with others."
            )
        parts = split(self.items, settings.held_out, settings.seed)
        self._train = Examples.of(self.items, parts, settings, held=False)
        self._held = Examples.of(self.items, parts, settings, held=True)
        if not len(self._train):
            raise InputError(
                "No triplet can be made of these pairs.",
                where="a triplet is an item with one that is the SAME and one that is DIFFERENT",
                advice="Add pairs that have an item in common, hold fewer out, or take another loss.",
            )  # fmt: skip
        starts = dict(order.starts)
        self.encoder = encoder_of(self.items, settings, starts)
        given = tuple(name for name in self.items.names if len(starts.get(name, ())) == settings.dimensions)
        self.about = About(
            self.items, parts.held, len(self._train), len(self._held), given if settings.encoder == TABLE else ()
        )
        self._descent = Descent(self.encoder.weights, settings.optimiser)
        self.epoch, self.examples, self._at = 0, 0, 0
        self._taken: _Taken | None = None
        self._recent: list[float] = []
        self._seen: tuple[int, np.ndarray] | None = None  # vectors of all items, after that many examples
        self._curve: list[tuple[float, ...]] = []
        self._start_loss = self.measure().loss
        self._curve.append(self._row())
        self._begin_epoch()

    @property
    def epochs(self) -> int:
        """How many there shall be; those that are done, once enough pairs are right."""
        return self.epoch if self.stopped else self.settings.epochs

    @property
    def stopped(self) -> bool:
        """Whether, at the end of an epoch, enough of the training's pairs were right."""
        enough = self.settings.stop_at
        return bool(enough and self.epoch and self._at == 0 and self._curve[-1][3] >= enough)

    @property
    def share(self) -> float:
        """How much of the epoch is done."""
        return self._at / len(self._train)

    @property
    def nothing(self) -> float:
        """The mean loss of an encoder that gives all items one vector."""
        return nothing(self._train, self.settings)

    def vectors(self) -> np.ndarray:
        """Of all items as they are now, [items, dimensions]."""
        if self._seen is None or self._seen[0] != self.examples:
            self._seen = self.examples, self.encoder.encode(np.arange(len(self.items.names)))[0]
        return self._seen[1]

    def distances(self) -> np.ndarray:
        """Of all pairs, [pairs]."""
        return distances_of(self.vectors(), self.items.ends, self.settings.loss)

    def measure(self) -> Measured:
        """How it does now on all pairs."""
        V = self.vectors()
        right = (self.distances() <= self.settings.threshold) == self.items.same
        held = self.about.held
        losses = []
        for part in (self._train, self._held):
            found, _ = losses_of([V[part.rows[:, at]] for at in range(part.rows.shape[1])], part.same, self.settings)
            losses.append(float(found.mean()) if len(found) else float("nan"))
        shares = [float(which.mean()) if len(which) else float("nan") for which in (right[~held], right[held])]
        return Measured(losses[0], losses[1], shares[0], shares[1])

    def change(self, settings: Settings) -> None:
        """Raises InputError for what needs a beginning anew."""
        settings.check()
        fixed = self.settings.needs_reset(settings)
        if fixed:
            raise InputError(f"{', '.join(fixed)} cannot be changed while a model trains.", advice="Reset it.")
        self.settings = settings
        if self._at == 0:  # where the epoch ended is told by what is asked now
            self._curve[-1] = self._row()

    def advance(self, seconds: float = 0.0) -> None:
        """One step, and more of the same epoch while there is time. Raises Diverged."""
        until, epoch = time.perf_counter() + seconds, self.epoch
        while self.epoch < self.epochs:
            self.step()
            if self.epoch != epoch or time.perf_counter() >= until:
                break

    def step(self) -> None:
        """Learn from one pair, or triplet. Raises Diverged."""
        if self.epoch >= self.epochs:
            return
        example = int(self._order[self._at])
        rows, settings = self._train.rows[example], self.settings
        with np.errstate(all="ignore"):  # `_watch` looks
            before, way = self.encoder.encode(rows)
            same = self._train.same[example : example + 1]
            found, slopes = losses_of([each[None] for each in before], same, settings)
            distances = self._distances(before)
            by_weight = self.encoder.back(way, np.concatenate(slopes))
            moves = self._descent.step(by_weight, settings.rate)
            weights = tuple(
                Weight(name, float(np.linalg.norm(by_weight[name][1])), float(np.linalg.norm(move)))
                for name, move in moves.items()
            )
        loss = float(found[0])
        self._taken = _Taken(
            example, self._at, self.epoch, before.copy(), slopes, distances, weights, loss, settings
        )  # fmt: skip
        self.examples += 1
        self._at += 1
        self._watch(loss)
        if self._at >= len(self._train):
            self.epoch += 1
            self._begin_epoch()
            self._curve.append(self._row())

    def snapshot(self) -> Snapshot:
        following = self._train.pairs[self._order[self._at]] if self.epoch < self.epochs else ()
        pairs = tuple(int(each) for each in following)
        facts = Facts(np.array(self._curve), self.measure(), self.nothing, self._account(), pairs, self.stopped)
        return Snapshot((self.vectors(), self.distances(), *self.encoder.weights.values()), facts)

    def state(self) -> State:
        arrays = [each.copy() for each in (*self.encoder.weights.values(), *self._descent.moments)]
        return State(self.epoch, tuple(arrays), (tuple(self._curve), self._descent.steps))

    def restore(self, state: State) -> None:
        kept = iter(state.arrays)
        for array in (*self.encoder.weights.values(), *self._descent.moments):
            array[...] = next(kept)
        curve, self._descent.steps = state.facts
        self.epoch, self._curve = state.epoch, list(curve)
        self._recent, self._taken, self._seen = [], None, None
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        """Another order of the examples, by the seed and the epoch."""
        chance = np.random.default_rng([self.settings.seed, _ORDER, self.epoch])
        self._order, self._at = chance.permutation(len(self._train)), 0

    def _row(self) -> tuple[float, ...]:
        found = self.measure()
        return (float(self.epoch), found.loss, found.held_loss, found.accuracy, found.held_accuracy)

    def _distances(self, vectors: np.ndarray) -> np.ndarray:
        """From the first of an example's vectors to each other one."""
        ends = np.array([[0, other] for other in range(1, len(vectors))])
        return distances_of(vectors, ends, self.settings.loss)

    def _account(self) -> Account | None:
        """Of the last step, if nothing came after it."""
        taken = self._taken
        if taken is None:
            return None
        rows, used = self._train.rows[taken.example], taken.settings
        after = self.encoder.encode(rows)[0]
        loss_after, _ = losses_of([each[None] for each in after], self._train.same[[taken.example]], used)
        labels = (True, False) if used.loss == TRIPLET else (bool(self._train.same[taken.example]),)
        judged = tuple(
            Judged(
                int(pair),
                same,
                float(was),
                float(now),
                bool(was <= used.threshold) == same,
                bool(now <= used.threshold) == same,
            )
            for pair, same, was, now in zip(
                self._train.pairs[taken.example], labels, taken.distances, self._distances(after), strict=True
            )
        )
        members = tuple(
            Member(int(row), was, slope[0], now.copy())
            for row, was, slope, now in zip(rows, taken.before, taken.slopes, after, strict=True)
        )
        return Account(
            members, judged, taken.weights, taken.loss, float(loss_after[0]), used.threshold, used.margin, used.rate,
            taken.epoch, taken.number,
        )  # fmt: skip

    def _watch(self, loss: float) -> None:
        """Raises Diverged where the loss ran away."""
        usual = max(self.nothing, self._start_loss) or 1.0
        self._recent.append(loss)
        count = max(_WATCHED, len(self._train))
        del self._recent[:-count]
        mean = float(np.mean(self._recent))
        assert self._taken is not None
        finite = np.isfinite(loss) and all(np.isfinite(each.moved) for each in self._taken.weights)
        if finite and not (len(self._recent) == count and mean > _RUNAWAY * usual) and loss < 1e6 * usual:
            return
        rose = f"The loss rose to {mean:.3g}" if finite else "The loss grew beyond all numbers"
        raise Diverged(
            f"{rose}; it was {self._start_loss:.3g} to begin with, and {self.nothing:.3g} with all items in one place. "
            f"A rate of {self.settings.rate:g} is too high here: each step overshoots."
        )


def _check_size(items: Items, settings: Settings) -> None:
    """Raises InputError for a table that would be too large, or for items that take too long to be read.

    All vectors are made anew for each look at them, and nothing is heard meanwhile.
    """
    table, lstm = settings.encoder == TABLE, settings.encoder == LSTM
    rows = len(items.names) if table else len(items.words)
    longest = 1 if table else items.ids.shape[1]
    work = len(items.names) * longest * settings.dimensions * (4 if lstm else 1)
    if max(rows * settings.dimensions, work) > MOST_NUMBERS:
        words = "" if table else f" × {longest:,} words"
        raise InputError(
            "These are too many to make vectors of while one looks on.",
            where=f"{len(items.names):,} items{words} × {settings.dimensions:,} dimensions",
            advice="Take fewer pairs, shorter texts or fewer dimensions.",
        )  # fmt: skip
