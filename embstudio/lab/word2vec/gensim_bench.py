"""Word2vec by gensim, whose own threads train, as a bench of the lab: for large texts.

gensim comes with the extra `gensim`, and is loaded by the process that trains, and only where a person chose it. What
ours can and it cannot: single steps, the full softmax, and with several threads the same run from the same seed, since
they write into the tables as it happens (Recht, Ré, Wright and Niu 2011, Hogwild!). It subsamples as word2vec.c does.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from threading import Event, Lock, Thread
from typing import Any

import numpy as np

from embstudio.base.errors import InputError, WorkerError
from embstudio.lab.bench import Diverged, Snapshot, State
from embstudio.lab.loss_curve import LossCurve
from embstudio.lab.word2vec.bench import LAST_RATE, RUNAWAY, Facts, starting_vectors
from embstudio.lab.word2vec.chances import Noise
from embstudio.lab.word2vec.loss_probe import LossProbe
from embstudio.lab.word2vec.settings import SKIP_GRAM, Settings
from embstudio.lab.word2vec.vocabulary import Corpus, Vocabulary, check_size

LONGEST = 1_000  # words of a sentence; longer ones, as of texts without sentences, are cut
_PIECE = 4_000_000  # products of two numbers between two looks at whether to go on: some 10 milliseconds
_PROBED_EVERY = 0.25  # seconds
_LEAST = 0.004  # seconds that the threads are given, at least


def library() -> Any:
    """gensim's word2vec, imported only now. Raises InputError where it is not installed."""
    try:
        from gensim.models import word2vec
    except ImportError as error:
        raise InputError(
            "This trainer needs the package gensim, which is not installed.",
            advice="Install it with `pip install 'embstudio[gensim]'`, or take our own trainer.", detail=str(error),
        ) from error  # fmt: skip
    logging.getLogger("gensim").addHandler(logging.NullHandler())  # else its warnings go to the terminal
    return word2vec


