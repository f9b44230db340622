"""The loss of word2vec on a sample of its text, for training that does not tell its own."""

from __future__ import annotations

import numpy as np

from embstudio.lab.word2vec.chances import Noise
from embstudio.lab.word2vec.losses import softplus
from embstudio.lab.word2vec.settings import CBOW, Settings
from embstudio.lab.word2vec.vocabulary import Corpus
from embstudio.lab.word2vec.windows import context_of

PREDICTIONS = 1_000
_TRIES = 20  # for each: a word may stand alone in its sentence


class LossProbe:
    """The same predictions each time it is asked, drawn from the text by the seed, each with negatives of its own.

    Skip-gram: a word, and one of those in its window. CBOW: all of its window, and the word. As in training a negative
    that is the true word is passed over.
    """

    def __init__(self, corpus: Corpus, settings: Settings, noise: Noise) -> None:
        chance = np.random.default_rng([settings.seed, settings.window, settings.negatives])
        inputs: list[list[int]] = []
        targets: list[int] = []
        for at in chance.integers(len(corpus.ids), size=_TRIES * PREDICTIONS).tolist():
            around = context_of(corpus.sentences, at, settings.window)
            if len(targets) == PREDICTIONS:
                break
            if not around:
                continue
            other = around[int(chance.integers(len(around)))]
            inputs.append(around if settings.model == CBOW else [at])
            targets.append(at if settings.model == CBOW else other)
        widest = max((len(each) for each in inputs), default=1)
        places = np.array([each + [-1] * (widest - len(each)) for each in inputs], np.int64).reshape(-1, widest)
        self._share = (places >= 0).astype(np.float32)
        self._share /= np.maximum(self._share.sum(axis=1, keepdims=True), 1)
        self._inputs = corpus.ids[np.maximum(places, 0)]
        true = corpus.ids[np.array(targets, np.int64)][:, None]
        drawn = noise.draw(chance, (len(true), settings.negatives))
        self._rows = np.concatenate([true, drawn], axis=1)
        self._false = (drawn != true).astype(np.float32)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def nothing(self) -> float:
        """The loss while all scores are 0."""
        return float((1 + self._false.sum(axis=1).mean()) * np.log(2))

    def loss(self, V: np.ndarray, U: np.ndarray) -> float:
        """The mean of −log σ(u_o · h) − Σₖ log σ(−u_k · h), for tables [words, width]."""
        h = np.einsum("pi,piw->pw", self._share, V[self._inputs])
        s = np.einsum("pw,prw->pr", h, U[self._rows])
        return float((softplus(-s[:, 0]) + (self._false * softplus(s[:, 1:])).sum(axis=1)).mean())
