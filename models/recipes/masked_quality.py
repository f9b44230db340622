"""Figures on the masked-word model's card, measured from the shipped file."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from models.recipes import rows, senses, stories
from models.recipes.card import quality, read
from models.recipes.shipped import Shipped

EVERY = 7  # one token in so many is hidden at a time; in as many rounds every token is hidden once


def of_masked_word(folder: Path, data: Path) -> list[dict[str, Any]]:
    """Guesses of hidden tokens in held-out stories and tales beside counts of neighbours, and senses told apart."""
    model = Shipped(folder)
    texts = stories.read(data)
    context = read(folder / "card.toml")["max_tokens"]
    neighbours = Neighbours([model.encode(text) for text in texts.training])
    figures = []
    for name, held_out in (("stories", texts.held_out), ("fairy tales", texts.held_out_tales)):
        packed = whole_rows(rows.as_ids(model.tokenizer, held_out), context)
        right, nats, tokens = guesses(model, packed)
        split = f"{len(held_out)} held-out {name}, each of {tokens:,} tokens hidden once, one in {EVERY} at a time"
        figures.append(quality(f"hidden tokens guessed, {name}", 100 * right / tokens, "%", split, "the first guess"))
        counted = sum(neighbours.guess(row, at) == row[at] for row in packed for at in range(len(row)))
        note = "what stood most often between the same two neighbours in training"
        figures.append(quality(f"hidden tokens guessed, {name}, by counting", 100 * counted / tokens, "%", split, note))
        figures.append(quality(f"perplexity a hidden token, {name}", np.exp(nats / tokens), "", split))
    return figures + of_senses(model)


def of_senses(model: Shipped) -> list[dict[str, Any]]:
    """Cosines of a word's vectors within a sense and across, and how often the first is the larger."""
    told = [senses.tell_apart(word, lambda text, at: word_vector(model, text, at)) for word in senses.SENSES]
    figures = []
    for one in told:
        if one.word in senses.NAMED:
            split = "6 sentences written by us, 3 of each sense"
            figures.append(quality(f"{one.word}: cosine within a sense", one.within, "cosine", split))
            figures.append(quality(f"{one.word}: cosine across senses", one.across, "cosine", split))
    share = 100 * float(np.mean([one.right for one in told]))
    split = f"{len(told)} words, 6 sentences each, written by us"
    each = "; ".join(f"{one.word} {100 * one.right:.0f}%" for one in told)
    note = f"a pair of one sense is nearer than a pair of both; chance is 50%; {each}"
    figures.append(quality("senses told apart", share, "%", split, note))
    return figures


def word_vector(model: Shipped, text: str, at: int) -> np.ndarray:
    """[d_model]: the vector of the word that starts at character ``at``, the mean of its pieces."""
    encoding = model.tokenizer.encode(text)
    end = next((i for i in range(at, len(text)) if not text[i].isalpha()), len(text))
    pieces = [i for i, (a, b) in enumerate(encoding.offsets) if a < end and b > at]
    [vectors] = run(model, np.array([encoding.ids]), "vectors")
    return vectors[pieces].mean(0)


def run(model: Shipped, ids: np.ndarray, output: str) -> np.ndarray:
    """ids [batch, pos], all tokens -> an output [batch, pos, width]."""
    return model.session.run([output], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]


def whole_rows(texts: list[list[list[int]]], context: int) -> list[list[int]]:
    """Each text in rows of as many whole sentences as fit the context."""
    made = []
    for text in texts:
        row: list[int] = []
        for ids in text:
            if row and len(row) + len(ids) > context:
                made.append(row)
                row = []
            row = (row + ids)[:context]
        if row:
            made.append(row)
    return made


def guesses(model: Shipped, packed: list[list[int]]) -> tuple[int, float, int]:
    """Hide every token once: how many first guesses are right, the sum of -ln p(token), and the number of tokens."""
    mask = model.tokenizer.token_to_id("[MASK]")
    right, nats, tokens = 0, 0.0, 0
    for row in packed:
        ids, at = np.array(row), np.arange(len(row))
        hidden = at[None] % EVERY == np.arange(min(EVERY, len(row)))[:, None]  # [round, pos]
        logits = run(model, np.where(hidden, mask, ids), "logits")[hidden].astype(np.float64)
        truth = np.broadcast_to(ids, hidden.shape)[hidden]
        logits -= logits.max(1, keepdims=True)
        nats += float((np.log(np.exp(logits).sum(1)) - logits[np.arange(len(truth)), truth]).sum())
        right += int((logits.argmax(1) == truth).sum())
        tokens += len(truth)
    return right, nats, tokens


class Neighbours:
    """What stood most often between two tokens; else after the one; else anywhere."""

    def __init__(self, texts: list[list[int]]) -> None:
        between: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
        after: dict[int, Counter[int]] = defaultdict(Counter)
        for ids in texts:
            for a, b, c in zip(ids, ids[1:], ids[2:], strict=False):
                between[a, c][b] += 1
            for a, b in pairwise(ids):
                after[a][b] += 1
        self.between = {key: counts.most_common(1)[0][0] for key, counts in between.items()}
        self.after = {key: counts.most_common(1)[0][0] for key, counts in after.items()}
        self.any = Counter(i for ids in texts for i in ids).most_common(1)[0][0]

    def guess(self, row: list[int], at: int) -> int:
        left = row[at - 1] if at else -1
        right = row[at + 1] if at + 1 < len(row) else -1
        return self.between.get((left, right), self.after.get(left, self.any))
