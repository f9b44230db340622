"""Word2vec as a bench of the lab."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.bench import Bench, Diverged, Snapshot, State
from embstudio.lab.loss_curve import LossCurve
from embstudio.lab.word2vec.account import Account, learn
from embstudio.lab.word2vec.batch import cbow, descend, skip_gram
from embstudio.lab.word2vec.chances import Noise, keep_chances
from embstudio.lab.word2vec.reading import read_file, read_text
from embstudio.lab.word2vec.settings import CBOW, GENSIM, NEGATIVES, SOFTMAX, Settings
from embstudio.lab.word2vec.vocabulary import Corpus, Vocabulary, check_size
from embstudio.lab.word2vec.windows import context_of, windows_at

TOGETHER = 8  # words learnt from at once: with 16, repeated words overshoot at rates that one by one are fine
SHARED = 64  # negatives that they share
_BLOCK = 64  # batches whose negatives are drawn together
LAST_RATE = 0.01  # of the first
RUNAWAY = 3.0  # times the loss of vectors that know nothing
_WATCHED = 32  # predictions, at least, over whose mean that is asked
# What the seed and an epoch are joined with, so that each use has its own numbers.
_START, _KEPT, _NOISE, _STEP = range(4)


@dataclass(frozen=True)
class Word2vecOrder:
    """What the bench is made from: a text, or a file with one."""

    settings: Settings
    text: str = ""
    path: Path | None = None

    def bench(self) -> Bench:
        """Raises InputError: nothing to learn in the text, no room for it, settings that cannot be, no such file, no
        gensim where that shall train."""
        self.settings.check()
        if self.settings.trainer == GENSIM:
            from embstudio.lab.word2vec.gensim_bench import GensimWord2vec, library

            library()  # before a long text is read
            return GensimWord2vec(self._corpus(), self.settings)
        return Word2vec(self._corpus(), self.settings)

    def _corpus(self) -> Corpus:
        if self.path is not None:
            return read_file(self.path, self.settings)
        return read_text(self.text, self.settings)


@dataclass(frozen=True)
class Sentence:
    """The sentence the next step is in. words: its words. passed: which of them subsampling passes over in this epoch.

    centre: the place of the centre in it. window: the places of the words around it.
    """

    words: tuple[int, ...]
    passed: tuple[bool, ...]
    centre: int
    window: tuple[int, ...]


@dataclass(frozen=True)
class Facts:
    """What is to be seen beside both tables. curve: [n, 2] epochs and losses. nothing: the loss of knowing nothing.

    account: of the last step, if that was the last thing done; account_at: the sentence it was in.

    sampled: how many predictions the loss is the mean of; 0 where it is that of all. threads: of gensim; 0: it is ours.
    """

    curve: np.ndarray
    nothing: float
    rate: float
    here: Sentence | None
    account: Account | None
    account_at: Sentence | None
    left_out: int
    sampled: int = 0
    threads: int = 0


def starting_vectors(settings: Settings, words: int) -> np.ndarray:
    """The input table [words, width] before training: small numbers, evenly spread, as in word2vec.c. Output vectors
    begin at nothing."""
    start = np.random.default_rng([settings.seed, 0, _START]).random((words, settings.dimensions))
    return ((start - 0.5) / settings.dimensions).astype(np.float32)


class Word2vec:
    """See `lab.bench.Bench`. V, U: input and output table [words, width] float32."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        words = len(corpus.vocabulary.words)
        check_size(words, settings.dimensions, softmax=settings.loss == SOFTMAX)
        self.corpus, self.settings = corpus, settings
        self.epoch, self.examples = 0, 0
        self.V = starting_vectors(settings, words)
        self.U = np.zeros_like(self.V)
        self._noise = Noise(corpus.vocabulary.counts)
        self._curve = LossCurve(settings.epochs)
        self._recent: list[tuple[float, int]] = []
        self._negatives: tuple[int, np.ndarray] | None = None  # of some batches, after the first one's number
        self._account: Account | None = None
        self._account_at: Sentence | None = None
        self._begin_epoch()

    @property
    def about(self) -> Vocabulary:
        """The words, the most frequent first."""
        return self.corpus.vocabulary

    @property
    def epochs(self) -> int:
        return self.settings.epochs

    @property
    def share(self) -> float:
        """How much of the epoch is done."""
        return self._at / max(1, len(self._ids))

    @property
    def nothing(self) -> float:
        """The loss of a prediction while all scores are 0; a negative that is the true word does not count."""
        if self.settings.loss == NEGATIVES:
            return float((1 + self.settings.negatives * (1 - self._true_drawn)) * np.log(2))
        return float(np.log(len(self.V)))

    @property
    def rate(self) -> float:
        """What gradients are multiplied with now: it falls evenly, from the settings' to a hundredth of it."""
        done = min(1.0, (self.epoch + self.share) / self.epochs)
        return self.settings.rate * max(LAST_RATE, 1 - done)

    def change(self, settings: Settings) -> None:
        """Raises InputError for what needs a beginning anew."""
        settings.check()
        fixed = self.settings.needs_reset(settings)
        if fixed:
            raise InputError(f"{', '.join(fixed)} cannot be changed while a model trains.", advice="Reset it.")
        if settings == self.settings:
            return
        again = settings.subsampling != self.settings.subsampling or settings.window != self.settings.window
        self.settings = settings
        if again:  # which words stay is another choice: the epoch begins again with the vectors as they are
            self._begin_epoch()

    def advance(self, seconds: float = 0.0) -> None:
        """One batch of words, and more while there is time. Raises Diverged."""
        until = time.perf_counter() + seconds
        while self._pair:  # a window that was begun by single steps
            self.step()
        self._account = None
        while self._at < len(self._ids):
            self._learn_batch()
            if time.perf_counter() >= until:
                break
        if self._at >= len(self._ids):
            self._end_epoch()

    def step(self) -> None:
        """One pair (skip-gram), or one window (CBOW). Raises Diverged."""
        if self.epoch >= self.epochs:
            return
        context = self._context()
        while not context:  # a word alone in its sentence
            self._go_on()
            if self._at >= len(self._ids):
                self._end_epoch()
                return
            context = self._context()
        self._account_at = self._sentence()
        centre = int(self._ids[self._at])
        chance = np.random.default_rng([self.settings.seed, self.epoch, _STEP, self._at, self._pair])
        k = self.settings.negatives
        negatives = self._noise.draw(chance, k) if self.settings.loss == NEGATIVES else None
        rate, at = self.rate, self._at
        with np.errstate(all="ignore"):  # `_watch` looks
            if self.settings.model == CBOW:
                inputs = tuple(int(self._ids[place]) for place in context)
                self._account = learn(self.V, self.U, inputs, centre, negatives, rate, at, None)
            else:
                other = context[self._pair]
                true = int(self._ids[other])
                self._account = learn(self.V, self.U, (centre,), true, negatives, rate, at, other)
        self._pair += 1
        if self.settings.model == CBOW or self._pair >= len(context):
            self._go_on()
        self._watch(self._account.loss, 1)
        if self._at >= len(self._ids):
            self._end_epoch()

    def snapshot(self) -> Snapshot:
        here = self._sentence() if self._at < len(self._ids) else None
        facts = Facts(
            self._curve.points, self.nothing, self.rate, here, self._account, self._account_at, self.corpus.left_out
        )
        return Snapshot((self.V, self.U), facts)

    def state(self) -> State:
        return State(self.epoch, (self.V.copy(), self.U.copy()), self._curve.points)

    def restore(self, state: State) -> None:
        self.epoch = state.epoch
        self.V, self.U = (array.copy() for array in state.arrays)
        self._curve.take(state.facts)
        self._recent = []
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        """Choose the words that stay, and go to the first."""
        chance = np.random.default_rng([self.settings.seed, self.epoch, _KEPT])
        keep = keep_chances(self.corpus.vocabulary.frequencies, self.settings.subsampling)
        stays = self.corpus.vocabulary.frequencies * keep
        self._true_drawn = float(stays @ self._noise.chances / stays.sum())  # how often a negative is the true word
        stay = chance.random(len(self.corpus.ids)) < keep[self.corpus.ids]
        self._tokens = np.flatnonzero(stay)  # places in the whole text
        self._ids, self._sentences = self.corpus.ids[self._tokens], self.corpus.sentences[self._tokens]
        self._at = self._pair = 0
        self._negatives = self._account = self._account_at = None

    def _end_epoch(self) -> None:
        account, at = self._account, self._account_at
        self.epoch += 1
        self._begin_epoch()
        self._account, self._account_at = account, at

    def _learn_batch(self) -> None:
        settings = self.settings
        number = self._at // TOGETHER
        end = min(len(self._ids), (number + 1) * TOGETHER)
        windows = windows_at(self._ids, self._sentences, self._at, end, settings.window)
        negatives = self._shared(number) if settings.loss == NEGATIVES else None
        gradients_of = cbow if settings.model == CBOW else skip_gram
        with np.errstate(all="ignore"):  # `_watch` looks
            found = gradients_of(self.V, self.U, windows, negatives, settings.negatives)
            descend(self.V, *found.inputs, self.rate)
            descend(self.U, *found.outputs, self.rate)
        self.examples += end - self._at
        self._at = end
        self._watch(found.loss, found.pairs)

    def _shared(self, batch: int) -> np.ndarray:
        """The negatives of a batch of this epoch, the same however training came there."""
        block = batch // _BLOCK
        if self._negatives is None or self._negatives[0] != block:
            chance = np.random.default_rng([self.settings.seed, self.epoch, _NOISE, block])
            self._negatives = block, self._noise.draw(chance, (_BLOCK, SHARED))
        return np.asarray(self._negatives[1][batch % _BLOCK])

    def _watch(self, loss: float, pairs: int) -> None:
        """Take a loss into the curve. Raises Diverged where it ran away."""
        self._recent.append((loss, pairs))
        self._curve.add(self.epoch + self.share, loss, pairs)
        count = sum(pairs for _, pairs in self._recent)
        while count - self._recent[0][1] >= _WATCHED:
            count -= self._recent.pop(0)[1]
        mean = sum(loss for loss, _ in self._recent) / max(1, count)
        if not np.isfinite(mean) or (count >= _WATCHED and mean > RUNAWAY * self.nothing):
            rose = f"The loss rose to {mean:.3g}" if np.isfinite(mean) else "The loss grew beyond all numbers"
            raise Diverged(
                f"{rose}; vectors that know nothing have {self.nothing:.3g}. "
                f"A rate of {self.settings.rate:g} is too high here: each step overshoots."
            )

    def _context(self) -> list[int]:
        return context_of(self._sentences, self._at, self.settings.window)

    def _go_on(self) -> None:
        self._at, self._pair = self._at + 1, 0
        self.examples += 1

    def _sentence(self) -> Sentence:
        """The sentence of the word that is next."""
        where = int(self._tokens[self._at])
        number = self.corpus.sentences[where]
        low, high = np.searchsorted(self.corpus.sentences, [number, number + 1])
        low, high = max(int(low), where - 200), min(int(high), where + 200)  # a text need not have sentences
        stays = np.zeros(high - low, dtype=bool)
        first, last = np.searchsorted(self._tokens, [low, high])
        stays[self._tokens[first:last] - low] = True
        window = tuple(int(self._tokens[place]) - low for place in self._context())
        return Sentence(
            tuple(self.corpus.ids[low:high].tolist()), tuple((~stays).tolist()), where - low,
            tuple(place for place in window if 0 <= place < high - low),
        )  # fmt: skip
