"""Writes what scikit-learn's LDA (variational Bayes, not sampling) finds in the planted corpus, for the tests.

    python tests/lab/topics/make_variational_figures.py

scikit-learn is needed for this only.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.decomposition import LatentDirichletAllocation

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[3])]
from planted import TOPICS, planted  # noqa: E402

ALPHA, BETA = 0.3, 0.1


def main() -> None:
    corpus = planted()[0]
    counts = corpus.counts.dense()
    lda = LatentDirichletAllocation(
        TOPICS, doc_topic_prior=ALPHA, topic_word_prior=BETA, max_iter=200, evaluate_every=5, perp_tol=1e-4,
        mean_change_tol=1e-6, max_doc_update_iter=500, random_state=0,
    )  # fmt: skip
    theta = lda.fit_transform(counts)
    phi = lda.components_ / lda.components_.sum(axis=1, keepdims=True)
    logs = counts * np.log(theta @ phi)
    found = {
        "made_with": f"scikit-learn {sklearn.__version__}",
        "alpha": ALPHA,
        "beta": BETA,
        "perplexity": float(np.exp(-logs.sum() / counts.sum())),  # exp(−mean log Σ θ φ), as ours
        "phi": np.round(phi, 6).tolist(),
        "theta": np.round(theta, 6).tolist(),
    }
    (Path(__file__).parent / "variational.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
