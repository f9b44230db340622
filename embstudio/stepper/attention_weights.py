"""The attention weights of one stack as pictures, lists and measures want them, worked out when they are asked for.

A trace of a long text holds hundreds of megabytes of weights: nothing here copies more than one head or, where tokens
are set aside, one layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from embstudio.stepper.precision import grid
from embstudio.trace.attention_stacks import AttentionStack, impossible, looks_back_only, special_keys, standing
from embstudio.trace.head_measures import HeadMeasures, head_measures
from embstudio.trace.pattern_overview import PatternOverview
from embstudio.trace.token import Token
from embstudio.trace.trace import Trace

SINK = 1e-3  # a row that sums to less than 1 by more than this gives the rest to no token
NOTHING_LEFT = 1e-6  # what rows set aside must leave to be divided by it


class AttentionWeights:
    """heads: how many heads each layer has, for layers whose pattern the trace does not hold.

    overviews: of such patterns, by point; may grow.
    """

    def __init__(
        self,
        trace: Trace,
        stack: AttentionStack,
        heads: Mapping[int, int] | None = None,
        overviews: Mapping[str, PatternOverview] | None = None,
    ) -> None:
        self.trace = trace
        self.stack = stack
        self._heads = dict(heads or {})
        self._overviews = overviews if overviews is not None else {}
        self._hidden: dict[int, np.ndarray] = {}
        self._last: dict[bool, tuple[tuple[int, int], np.ndarray]] = {}  # the last head, whole and with tokens aside
        self._measured: dict[tuple[int, int], HeadMeasures] = {}

    # What there is ---------------------------------------------------------------------------------------------

    def captured(self, layer: int) -> bool:
        """Whether the trace holds the pattern of a layer."""
        return self.stack.point(layer) in self.trace

    def overview(self, layer: int) -> PatternOverview | None:
        """What is known of a layer whose pattern the trace does not hold."""
        return None if self.captured(layer) else self._overviews.get(self.stack.point(layer))

    @cached_property
    def held(self) -> tuple[int, ...]:
        """The layers whose pattern the trace holds."""
        return tuple(layer for layer in self.stack.layers if self.captured(layer))

    def heads(self, layer: int) -> int:
        """How many heads a layer has; where that is not known, as many as the layer with most."""
        if self.captured(layer):
            return int(self.trace[self.stack.point(layer)].shape[0])
        overview = self.overview(layer)
        if overview is not None:
            return len(overview.picture)
        known = [self.heads(other) for other in self.held] or list(self._heads.values())
        return self._heads.get(layer, max(known, default=1))

    def kv_head(self, layer: int, head: int) -> tuple[int, int] | None:
        """The key/value head that a head reads and how many there are; None where each head has its own."""
        k = self.stack.point(layer, "k")
        if k not in self.trace:
            return None
        kv_heads, heads = int(self.trace[k].shape[0]), self.heads(layer)
        return (head * kv_heads // heads, kv_heads) if kv_heads < heads else None

    def shape(self, layer: int) -> tuple[int, int]:
        """How many queries and keys there are in a layer. They differ from layer to layer where a model takes several
        tokens together."""
        if self.captured(layer):
            _heads, queries, keys = self.trace[self.stack.point(layer)].shape
            return int(queries), int(keys)
        overview = self.overview(layer)
        if overview is not None:
            return overview.queries, overview.keys
        if self.held:
            return self.shape(self.held[0])
        point = self.stack.point(layer)
        return len(self.trace.along(point, "query")), len(self.trace.along(point, "key"))

    def queries(self, layer: int) -> tuple[Token, ...]:
        """The tokens that attend; empty where it is not known which they are."""
        tokens = self.trace.along(self.stack.point(layer), "query")
        return tokens if len(tokens) == self.shape(layer)[0] else ()

    def keys(self, layer: int) -> tuple[Token, ...]:
        """The tokens attended to; empty where it is not known which they are."""
        tokens = self.trace.along(self.stack.point(layer), "key")
        return tokens if len(tokens) == self.shape(layer)[1] else ()

    @cached_property
    def _causal(self) -> bool:
        return bool(self.held) and looks_back_only(self.trace, self.stack, self.held[0])

    def aside(self, layer: int) -> np.ndarray:
        """[key], true for the tokens that heads rest on when they have nothing to look for: the special ones, and the
        first of a model that only looks back (Clark et al. 2019; Xiao et al. 2023, "attention sinks")."""
        marked = np.zeros(self.shape(layer)[1], dtype=bool)
        marked[[place for place, token in enumerate(self.keys(layer)) if token.special]] = True
        if len(marked) and (self._causal or not marked.any()):
            marked[0] = True
        return marked

    # Weights ---------------------------------------------------------------------------------------------------

    def hidden(self, layer: int) -> np.ndarray:
        """[query, key], true where no head of a layer can look."""
        if layer not in self._hidden:
            self._hidden[layer] = impossible(self.trace, self.stack, layer)
        return self._hidden[layer]

    def head(self, layer: int, head: int, *, aside: bool = False) -> np.ndarray:
        """[query, key] of one head, NaN where it cannot look.

        aside: without the tokens of `aside` (NaN), each row divided by what is left of it; a row with nothing left is
        NaN throughout.
        """
        if aside not in self._last or self._last[aside][0] != (layer, head):
            values = self.trace[self.stack.point(layer)].values[head].astype(np.float32)  # a copy
            if aside:
                away = self.aside(layer)
                values[:, away] = 0
                left = values.sum(axis=1, keepdims=True, dtype=np.float64)
                values *= np.divide(1, left, out=np.full_like(left, np.nan), where=left > NOTHING_LEFT)
                values[:, away] = np.nan
            values[self.hidden(layer)] = np.nan
            self._last[aside] = (layer, head), values
        return self._last[aside][1]

    def layer(self, layer: int, *, aside: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """All heads of a layer, [head, query, key], and [query, key] true where they cannot look."""
        pattern, hidden = self.trace[self.stack.point(layer)].values, self.hidden(layer)
        if not aside:
            return pattern, hidden
        away = self.aside(layer)
        kept = pattern * ~away
        left = kept.sum(axis=2, keepdims=True)
        np.divide(kept, left, out=kept, where=left > NOTHING_LEFT)
        kept *= left > NOTHING_LEFT
        return kept, hidden | away

    def unassigned(self, layer: int, head: int, query: int) -> float:
        """What a query gives to no token at all (an attention sink); 0 where its weights sum to 1 up to rounding."""
        pattern = self.trace[self.stack.point(layer)].values
        row = pattern[head, query]
        rest = 1 - float(row.sum(dtype=np.float64))
        return rest if rest > SINK + len(row) * grid(pattern) / 2 else 0.0

    # Summaries -------------------------------------------------------------------------------------------------

    def measures(self, layer: int, head: int) -> HeadMeasures:
        """What a head does over the whole sentence; for a layer that is captured, or of which there is an overview."""
        if (layer, head) not in self._measured:
            overview = self.overview(layer)
            self._measured[layer, head] = (
                overview.measures[head] if overview is not None else head_measures(
                    self.trace[self.stack.point(layer)].values[head], self.hidden(layer),
                    special_keys(self.trace, self.stack, layer), standing(self.trace, self.stack, layer),
                )
            )  # fmt: skip
        return self._measured[layer, head]

    def measured(self, layer: int, head: int) -> bool:
        """Whether a head's measures are worked out already."""
        return (layer, head) in self._measured or self.overview(layer) is not None

    def keep_measures(self, earlier: AttentionWeights) -> None:
        """Take over what was measured of the same input while the trace held other layers."""
        self._measured = {**earlier._measured, **self._measured}
