"""Texts as rows of whole sentences for the masked-word model, and the extra sentences that show a word's senses."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.recipes import library, senses
from models.recipes.stories import tidy

END_OF_SENTENCE = re.compile(r"(?<=[.!?])[\"')]*\s+|\n+")
# Words that mean several things, besides those that the model is asked about.
AMBIGUOUS = set(senses.SENSES) | {
    "bat", "rock", "wave", "fair", "mean", "right", "park", "point", "bark", "duck", "fly", "bear", "cold", "hard",
    "fall", "stick", "change", "note", "letter", "present", "rose", "pen", "bow", "tear", "wind", "lead", "second",
    "trunk", "palm", "current", "bill", "glass", "iron", "nail", "star", "table",
}  # fmt: skip
HOMONYMS = {"bank", "spring", "light", "ring", "match", "well", "train", "watch"}  # nouns in more than one sense
OF_HOMONYMS = 1500
OF_EACH = 300  # further sentences for each of them, from the novels and from the encyclopedia


def sentences(text: str) -> list[str]:
    """A text cut after full stops, question and exclamation marks, and at ends of lines."""
    ends = [0, *(match.end() for match in END_OF_SENTENCE.finditer(text)), len(text)]
    return [part for a, b in pairwise(ends) if (part := text[a:b].strip())]


def showing_senses(data: Path, seed: int) -> list[str]:
    """Sentences of 5 to 40 words that hold an ambiguous word: up to OF_EACH a word and source, drawn with ``seed``."""
    sources = ["\n".join(library.novels(data).values()), library.read_text(data / "wordvec/enwiki_shards.txt")]
    drawn, asked = set(), {text for pair in senses.SENSES.values() for half in pair for text in half}
    for source in sources:
        found = defaultdict(list)
        for sentence in sentences(tidy(re.sub(r"(?<=\S)\n(?=\S)", " ", source))):
            words = re.findall(r"[a-z]+", sentence.lower())
            if 5 <= len(words) <= 40:
                for word in AMBIGUOUS & set(words):
                    found[word].append(sentence)
        draw = random.Random(seed)
        for word in sorted(found):
            drawn |= set(draw.sample(found[word], min(OF_EACH, len(found[word]))))
    return sorted(drawn - asked)


def around_senses(data: Path, seed: int) -> list[str]:
    """Sentences with a word of HOMONYMS between the sentences before and after: what a sense goes with stands there.
    Up to OF_HOMONYMS a word and source, drawn with ``seed``; none of the sentences that the model is asked about."""
    asked = {text for pair in senses.SENSES.values() for half in pair for text in half}
    drawn = set()
    for source in [*library.novels(data).values()], [library.read_text(data / "wordvec/enwiki_shards.txt")]:
        found = defaultdict(list)
        for text in source:
            lines = sentences(tidy(re.sub(r"(?<=\S)\n(?=\S)", " ", text)))
            for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
                for word in HOMONYMS & set(re.findall(r"[a-z]+", line.lower())):
                    found[word].append(" ".join((before, line, after)))
        draw = random.Random(seed)
        for word in sorted(found):
            drawn |= set(draw.sample(found[word], min(OF_HOMONYMS, len(found[word]))))
    return sorted(text for text in drawn if not any(line in text for line in asked))


def as_ids(tokenizer: Tokenizer, texts: list[str]) -> list[list[list[int]]]:
    """Texts -> sentences -> ids; the spaces between sentences belong to the later one, as in the running text."""
    cut = [[s if i == 0 else " " + s for i, s in enumerate(sentences(text))] for text in texts]
    encoded = iter(tokenizer.encode_batch([s for text in cut for s in text]))
    return [[next(encoded).ids for _ in text] for text in cut]


def pack(texts: list[list[list[int]]], context: int, draw: random.Random) -> list[list[int]]:
    """Rows of consecutive whole sentences of one text, each up to a length drawn between a quarter of the context
    and all of it; a longer sentence is cut."""
    rows = []
    for text in texts:
        row: list[int] = []
        limit = draw.randint(context // 4, context)
        for ids in text:
            if row and len(row) + len(ids) > limit:
                rows.append(row)
                row, limit = [], draw.randint(context // 4, context)
            row = (row + ids)[:context]
        if len(row) > 2:
            rows.append(row)
    return rows


def batches(rows: list[list[int]], tokens: int, draw: random.Random) -> list[Tensor]:
    """Rows of like lengths side by side, about ``tokens`` in each [rows, pos]; -1 where a row has ended."""
    ordered = sorted(rows, key=lambda row: len(row) + 4 * draw.random())
    made, start = [], 0
    while start < len(ordered):
        count = max(1, tokens // (len(ordered[start]) + 2))
        chosen = ordered[start : start + count]
        width = max(map(len, chosen))
        made.append(torch.tensor([row + [-1] * (width - len(row)) for row in chosen]))
        start += count
    draw.shuffle(made)
    return made
