"""The few texts that a model is tried out on, before many are run together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.session.text_vectors.rows import Row, row_of

TEXTS = ("the", "Water boils.", "A man is slicing a tomato with a knife, and the children are playing in the garden.")
_LENGTHS = (2, 5, 11)  # tokens, where the tokenizer knows nothing of these


@dataclass(frozen=True)
class Probe:
    """text: whose row it is; None: the ids were drawn."""

    row: Row
    text: str | None = None


def probes(tokenizer: Tokenizer, limit: int | None, ids: int) -> tuple[Probe, ...]:
    """Rows of different lengths, and at the end one as long as the last of them with other ids: drawn ones, since in
    another order, or of words that the tokenizer does not know, two may well have the same vector.

    ids: how many the model has rows for.
    """
    random = np.random.default_rng(0)

    def drawn(count: int) -> Probe:
        return Probe(Row(tuple(random.integers(0, ids, count).tolist()), (0,) * count, count))

    found = [Probe(row_of(tokenizer, text, limit), text) for text in TEXTS]
    found = [probe for probe in found if len(probe.row)]
    if not found:
        found = [drawn(min(count, limit or count)) for count in _LENGTHS]
    return (*found, drawn(len(found[-1].row)))
