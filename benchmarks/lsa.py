"""LSA of the lab beside scipy and scikit-learn, on the same sparse matrix: how long, and how far off σ is.

    python benchmarks/lsa.py [--documents 10000] [--words 30000] [--length 180] [--ranks 50] [--repeat 3] [--child]

The matrix is made up: documents of twenty topics over words of Zipf's frequencies, weighted by tf-idf, with about 0.4 %
of its cells not 0. True singular values are those of scipy's svds to machine precision; the error is the largest of
|σ − true| / true over all ranks. All on one thread, as in the window. Seconds are the least of --repeat; --child: ours
also in a process of its own, from handing over the counts to having the result, as in the window. scipy and
scikit-learn are left out where they are not installed.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.lsa import Lsa, LsaJob, lsa_of
from embstudio.lab.topics.sparse import Sparse
from embstudio.lab.topics.weighting import TF_IDF, weighted

TOPICS = 20


def made_up(documents: int, words: int, length: int) -> Corpus:
    """Documents of few topics; a topic is Zipf's law with words favoured by chance."""
    random = np.random.default_rng(0)
    zipf = 1 / np.arange(1, words + 1)
    ends = np.array([np.cumsum(zipf * random.gamma(0.3, 1.0, words)) for _ in range(TOPICS)])
    ends /= ends[:, -1:]
    shares = random.dirichlet(np.full(TOPICS, 0.1), documents)
    topics = np.array([random.choice(TOPICS, length, p=each) for each in shares])
    drawn = random.random((documents, length))
    tokens = np.empty((documents, length), np.int64)
    for topic in range(TOPICS):
        of_it = topics == topic
        tokens[of_it] = np.searchsorted(ends[topic], drawn[of_it]).clip(0, words - 1)
    counts = Sparse.of_places(np.repeat(np.arange(documents), length), tokens.ravel(), documents, words)
    names, vocabulary = (f"d{at}" for at in range(documents)), (f"w{at}" for at in range(words))
    return Corpus(tuple(names), tuple(vocabulary), counts)


def timed(work: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """The least seconds, and the last result."""
    best, found = float("inf"), None
    for _ in range(repeat):
        began = time.perf_counter()
        found = work()
        best = min(best, time.perf_counter() - began)
    return best, found


def in_child(corpus: Corpus) -> Lsa:
    """Ours as the window has it done."""
    from embstudio.space.aside.job import Work
    from embstudio.space.aside.run import Outcome, Run

    ends: SimpleQueue[Outcome[Lsa]] = SimpleQueue()
    Run(lambda: Work(LsaJob(corpus, TF_IDF), np.zeros((1, 1))), on_end=ends.put).start()
    outcome = ends.get()
    if outcome.error is not None:
        raise outcome.error
    assert outcome.result is not None
    return outcome.result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=30_000)
    parser.add_argument("--length", type=int, default=180)
    parser.add_argument("--ranks", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--child", action="store_true")
    asked = parser.parse_args()
    corpus = made_up(asked.documents, asked.words, asked.length)
    A = weighted(corpus, TF_IDF)
    print(f"{A.shape[0]:,} × {A.shape[1]:,}, {len(A.values):,} cells not 0, {asked.ranks} ranks")
    rows: list[tuple[str, float, np.ndarray]] = []
    seconds, ours = timed(lambda: lsa_of(corpus, TF_IDF), asked.repeat)
    rows.append((f"embstudio ({ours.blocks} blocks)", seconds, ours.values))
    if asked.child:
        seconds, found = timed(lambda: in_child(corpus), asked.repeat)
        rows.append(("embstudio, in a process of its own", seconds, found.values))
    true: np.ndarray | None = None
    try:
        from scipy.sparse import csr_matrix
        from scipy.sparse.linalg import svds

        M = csr_matrix((A.values, A.columns, A.starts), shape=A.shape)
        true = svds(M, k=asked.ranks, tol=0, return_singular_vectors=False)[::-1]
        seconds, found = timed(lambda: svds(M, k=asked.ranks), asked.repeat)
        rows.append(("scipy svds (ARPACK)", seconds, found[1][::-1]))
        from sklearn.decomposition import TruncatedSVD

        for sweeps in (5, 20):
            make = TruncatedSVD(asked.ranks, n_iter=sweeps, random_state=0)
            seconds, found = timed(lambda make=make: make.fit(M), asked.repeat)
            rows.append((f"scikit-learn TruncatedSVD, {sweeps} sweeps", seconds, found.singular_values_))
    except ImportError as error:
        print(f"left out: {error}")
    print("| | seconds | largest error of σ |\n|---|---|---|")
    for name, seconds, values in rows:
        wrong = "" if true is None else f"{np.max(np.abs(values[: asked.ranks] / true - 1)):.1e}"
        print(f"| {name} | {seconds:.2f} | {wrong} |")


if __name__ == "__main__":
    main()
