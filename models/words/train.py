"""Train the bundled word vectors, from the project root:

    python -m models.words.train --data ../shared/data

Continuous bag of words with negative sampling (Mikolov et al. 2013, arXiv:1301.3781 and arXiv:1310.4546),
trained by gensim. Several workers make a run not repeatable bit by bit; the figures move by about a point.
"""

from __future__ import annotations

import argparse
import logging
import time
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec

from models.recipes import card, corpus, word_vectors

HERE = Path(__file__).parent
WORDS, WIDTH, EPOCHS, SEED = 30_000, 100, 8, 1


def train(text: Path) -> tuple[list[str], np.ndarray]:
    """The vocabulary, most frequent first, and its vectors [words, width]."""
    model = Word2Vec(
        corpus_file=str(text), sg=0, vector_size=WIDTH, window=8, negative=8, sample=1e-4, alpha=0.05,
        epochs=EPOCHS, min_count=5, max_final_vocab=WORDS - 1, workers=2, seed=SEED,
    )  # fmt: skip
    return list(model.wv.index_to_key), model.wv.vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(".training"), help="scratch folder for the corpus")
    options = parser.parse_args()
    options.work.mkdir(exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")

    text = options.work / "words.txt"
    count = corpus.write(options.data, text)
    start = time.monotonic()
    vocabulary, vectors = train(text)
    training = card.training(
        SEED, f"{EPOCHS} epochs of {count:,} words", (time.monotonic() - start) / 60,
        "gensim Word2Vec, CBOW, window 8, 8 negative samples, subsampling 1e-4, learning rate 0.05 to 0")  # fmt: skip
    word_vectors.write(HERE, options.data, vocabulary, vectors, "continuous bag of words", training)


if __name__ == "__main__":
    main()
