"""Train the bundled word vectors, from the project root:

    python -m models.words.train --data ../shared/data

Continuous bag of words with negative sampling (Mikolov et al. 2013, arXiv:1301.3781 and arXiv:1310.4546),
trained by gensim. Several workers make a run not repeatable bit by bit; the figures move by about a point.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec

from models.recipes import card, figures, graph, library, wording

HERE = Path(__file__).parent
WORDS, WIDTH, EPOCHS, SEED = 30_000, 100, 8, 1


def lines(data: Path) -> Iterator[list[str]]:
    """The corpus, a paragraph at a time; text8, which has no lines, in runs of 1,000 words."""
    for paragraph in library.read_text(data / "wordvec/enwiki_shards.txt").splitlines():
        yield wording.words(paragraph)
    for novel in library.novels(data).values():
        for paragraph in novel.splitlines():
            yield wording.words(paragraph)
    for tale in library.fairy_tales(data):
        for paragraph in tale.splitlines():
            yield wording.words(paragraph)
    for paragraph in library.read_text(data / "lm/tinystories_arnoochka.txt").splitlines():
        yield wording.words(paragraph)
    text8 = library.read_text(data / "wordvec/text8_head.txt.gz").split()
    for start in range(0, len(text8), 1000):
        yield text8[start : start + 1000]


def write_corpus(data: Path, path: Path) -> int:
    """One paragraph a line, words separated by spaces. Returns the number of words."""
    count = 0
    with path.open("w") as file:
        for line in lines(data):
            if len(line) > 1:
                file.write(" ".join(line) + "\n")
                count += len(line)
    return count


def train(corpus: Path) -> tuple[list[str], np.ndarray]:
    """The vocabulary, most frequent first, and its vectors [words, width]."""
    model = Word2Vec(
        corpus_file=str(corpus), sg=0, vector_size=WIDTH, window=8, negative=8, sample=1e-4, alpha=0.05,
        epochs=EPOCHS, min_count=5, max_final_vocab=WORDS - 1, workers=2, seed=SEED,
    )  # fmt: skip
    return list(model.wv.index_to_key), model.wv.vectors


def export(vocabulary: list[str], vectors: np.ndarray) -> np.ndarray:
    """Write model.onnx and tokenizer.json; [UNK] is id 0 and holds the mean of all vectors."""
    table = graph.half(np.concatenate([vectors.mean(0, keepdims=True), vectors]))
    nodes, stored = graph.lookup(table, "word_vectors", "input_ids", "vectors")
    graph.save(HERE / "model.onnx", nodes, stored, "vectors", WIDTH, "words")
    wording.word_tokenizer([wording.UNKNOWN, *vocabulary], marks=False).save(str(HERE / "tokenizer.json"), pretty=False)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(".training"), help="scratch folder for the corpus")
    options = parser.parse_args()
    options.work.mkdir(exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")

    corpus = options.work / "words.txt"
    count = write_corpus(options.data, corpus)
    start = time.monotonic()
    vocabulary, vectors = train(corpus)
    minutes = (time.monotonic() - start) / 60
    table = export(vocabulary, vectors)
    ids = {word: i + 1 for i, word in enumerate(vocabulary)}
    texts = ["king queen man woman", "The quick brown fox", "a zzzyx"]
    checks = [
        card.check(text, row := [ids.get(word, 0) for word in wording.words(text)], "vectors", table[row[-1]])
        for text in texts
    ]
    card.update(
        HERE / "card.toml",
        architecture={"family": "continuous bag of words", "width": WIDTH, "vocabulary": len(table),
                      "parameters": table.size, "stored as": "fp16"},
        training=card.training(
            SEED, f"{EPOCHS} epochs of {count:,} words", minutes,
            "gensim Word2Vec, CBOW, window 8, 8 negative samples, subsampling 1e-4, learning rate 0.05 to 0"),
        quality=figures.of_words(HERE, options.data),
        check=checks,
    )  # fmt: skip


if __name__ == "__main__":
    main()
