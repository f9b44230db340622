"""The character n-grams of words, as numbers: fastText's Dictionary::computeSubwords and Dictionary::hash.

hash: FNV-1a of 32 bits over the bytes of an n-gram, h ← (h ⊕ byte) · 16777619, each byte taken as signed, which
fastText did by mistake and kept. All words are walked at once: all n-grams that begin anywhere grow by a byte a step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_BASIS, _PRIME = np.uint32(2166136261), np.uint32(16777619)


def ngram_hashes(spellings: Sequence[bytes], shortest: int, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """For every n-gram of shortest to longest characters: (which spelling [n], its hash [n]), both int64.

    spellings: UTF-8, with their marks of beginning and end; a single such mark is no n-gram. Those of a spelling come
    by where they begin, then by length.
    """
    text = np.frombuffer(b"".join(spellings), np.uint8)
    lengths = np.array([len(spelling) for spelling in spellings], np.int64)
    if not longest or not len(text):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    owner = np.repeat(np.arange(len(spellings)), lengths)
    last = np.repeat(np.cumsum(lengths), lengths)  # where a byte's spelling ends
    begins = (text & 0xC0) != 0x80  # a character, and not the rest of one
    character = np.append(np.cumsum(begins), 0)
    begins = np.append(begins, True)
    signed = text.view(np.int8).astype(np.int32).view(np.uint32)
    start = np.flatnonzero(begins[:-1])
    hashes = np.full(len(start), _BASIS)
    found: list[tuple[np.ndarray, np.ndarray]] = []
    step = 0
    while len(start):
        here = start + step
        hashes = (hashes ^ signed[here]) * _PRIME
        ends = here + 1
        closed = begins[ends] | (ends == last[start])
        count = character[here] - character[start] + 1
        single = (count == 1) & ((start == last[start] - lengths[owner[start]]) | (ends == last[start]))
        take = closed & (count >= shortest) & ~single
        found.append((start[take], hashes[take].astype(np.int64)))
        alive = (ends < last[start]) & ~(closed & (count >= longest))
        start, hashes = start[alive], hashes[alive]
        step += 1
    starts = np.concatenate([each for each, _ in found])
    order = np.argsort(starts, kind="stable")
    return owner[starts[order]].astype(np.int64), np.concatenate([each for _, each in found])[order]
