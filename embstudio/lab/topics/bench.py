"""LDA as a bench of the lab: a step sorts one word again, an epoch all of them once."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.bench import Snapshot, State
from embstudio.lab.topics.account import Account, sort_one
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.gibbs import Gibbs, one_topic
from embstudio.lab.topics.settings import Settings

_LOOK = 64  # words between two looks at the clock
_QUICK = 50_000  # tokens up to which the perplexity is worked out for every report
_MOST_NUMBERS = 2**27  # in the tables of counts
# What the seed and an epoch are joined with, so that each use has its own numbers.
_START, _DRAWS = range(2)


@dataclass(frozen=True)
class TopicsOrder:
    """What the bench is made from."""

    settings: Settings
    corpus: Corpus

    def bench(self) -> Topics:
        """Raises InputError."""
        self.check()
        return Topics(self.corpus, self.settings)

    def check(self) -> None:
        """Raises InputError: nothing to find topics in, too many words, settings that cannot be."""
        self.settings.check()
        self.corpus.check()
        self.corpus.check_tokens()
        words = len(np.unique(self.corpus.counts.columns))
        if self.settings.topics > words:
            raise InputError(
                f"There are more topics than words: {self.settings.topics:,} and {words:,}.",
                advice="Take fewer topics, or documents with more words.",
            )  # fmt: skip
        if self.settings.topics * (len(self.corpus.words) + len(self.corpus.names)) > _MOST_NUMBERS:
            raise InputError(
                "The tables of counts would be too large.", where=f"{self.settings.topics:,} topics",
                advice="Take fewer topics, or leave rare words out.",
            )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Facts:
    """What is to be seen beside the tables. curve: [n, 3] epoch, perplexity, log P(w | z), after each epoch and before
    the first. nothing: the perplexity of a single topic. now: perplexity and log P(w | z) of this moment, where they
    are quickly worked out. token: which comes next. account: of the last step, if that was the last thing done. moved:
    how many words changed their topic in the last full epoch."""

    curve: np.ndarray
    nothing: float
    now: tuple[float, float] | None
    token: int
    account: Account | None
    moved: int | None
    alpha: float
    beta: float


class Topics:
    """See `lab.bench.Bench`. Its arrays: z [tokens], n_dk [documents, topics], n_wk [words, topics]."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        self.corpus, self.settings = corpus, settings
        self.epoch, self.examples = 0, 0
        tokens = corpus.tokens
        start = np.random.default_rng([settings.seed, 0, _START]).integers(settings.topics, size=tokens)
        self.gibbs = Gibbs(corpus, settings.topics, start)
        self._nothing = one_topic(corpus)
        self._curve: list[tuple[float, float, float]] = [(0.0, *self._judged())]
        self._moved: int | None = None
        self._account: Account | None = None
        self._begin_epoch()

    @property
    def about(self) -> Corpus:
        return self.corpus

    @property
    def epochs(self) -> int:
        return self.settings.epochs

    @property
    def share(self) -> float:
        """How much of the epoch is done."""
        return self._at / len(self.gibbs.z)

    def change(self, settings: Settings) -> None:
        """Raises InputError for what needs a beginning anew."""
        settings.check()
        fixed = self.settings.needs_reset(settings)
        if fixed:
            raise InputError(f"{', '.join(fixed)} cannot be changed while words are sorted.", advice="Reset it.")
        self.settings = settings

    def advance(self, seconds: float = 0.0) -> None:
        """Some words, and more while there is time."""
        if self.epoch >= self.epochs:
            return
        until = time.perf_counter() + seconds
        self._account = None
        while self._at < len(self._draws):
            draws = self._draws[self._at : self._at + _LOOK]
            self.gibbs.sort(self._at, draws, self.settings.alpha, self.settings.beta)
            self._go_on(len(draws))
            if time.perf_counter() >= until:
                break
        if self._at >= len(self._draws):
            self._end_epoch()

    def step(self) -> None:
        """One word."""
        if self.epoch >= self.epochs:
            return
        at = self._at
        self._account = sort_one(self.gibbs, at, float(self._draws[at]), self.settings.alpha, self.settings.beta)
        self._go_on(1)
        if self._at >= len(self._draws):
            self._end_epoch()

    def snapshot(self) -> Snapshot:
        now = self._judged() if len(self.gibbs.z) <= _QUICK else None
        facts = Facts(
            np.array(self._curve), self._nothing, now, self._at, self._account, self._moved,
            self.settings.alpha, self.settings.beta,
        )  # fmt: skip
        return Snapshot((self.gibbs.z, self.gibbs.n_dk, self.gibbs.n_wk), facts)

    def state(self) -> State:
        return State(self.epoch, (self.gibbs.z.astype(np.int32),), (tuple(self._curve), self._moved))

    def restore(self, state: State) -> None:
        self.epoch = state.epoch
        self.gibbs.take(state.arrays[0])
        self._curve, self._moved = list(state.facts[0]), state.facts[1]
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        chance = np.random.default_rng([self.settings.seed, self.epoch, _DRAWS])
        self._draws = chance.random(len(self.gibbs.z))
        self._before = self.gibbs.z.copy()
        self._at = 0
        self._account = None

    def _go_on(self, count: int) -> None:
        self._at += count
        self.examples += count

    def _end_epoch(self) -> None:
        self.epoch += 1
        self._moved = int((self.gibbs.z != self._before).sum())
        self._curve.append((float(self.epoch), *self._judged()))
        account = self._account
        self._begin_epoch()
        self._account = account  # of the last word of the epoch before

    def _judged(self) -> tuple[float, float]:
        """Perplexity and log P(w | z)."""
        alpha, beta = self.settings.alpha, self.settings.beta
        return self.gibbs.perplexity(alpha, beta), self.gibbs.log_likelihood(beta)
