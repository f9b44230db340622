"""What the pages of the Attention panel show: weights with their labels, and where the person stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.gui.plots.token_label import token_labels
from embstudio.gui.style.numbers import percent
from embstudio.stepper.attention_weights import AttentionWeights

MOST_NAMED = 3  # kinds of tokens set aside that are named one by one


@dataclass(frozen=True)
class Spot:
    """A head and a query, and the key that the person chose (None: the strongest)."""

    layer: int
    head: int
    query: int
    key: int | None = None


@dataclass(frozen=True)
class Scene:
    """layer: the one whose axes these are. queries, keys: what they say."""

    weights: AttentionWeights
    layer: int
    queries: tuple[str, ...]
    keys: tuple[str, ...]

    @classmethod
    def of(cls, weights: AttentionWeights, layer: int) -> Scene:
        """Weights with the labels of a layer's tokens."""
        queries, keys = weights.shape(layer)
        return cls(
            weights, layer, token_labels(weights.queries(layer), queries), token_labels(weights.keys(layer), keys)
        )

    def at(self, layer: int) -> Scene:
        """The same for another layer: itself, unless that has other queries or keys."""
        same = self.weights.shape(layer) == (len(self.queries), len(self.keys))
        return self if same else Scene.of(self.weights, layer)

    def strongest(self, row: np.ndarray) -> tuple[int, float]:
        """The key with most weight in a row [key], NaN where it cannot look."""
        known = np.nan_to_num(row)
        key = int(known.argmax())
        return key, float(known[key])

    def key(self, spot: Spot) -> int:
        """The key chosen, or the one with most of the model's own weight."""
        if spot.key is not None:
            return min(spot.key, len(self.keys) - 1)
        return self.strongest(self.weights.head(spot.layer, spot.head)[spot.query])[0]

    def named(self, key: int, query: int | None = None) -> str:
        """‘dog’, or "itself" where it is the query's own token."""
        own = not self.weights.stack.crosses and self.queries == self.keys
        return "itself" if own and query == key else f"‘{self.keys[key]}’"

    @property
    def aside_names(self) -> str:
        """The tokens that can be set aside: "[CLS] and [SEP]", "the first token"; empty where it would be all."""
        places = np.flatnonzero(self.weights.aside(self.layer))
        if len(places) >= len(self.keys):
            return ""
        special = list(dict.fromkeys(self.keys[place] for place in places if self._special(int(place))))
        names = special if len(special) <= MOST_NAMED else ["special tokens"]
        if any(not self._special(int(place)) for place in places):
            names = ["the first token", *names]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

    def _special(self, place: int) -> bool:
        tokens = self.weights.keys(self.layer)
        return bool(tokens) and tokens[place].special

    def head_name(self, layer: int, head: int) -> str:
        """In words, with the key/value head that it shares with others, where it does."""
        return f"layer {layer}, head {head}{self.shared_head(layer, head)}"

    def shared_head(self, layer: int, head: int) -> str:
        """ " (reads key/value head 1 of 0–3)" where heads share them, else empty."""
        shared = self.weights.kv_head(layer, head)
        if shared is not None and shared[1] == 1:
            return " (all heads read one key/value head)"
        return f" (reads key/value head {shared[0]} of 0–{shared[1] - 1})" if shared else ""

    def telling(self, spot: Spot) -> str:
        """The row in a sentence: "‘won’ attends most to ‘dog’: 43.1 %; 12.0 % goes to the sink"."""
        if not self.weights.captured(spot.layer):
            there = " but for its overview" if self.weights.overview(spot.layer) is not None else ""
            return f"layer {spot.layer} is not captured{there}"
        key, weight = self.strongest(self.weights.head(spot.layer, spot.head)[spot.query])
        rest = self.weights.unassigned(spot.layer, spot.head, spot.query)
        sink = f"; {percent(rest)} goes to no token (a sink)" if rest else ""
        return f"‘{self.queries[spot.query]}’ attends most to {self.named(key, spot.query)}: {percent(weight)}{sink}"
