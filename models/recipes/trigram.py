"""The next-word model's rival: an interpolated trigram, absolute discounting, Kneser-Ney's lower orders
(Kneser & Ney 1995; the recursion of Chen & Goodman 1999, one discount for each order)."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np


class Trigram:
    """P(c | a b) = max(n(abc) - D₃, 0) / n(ab·) + D₃ kinds(ab·) / n(ab·) · P(c | b), and so down to uniform.

    Below the highest order n(bc) counts the different words that came before bc.
    """

    def __init__(self, ids: np.ndarray, vocabulary: int) -> None:
        """ids [pos]: the training text as one line of tokens."""
        text = [int(i) for i in ids]
        three = Counter(zip(text, text[1:], text[2:], strict=False))
        two = Counter((b, c) for _, b, c in three)
        one = Counter(c for _, c in two)
        self.orders = [_Order(three), _Order(two), _Order({(c,): n for c, n in one.items()})]
        self.vocabulary = vocabulary

    def probability(self, a: int, b: int, c: int) -> float:
        """P(c | a b)."""
        p = 1 / self.vocabulary
        for order, context in zip(reversed(self.orders), ((), (b,), (a, b)), strict=True):
            p = order.interpolate(context, c, p)
        return p

    def nats(self, ids: list[int], start: int) -> float:
        """-Σ ln P over ``ids``, with ``start`` standing twice before the first."""
        line = [start, start, *ids]
        return -sum(math.log(self.probability(*line[i : i + 3])) for i in range(len(ids)))


class _Order:
    """One order's counts: n(context, word), and for each context its total and its number of kinds."""

    def __init__(self, counts: dict[tuple[int, ...], int]) -> None:
        self.counts = counts
        self.totals: Counter[tuple[int, ...]] = Counter()
        self.kinds: Counter[tuple[int, ...]] = Counter()
        for gram, n in counts.items():
            self.totals[gram[:-1]] += n
            self.kinds[gram[:-1]] += 1
        once, twice = (sum(n == k for n in counts.values()) for k in (1, 2))
        self.discount = once / (once + 2 * twice) if once else 0.5

    def interpolate(self, context: tuple[int, ...], word: int, below: float) -> float:
        total = self.totals.get(context, 0)
        if not total:
            return below
        seen = max(self.counts.get((*context, word), 0) - self.discount, 0)
        return (seen + self.discount * self.kinds[context] * below) / total
