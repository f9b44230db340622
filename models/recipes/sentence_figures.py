"""Figures of the sentence vectors, measured from the shipped files: how well cosines follow what people say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.recipes import pieces, sentence_pairs
from models.recipes.card import quality
from models.recipes.figures import Figures
from models.recipes.likeness import spearman
from models.recipes.sentence_asked import MEANING, SMALL_WORDS
from models.recipes.sentence_pairs import Pair
from models.recipes.shipped import Shipped

Vectors = Callable[[list[str]], np.ndarray]  # texts -> [texts, width]
RHO = "Spearman rho"
RULE = "cosine of the sentence vectors against people's ratings"
UNTUNED = "the rung below, for comparison; from models/words, not from this model"


def sentence_vectors(model: Shipped, texts: list[str]) -> np.ndarray:
    """The shipped model's own [texts, width]; texts of one length are run together."""
    ids = [model.encode(text) or [0] for text in texts]
    vectors = np.zeros((len(texts), 0), np.float32)
    for length in {len(row) for row in ids}:
        rows = [i for i, row in enumerate(ids) if len(row) == length]
        fed = np.array([ids[i] for i in rows])
        given = {"input_ids": fed, "attention_mask": np.ones_like(fed)}
        [found] = model.session.run(["sentence_vector"], given)
        if not vectors.size:
            vectors = np.zeros((len(texts), found.shape[1]), np.float32)
        vectors[rows] = found
    return vectors


def cosines(vectors: Vectors, first: list[str], second: list[str]) -> np.ndarray:
    """[pairs]."""
    x, y = vectors(first), vectors(second)
    return (x * y).sum(1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1))


def agreement(vectors: Vectors, pairs: list[Pair]) -> float:
    found = cosines(vectors, [pair.first for pair in pairs], [pair.second for pair in pairs])
    return spearman(found, sentence_pairs.ratings(pairs))


def asked_right(vectors: Vectors, asked: list[tuple[str, str, str]]) -> np.ndarray:
    """[asked]: is the sentence that is alike nearer than the other?"""
    first, alike, other = (list(column) for column in zip(*asked, strict=True))
    return cosines(vectors, first, alike) > cosines(vectors, first, other)


def mean_of_words(words: Shipped) -> Vectors:
    """The untuned mean of the vectors of known words."""
    return _weighted(words.run(np.arange(len(words.vocabulary))), np.ones(len(words.vocabulary)), words.encode)


def weighted_words(words: Shipped) -> Vectors:
    """Of centred vectors of length 1, with weights a / (a + p(word)); p by Zipf's law from a word's rank."""
    p = pieces.zipf(len(words.vocabulary))
    vectors = pieces.centred(words.run(np.arange(len(p))))
    return _weighted(vectors, pieces.COMMON / (pieces.COMMON + p), words.encode)


def weighted_pieces(words: Shipped, data: Path) -> Vectors:
    """The same with pieces for unknown words: where training starts."""
    texts = [text for pair in sentence_pairs.training(data) for text in (pair.first, pair.second)]
    start = pieces.start(words, texts)
    tokenizer = start.tokenizer
    return _weighted(start.vectors, start.weights, lambda text: tokenizer.encode(text).ids)


def _weighted(table: np.ndarray, weights: np.ndarray, encode: Callable[[str], list[int]]) -> Vectors:
    """Σ w E / Σ w over the tokens but [UNK], id 0; for a text of unknown tokens only, the sum of all is taken."""

    def vectors(texts: list[str]) -> np.ndarray:
        rows = [[i for i in encode(text) if i] or [0] for text in texts]
        return np.array([weights[ids] @ table[ids] / weights[ids].sum() for ids in rows])

    return vectors


def of_sentences(folder: Path, data: Path) -> Figures:
    """STS-B test and dev, SICK, the rungs below, and our own questions."""
    model, words = Shipped(folder), Shipped(folder.parent / "words")

    def ours(texts: list[str]) -> np.ndarray:
        return sentence_vectors(model, texts)

    test, dev, sick = sentence_pairs.rated(data, "test"), sentence_pairs.rated(data, "dev"), sentence_pairs.sick(data)
    split = f"test, {len(test):,} pairs"
    parts = {}
    for pair in test:
        parts.setdefault(pair.source, []).append(pair)
    by_part = ", ".join(f"{name} {agreement(ours, part):.2f}" for name, part in sorted(parts.items()))
    figures = [
        quality("STS benchmark, test", agreement(ours, test), RHO, split, f"{RULE}; by source: {by_part}"),
        quality("STS benchmark, dev", agreement(ours, dev), RHO, f"dev, {len(dev):,} pairs", "settings chosen by it"),
        quality("SICK relatedness", agreement(ours, sick), RHO, f"test, {len(sick):,} pairs", "never trained on"),
    ]
    for name, vectors in (
        ("STS-B test, untuned mean of words", mean_of_words(words)),
        ("STS-B test, rare words weigh more", weighted_words(words)),
        ("STS-B test, and pieces: the start", weighted_pieces(words, data)),
    ):
        figures.append(quality(name, agreement(vectors, test), RHO, split, UNTUNED))
    for name, asked in (("same meaning, other words", MEANING), ("small words decide", SMALL_WORDS)):
        right = asked_right(ours, asked)
        missed = "; ".join(first for (first, _, _), fine in zip(asked, right, strict=True) if not fine)
        note = "the nearer of two sentences is the one that means the same; by chance 50" + (
            f"; missed: {missed}" if missed else ""
        )
        figures.append(quality(name, 100 * right.mean(), "%", f"{len(asked)} triples written by us", note))
    return figures
