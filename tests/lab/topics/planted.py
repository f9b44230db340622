"""A corpus whose topics are known: three topics over thirty words, ten words each and a little of the others."""

from __future__ import annotations

import numpy as np

from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.sparse import Sparse

TOPICS, WORDS, DOCUMENTS, LENGTH = 3, 30, 120, 60


def planted() -> tuple[Corpus, np.ndarray, np.ndarray]:
    """The corpus, its topics [topics, words] and each document's shares [documents, topics]."""
    random = np.random.default_rng(20)
    phi = np.full((TOPICS, WORDS), 0.01)
    for topic in range(TOPICS):
        phi[topic, 10 * topic : 10 * topic + 10] = np.linspace(0.13, 0.03, 10)
    phi /= phi.sum(axis=1, keepdims=True)
    theta = random.dirichlet(np.full(TOPICS, 0.3), DOCUMENTS)
    counts = np.array([random.multinomial(LENGTH, shares @ phi) for shares in theta])
    names, words = (f"d{at}" for at in range(DOCUMENTS)), (f"w{at}" for at in range(WORDS))
    return Corpus(tuple(names), tuple(words), Sparse.of_dense(counts)), phi, theta