class GensimWord2vec:
    """See `lab.bench.Bench`. Its threads train only while `advance` waits for them."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        words, counts = corpus.vocabulary.words, corpus.vocabulary.counts
        check_size(len(words), settings.dimensions, softmax=False)
        self.corpus, self.settings = corpus, settings
        self.epoch, self.examples = 0, 0
        self.threads = settings.threads or max(1, (os.cpu_count() or 1) - 1)
        self._text = _Sentences(corpus)
        self._noise = Noise(counts)
        self._model = library().Word2Vec(
            vector_size=settings.dimensions, window=settings.window, min_count=1, sample=_sample(settings),
            seed=settings.seed, workers=self.threads, sg=int(settings.model == SKIP_GRAM), hs=0,
            negative=settings.negatives, shrink_windows=False, sorted_vocab=0, cbow_mean=1,
        )  # fmt: skip
        self._model.build_vocab_from_freq(dict(zip(words, counts.tolist(), strict=True)))
        self._model.wv.vectors[...] = starting_vectors(settings, len(words))
        # Where each of its threads takes up work: the one place at which they can be held.
        self._job = self._model._do_train_job
        self._model._do_train_job = self._in_pieces
        self._gate, self._ended, self._lock = Event(), Event(), Lock()
        self._thread: Thread | None = None  # of the epoch, in which gensim starts its own
        self._failed: BaseException | None = None
        self._words_done = 0
        self._curve = LossCurve(settings.epochs)
        self._probe = LossProbe(corpus, settings, self._noise)
        self._probed = 0.0
        self._follow_settings()

    @property
    def V(self) -> np.ndarray:
        """The input table [words, width], which the threads write into."""
        return np.asarray(self._model.wv.vectors)

    @property
    def U(self) -> np.ndarray:
        """The output table [words, width]."""
        return np.asarray(self._model.syn1neg)

    @property
    def about(self) -> Vocabulary:
        return self.corpus.vocabulary

    @property
    def epochs(self) -> int:
        return self.settings.epochs

    @property
    def share(self) -> float:
        return min(1.0, self._words_done / len(self.corpus.ids))

    @property
    def rate(self) -> float:
        """What gradients are multiplied with now."""
        return self._rate_at(self.epoch + self.share)

    def change(self, settings: Settings) -> None:
        """Raises InputError for what needs a beginning anew."""
        settings.check()
        fixed = self.settings.needs_reset(settings)
        if fixed:
            raise InputError(f"{', '.join(fixed)} cannot be changed while a model trains.", advice="Reset it.")
        before, self.settings = self.settings, settings
        if settings.subsampling != before.subsampling:  # the epoch begins again with the vectors as they are
            self._leave()
            self._subsample()
        if replace(before, rate=1.0, epochs=1) != replace(settings, rate=1.0, epochs=1):
            self._probe = LossProbe(self.corpus, settings, self._noise)
        self._follow_settings()

    def advance(self, seconds: float = 0.0) -> None:
        """Raises Diverged, WorkerError."""
        if self._thread is None:
            self._begin()
        self._gate.set()
        try:
            if self._ended.wait(max(seconds, _LEAST)):
                self._end_epoch()
            elif time.monotonic() - self._probed >= _PROBED_EVERY:
                self._look_at_loss()
        finally:
            self._gate.clear()

    def step(self) -> None:
        """Raises InputError: there is none."""
        raise InputError(
            "gensim takes no single steps.", advice="Take our own trainer (“trainer”) and Reset to see one pair."
        )

    def snapshot(self) -> Snapshot:
        facts = Facts(
            self._curve.points, self._probe.nothing, self.rate, None, None, None, self.corpus.left_out,
            len(self._probe), self.threads,
        )  # fmt: skip
        return Snapshot((self.V, self.U), facts)

    def state(self) -> State:
        return State(self.epoch, (self.V.copy(), self.U.copy()), self._curve.points)

    def restore(self, state: State) -> None:
        self._leave()
        self.epoch = state.epoch
        for table, kept in zip((self.V, self.U), state.arrays, strict=True):
            table[...] = kept
        self._curve.take(state.facts)

    def _begin(self) -> None:
        """Have gensim train an epoch, in threads that wait until they may."""
        self._model.random = np.random.RandomState([self.settings.seed, self.epoch])
        self._ended.clear()
        self._text.wanted = True
        self._thread = Thread(target=self._epoch, name="gensim", daemon=True)
        self._thread.start()

    def _epoch(self) -> None:
        try:
            start, end = self._rate_at(self.epoch), self._rate_at(self.epoch + 1)
            self._model.train(self._text, total_words=len(self.corpus.ids), epochs=1, start_alpha=start, end_alpha=end)
        except Exception as error:
            self._failed = error
        finally:
            self._ended.set()

    def _in_pieces(self, sentences: list[list[str]], rate: float, inits: object) -> tuple[int, int]:
        """gensim's job, on one of its threads, piece by piece: before each it can be held."""
        known = words = at = 0
        while at < len(sentences):
            end, size = at, 0
            while end < len(sentences) and size < self._piece:
                size += len(sentences[end])
                end += 1
            self._gate.wait()
            if not self._text.wanted:
                break
            try:
                used, taken = self._job(sentences[at:end], rate, inits)
            except Exception as error:  # a thread that ended would be waited for without end
                self._failed, self._text.wanted = error, False
                break
            with self._lock:
                self._words_done += taken
                self.examples += taken
            known, words, at = known + used, words + taken, end
        return known, words

    def _end_epoch(self) -> None:
        self._join()
        self.epoch += 1
        self._look_at_loss()

    def _leave(self) -> None:
        """Stop within an epoch, and go back to its beginning, with the vectors as they are."""
        if self._thread is not None:
            self._text.wanted = False
            self._gate.set()
            self._join()
            self._gate.clear()

    def _join(self) -> None:
        assert self._thread is not None
        self._thread.join()
        self._thread, self._words_done = None, 0
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise WorkerError("gensim could not train this.", detail=repr(failed),
                              advice="Take our own trainer, or report it with the details.")  # fmt: skip

    def _look_at_loss(self) -> None:
        """Raises Diverged."""
        self._probed = time.monotonic()
        with np.errstate(all="ignore"):
            loss, nothing = self._probe.loss(self.V, self.U), self._probe.nothing
        self._curve.add(self.epoch + self.share, loss, 1)
        if not np.isfinite(loss) or loss > RUNAWAY * nothing:
            rose = f"The loss rose to {loss:.3g}" if np.isfinite(loss) else "The loss grew beyond all numbers"
            raise Diverged(
                f"{rose}; vectors that know nothing have {nothing:.3g}. "
                f"A rate of {self.settings.rate:g} is too high here: each step overshoots."
            )

    def _rate_at(self, epochs: float) -> float:
        return self.settings.rate * max(LAST_RATE, 1 - min(1.0, epochs / self.epochs))

    def _follow_settings(self) -> None:
        """What gensim reads anew at each job."""
        used, model = self.settings, self._model
        model.window, model.negative = used.window, used.negatives
        model.alpha, model.min_alpha = self._rate_at(self.epoch), self._rate_at(self.epoch + 1)
        pairs = (
            2 * used.window * (1 + used.negatives) if used.model == SKIP_GRAM else 1 + used.negatives + 2 * used.window
        )
        self._piece = max(50, _PIECE // (pairs * used.dimensions))  # words; the same each time, for the seed's sake

    def _subsample(self) -> None:
        """Each word's chance to stay, as gensim keeps it."""
        counts = self.corpus.vocabulary.counts
        self._model.raw_vocab = dict(zip(self.corpus.vocabulary.words, counts.tolist(), strict=True))
        self._model.prepare_vocab(sample=_sample(self.settings))


class _Sentences:
    """The text as gensim reads it. wanted: False ends it soon."""

    def __init__(self, corpus: Corpus) -> None:
        self.wanted = True
        self._words: Sequence[str] = corpus.vocabulary.words
        self._ids = corpus.ids
        ends = np.flatnonzero(np.diff(corpus.sentences)) + 1
        ends = np.concatenate([[0], ends, [len(corpus.ids)]])
        long = np.flatnonzero(np.diff(ends) > LONGEST).tolist()
        cuts = [np.arange(ends[at] + LONGEST, ends[at + 1], LONGEST) for at in long]
        self._ends = np.sort(np.concatenate([ends, *cuts])) if cuts else ends

    def __iter__(self) -> Iterator[list[str]]:
        words, ends, together = self._words, self._ends, 1_000
        for first in range(0, len(ends) - 1, together):
            bounds = ends[first : first + together + 1].tolist()
            start = bounds[0]
            names = [words[each] for each in self._ids[start : bounds[-1]].tolist()]
            for low, high in pairwise(bounds):
                if not self.wanted:
                    return
                yield names[low - start : high - start]


def _sample(settings: Settings) -> float:
    return settings.subsampling if settings.subsampling < 1 else 0.0
