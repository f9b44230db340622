"""How well word vectors match what people say: analogies and similarity ratings, in numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.recipes.library import read_text

SEMANTIC = "semantic"
SYNTACTIC = "syntactic"


def analogies(data: Path) -> list[tuple[str, list[str]]]:
    """Google's questions (Mikolov et al. 2013) as (kind, [a, b, c, d]) with a : b = c : d, lower-cased."""
    questions, kind = [], ""
    for line in read_text(data / "wordsim/questions-words.txt").splitlines():
        if line.startswith(":"):
            kind = SYNTACTIC if "gram" in line else SEMANTIC
        elif line.strip():
            questions.append((kind, line.lower().split()))
    return questions


def answer_analogies(vectors: np.ndarray, rows: np.ndarray, batch: int = 512) -> np.ndarray:
    """3CosAdd (Levy & Goldberg 2014): argmax over w of cos(w, b - a + c), w not in {a, b, c}.

    vectors [words, width], rows [questions, 3] of a, b, c -> the answers' rows [questions].
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    answers = []
    for start in range(0, len(rows), batch):
        a, b, c = rows[start : start + batch].T
        likeness = (unit[b] - unit[a] + unit[c]) @ unit.T
        for asked in (a, b, c):
            likeness[np.arange(len(asked)), asked] = -np.inf
        answers.append(likeness.argmax(1))
    return np.concatenate(answers)


def rated_pairs(path: Path) -> list[tuple[str, str, float]]:
    """(word, word, rating) from a tab-separated file, lower-cased; comments and heads are skipped."""
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if line.startswith("#") or len(fields) < 3 or not fields[2].replace(".", "", 1).isdigit():
            continue
        pairs.append((fields[0].lower(), fields[1].lower(), float(fields[2])))
    return pairs


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Spearman's rho: Pearson's r of the ranks, ties sharing their mean rank."""
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(x: np.ndarray) -> np.ndarray:
    _, group, counts = np.unique(x, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[group]
