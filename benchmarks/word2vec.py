"""Word2vec of the lab beside gensim's, on the same words: how fast, and how good.

    python benchmarks/word2vec.py TEXT --pairs wordsim353.tsv … [--words 1000000] [--epochs 5] [--seeds 2] [--python PY]

Both learn from the same list of words (the first of TEXT, plain or .gz, in lower case; words that occur less than five
times are left out), skip-gram, 100 dimensions, window 5 as drawn (`shrink_windows=False`), 5 negatives, subsampling
1e-3, rate 0.025, one thread. Measure: Spearman's ρ of cosines with people's ratings of word pairs (each file: two words
and a number), over the pairs both know, the mean over seeds; ± is how far seeds lie apart. gensim is asked with another
python (--python) where it is not installed beside us. Words a second are of the whole text, words passed over among
them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

RATE, WINDOW, NEGATIVES, WIDTH, RAREST, SUBSAMPLING = 0.025, 5, 5, 100, 5, 1e-3
SENTENCE = 1000  # words; the text has no sentences of its own

GENSIM = """
import json, sys, time
import numpy as np
from gensim.models import Word2Vec
text, out, seed, epochs, rate, window, negatives, width, rarest, t, sentence = sys.argv[1:]
words = open(text, encoding="utf-8").read().split()
sentences = [words[at : at + int(sentence)] for at in range(0, len(words), int(sentence))]
model = Word2Vec(vector_size=int(width), window=int(window), min_count=int(rarest), sample=float(t), seed=int(seed),
                 workers=1, sg=1, negative=int(negatives), alpha=float(rate), min_alpha=float(rate) / 100,
                 epochs=int(epochs), shrink_windows=False)
model.build_vocab(sentences)
began = time.perf_counter()
model.train(sentences, total_examples=len(sentences), epochs=int(epochs))
print(json.dumps(time.perf_counter() - began))
np.savez(out, words=np.array(model.wv.index_to_key), vectors=model.wv.vectors)
"""


def ours(text: str, seed: int, epochs: int) -> tuple[float, tuple[str, ...], np.ndarray]:
    """Seconds, words and vectors."""
    from embstudio.lab.word2vec.bench import Word2vecOrder
    from embstudio.lab.word2vec.settings import Settings

    words = text.split()
    lines = "\n".join(" ".join(words[at : at + SENTENCE]) for at in range(0, len(words), SENTENCE))
    settings = Settings(
        window=WINDOW, dimensions=WIDTH, negatives=NEGATIVES, subsampling=SUBSAMPLING, rate=RATE, epochs=epochs,
        rarest=RAREST, seed=seed,
    )  # fmt: skip
    bench = Word2vecOrder(settings, lines).bench()
    began = time.perf_counter()
    while bench.epoch < epochs:
        bench.advance(1.0)
    return time.perf_counter() - began, bench.about.words, bench.V


def gensims(python: str, text: str, folder: Path, seed: int, epochs: int) -> tuple[float, tuple[str, ...], np.ndarray]:
    """The same of gensim."""
    file, out = folder / "words.txt", folder / "gensim.npz"
    file.write_text(text, encoding="utf-8")
    numbers = (seed, epochs, RATE, WINDOW, NEGATIVES, WIDTH, RAREST, SUBSAMPLING, SENTENCE)
    command = [python, "-c", GENSIM, str(file), str(out), *map(str, numbers)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = np.load(out)
    return float(json.loads(said.splitlines()[-1])), tuple(found["words"].tolist()), found["vectors"]


def _pairs(file: Path) -> tuple[tuple[str, str, float], ...]:
    from embstudio.space.evaluation_files import SimilarityFile, read_evaluation

    found = read_evaluation(file)
    assert isinstance(found, SimilarityFile)
    return found.pairs


def correlations(words: tuple[str, ...], vectors: np.ndarray, files: list[Path]) -> list[tuple[float, int]]:
    """ρ and how many pairs it is over, of each file."""
    from embstudio.formulas.rank_correlation import spearman

    place = {word: at for at, word in enumerate(words)}
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = []
    for file in files:
        rated = [(a.lower(), b.lower(), rating) for a, b, rating in _pairs(file)]
        known = [(place[a], place[b], rating) for a, b, rating in rated if a in place and b in place]
        cosines = [float(unit[a] @ unit[b]) for a, b, _ in known]
        found.append((spearman(np.array(cosines), np.array([rating for *_, rating in known])), len(known)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--pairs", type=Path, nargs="+", required=True)
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--folder", type=Path, default=Path())
    asked = parser.parse_args()
    opened = gzip.open if asked.text.suffix == ".gz" else open
    with opened(asked.text, "rt", encoding="utf-8") as file:
        text = " ".join(file.read(8 * asked.words).lower().split()[: asked.words])
    print(f"{len(text.split()):,} words, {asked.epochs} epochs")
    print("| | words/s | " + " | ".join(file.stem for file in asked.pairs) + " |")
    for name in ("ours", "gensim"):
        speeds, rhos, pairs = [], [], []
        for seed in range(1, asked.seeds + 1):
            if name == "ours":
                seconds, words, vectors = ours(text, seed, asked.epochs)
            else:
                seconds, words, vectors = gensims(asked.python, text, asked.folder, seed, asked.epochs)
            speeds.append(asked.epochs * len(text.split()) / seconds)
            found = correlations(words, vectors, asked.pairs)
            rhos.append([rho for rho, _ in found])
            pairs = [count for _, count in found]
        mean, apart = np.mean(rhos, axis=0), np.ptp(rhos, axis=0) / 2
        cells = " | ".join(f"{m:.3f} ± {a:.3f} ({n})" for m, a, n in zip(mean, apart, pairs, strict=True))
        print(f"| {name} | {np.mean(speeds):,.0f} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
