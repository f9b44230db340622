"""What is told of the tokenizer of a model that is opened, and what is doubted of it."""

from __future__ import annotations

from embstudio.anatomy.anatomy import Anatomy
from embstudio.modelfile.mask_token import mask_id
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.session.messages import TokenizerInfo

_LEAST_USED = 0.9  # share of an embedding table's rows that its own tokenizer has entries for


def info_of(tokenizer: Tokenizer | None) -> TokenizerInfo | None:
    """What the window knows of it; None where there is none."""
    if tokenizer is None:
        return None
    words = tuple(tokenizer.words())
    return TokenizerInfo(tokenizer.path, tokenizer.kind, words, tokenizer.notes, mask_id(tokenizer))


def doubts_of(tokenizer: Tokenizer | None, anatomy: Anatomy) -> list[str]:
    """What is assumed of the tokenizer, and why it may be another model's, as sentences. Its size says so where it does
    not fit the table: too many entries never belong, while many tables have some rows more than entries, for alignment.
    """
    if tokenizer is None:
        return []
    doubts = list(tokenizer.doubts)
    rows = anatomy.embeddings[0].rows if anatomy.embeddings else tokenizer.size
    if tokenizer.size > rows or tokenizer.size < _LEAST_USED * rows:
        doubts.append(
            f"The tokenizer has {tokenizer.size:,} entries and the model's table {rows:,} rows: it may belong to "
            f"another model. It is {tokenizer.path}."
        )
    return doubts
