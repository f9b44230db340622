"""Count the second set of word vectors, from the project root:

    python -m models.words-counted.train --data ../shared/data

Pointwise mutual information and a truncated SVD (``models/recipes/counting.py``) on the corpus of ``models/words``.
The settings were chosen by MTurk-771, MTurk-287, RG-65 and SimLex-999, none of which is on the card.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from models.recipes import card, corpus, counting, word_vectors

HERE = Path(__file__).parent
WORDS, WIDTH, SEED = 20_000, 50, 1
SMOOTHING, SHIFT, POWER = 1.0, 1.0, 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(".training"), help="scratch folder for the corpus")
    options = parser.parse_args()
    options.work.mkdir(exist_ok=True)

    text = options.work / "words.txt"
    count = corpus.write(options.data, text)
    start = time.monotonic()
    vocabulary = counting.vocabulary(text, WORDS - 1)
    pairs = counting.count_pairs(text, vocabulary)
    print(f"{pairs.nnz:,} pairs of words, {(time.monotonic() - start) / 60:.1f} min", flush=True)
    matrix = counting.ppmi(pairs, SMOOTHING, SHIFT)
    vectors = counting.vectors(matrix, WIDTH, POWER, SEED)
    training = card.training(
        SEED, f"one pass over {count:,} words, and a singular value decomposition", (time.monotonic() - start) / 60,
        f"pairs at most {counting.WINDOW} words apart, nearer ones weighted more; positive pointwise mutual "
        f"information; the {WIDTH} strongest directions U, times their strengths to the power {POWER}")  # fmt: skip
    word_vectors.write(HERE, options.data, vocabulary, vectors, "PPMI and truncated SVD", training)


if __name__ == "__main__":
    main()
