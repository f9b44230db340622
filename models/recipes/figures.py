"""Figures on the cards, measured from the shipped files: each function answers a card's [[quality]] list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from models.recipes import contrasts, likeness, opinions, stories
from models.recipes.card import quality, read
from models.recipes.shipped import Shipped
from models.recipes.trigram import Trigram

Figures = list[dict[str, Any]]
ROUGH = "rough: a sentence is 3.3 points, and the two that begin 'I expected to' are close to a training template"


def of_words(folder: Path, data: Path) -> Figures:
    """Google analogies, WordSim-353, MEN, and the first neighbour of king - man + woman."""
    model = Shipped(folder)
    vectors = model.run(np.arange(len(model.vocabulary)))
    ids = model.tokenizer.get_vocab()
    figures = []

    questions = likeness.analogies(data)
    known = [(kind, [ids[word] for word in question]) for kind, question in questions if set(question) <= ids.keys()]
    rows = np.array([row for _, row in known])
    right = likeness.answer_analogies(vectors, rows[:, :3]) == rows[:, 3]
    kinds = np.array([kind for kind, _ in known])
    covered = f"{len(known):,} of {len(questions):,} questions have all four words in the vocabulary"
    rule = "3CosAdd over the whole vocabulary, the three words asked with excluded"
    figures.append(quality("Google analogies", 100 * right.mean(), "%", covered, rule))
    for kind in (likeness.SEMANTIC, likeness.SYNTACTIC):
        chosen = right[kinds == kind]
        figures.append(quality(f"Google analogies, {kind}", 100 * chosen.mean(), "%", f"{len(chosen):,} questions"))

    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for name, file in (("WordSim-353", "wordsim353.tsv"), ("MEN", "EN-MEN-TR-3k.txt")):
        pairs = likeness.rated_pairs(data / "wordsim" / file)
        found = [(ids[a], ids[b], rating) for a, b, rating in pairs if a in ids and b in ids]
        a, b, rating = (np.array(column) for column in zip(*found, strict=True))
        rho = likeness.spearman((unit[a] * unit[b]).sum(1), rating)
        covered = f"{len(found):,} of {len(pairs):,} pairs are in the vocabulary"
        figures.append(quality(name, rho, "Spearman rho", covered, "cosine against people's ratings"))

    king, man, woman = (unit[ids[word]] for word in ("king", "man", "woman"))
    wish = king - man + woman
    cosines = unit @ (wish / np.linalg.norm(wish))
    cosines[[ids["king"], ids["man"], ids["woman"]]] = -np.inf
    best = np.argsort(-cosines)[:3]
    listed = ", ".join(f"{model.vocabulary[i]} {cosines[i]:.2f}" for i in best)
    figures.append(quality("king - man + woman", cosines[best[0]], "cosine", "first answer", listed))
    return figures


SIBLINGS = {
    "next-word": ("next-word-shared", "sibling with shared keys and values"),
    "next-word-shared": ("next-word", "sibling with keys and values of each layer"),
}


def of_next_word(folder: Path, data: Path) -> Figures:
    """Perplexity on held-out stories and tales, a token and a word, beside the sibling and a trigram of the same
    tokens. A sibling that is not there yet is left out."""
    model = Shipped(folder)
    texts = stories.read(data)
    line = np.array([0, *(i for e in model.tokenizer.encode_batch(texts.training) for i in (*e.ids, 0))])
    trigram = Trigram(line, len(model.vocabulary))
    context = read(folder / "card.toml")["max_tokens"]
    each = "each token sees at least half a context"
    rivals: list[tuple[str, str, Callable[[list[int]], float]]] = [
        ("", each, lambda ids: story_nats(model, ids, context)),
        (", trigram", "interpolated Kneser-Ney on the same training tokens", lambda ids: trigram.nats(ids, 0)),
    ]
    sibling, relation = SIBLINGS[folder.name]
    if (folder.parent / sibling / "model.onnx").exists():
        other = Shipped(folder.parent / sibling)
        rivals.append((f", {relation}", f"{sibling}; {each}", lambda ids: story_nats(other, ids, context)))
    figures = []
    for name, held_out in (("stories", texts.held_out), ("fairy tales", texts.held_out_tales)):
        encoded = [model.encode(story) for story in held_out]
        tokens, words = sum(map(len, encoded)), sum(len(story.split()) for story in held_out)
        split = f"{len(held_out)} held-out {name}, {words:,} words, {tokens:,} tokens"
        for rival, note, nats in rivals:
            total = sum(nats(ids) for ids in encoded)
            figures.append(quality(f"perplexity a token, {name}{rival}", np.exp(total / tokens), "", split, note))
            in_words = f"exp of nats a word; {note}"
            figures.append(quality(f"perplexity a word, {name}{rival}", np.exp(total / words), "", split, in_words))
    return figures


def story_nats(model: Shipped, ids: list[int], context: int) -> float:
    """-Σ ln p(token | those before) over a story that starts with the end-of-text token, id 0.

    Windows of ``context`` move by half their length; every token is counted once, with the longest past.
    """
    line = np.array([0, *ids])
    total, counted, half = 0.0, 0, context // 2
    for start in range(0, max(len(ids) - half, 1), half):
        window = line[start : start + context + 1]
        logits = model.run(window[:-1]).astype(np.float64)
        logits -= logits.max(1, keepdims=True)
        nats = np.log(np.exp(logits).sum(1)) - logits[np.arange(len(logits)), window[1:]]
        new = start + len(nats) - counted
        total += float(nats[len(nats) - new :].sum())
        counted += new
    assert counted == len(ids)
    return total


def verdicts(model: Shipped, texts: list[str]) -> np.ndarray:
    """The more probable label of each text [texts], after its last token; texts of one length are run together."""
    ids = [model.encode(text) for text in texts]
    answers = np.zeros(len(texts), int)
    for length in {len(row) for row in ids}:
        rows = [i for i, row in enumerate(ids) if len(row) == length]
        scores = model.run(np.array([ids[i] for i in rows]))
        answers[rows] = (scores if scores.ndim == 2 else scores[:, -1]).argmax(1)
    return answers


def of_sentiment(folder: Path, data: Path) -> Figures:
    """Accuracy on the held-out sentences, by source, and on our questions about negation and contrast."""
    model = Shipped(folder)
    test = opinions.split(data).test
    right = verdicts(model, [o.text for o in test]) == np.array([o.verdict for o in test])
    sources = np.array([o.source for o in test])
    figures = []
    for source, name in (
        ("SST-2", "film-review sentences (SST-2 dev)"),
        ("UCI", "UCI sentences"),
        ("pros and cons", "pros and cons"),
    ):
        chosen = right[sources == source]
        note = "half of them negative; an answer by chance is right half the time"
        split = f"{len(chosen):,} held-out sentences of {source}" + (
            "" if source == "SST-2" else f", seed {opinions.SEED}"
        )
        figures.append(quality(f"accuracy, {name}", 100 * chosen.mean(), "%", split, note))
    asked = contrasts.ASKED
    right = verdicts(model, [text for text, _ in asked]) == np.array([verdict for _, verdict in asked])
    missed = "; ".join(text for (text, _), fine in zip(asked, right, strict=True) if not fine)
    figures.append(
        quality(
            "accuracy, negation and contrast",
            100 * right.mean(),
            "%",
            f"{len(asked)} sentences written by us",
            f"{ROUGH}; missed: {missed}",
        )
    )
    return figures
