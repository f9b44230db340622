"""Tokens as columns, one array a property: how they are kept in a trace's file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.trace.token import Token

_NO_SPAN = (-1, -1)


def columns_of(tokens: Sequence[Token], prefix: str = "") -> dict[str, np.ndarray]:
    """`{prefix}tokens`, `pieces`, `ids`, `spans` [n, 2], `special`, `unknown` and `segments`."""
    columns = {
        "tokens": np.array([token.text for token in tokens], dtype=np.str_),
        "pieces": np.array([token.piece for token in tokens], dtype=np.str_),
        "ids": np.array([token.id for token in tokens], dtype=np.int64),
        "spans": np.array([token.span or _NO_SPAN for token in tokens], dtype=np.int64).reshape(-1, 2),
        "special": np.array([token.special for token in tokens], dtype=bool),
        "unknown": np.array([token.unknown for token in tokens], dtype=bool),
        "segments": np.array([token.segment for token in tokens], dtype=np.int64),
    }
    return {prefix + name: column for name, column in columns.items()}


def take_tokens(contents: dict[str, np.ndarray], prefix: str = "") -> tuple[Token, ...]:
    """Take the columns out of a file's contents and put them together; segments are 0 where a file has none.

    Raises KeyError for a column that is missing, ValueError for columns of different lengths.
    """
    texts, pieces, ids, spans, special, unknown = (
        contents.pop(prefix + name) for name in ("tokens", "pieces", "ids", "spans", "special", "unknown")
    )
    segments = contents.pop(prefix + "segments", np.zeros(len(texts), np.int64))
    rows = zip(texts, pieces, ids, spans, special, unknown, segments, strict=True)
    return tuple(
        Token(
            str(text),
            str(piece),
            int(id_),
            (int(span[0]), int(span[1])) if span[0] >= 0 else None,
            bool(is_special),
            bool(is_unknown),
            int(segment),
        )
        for text, piece, id_, span, is_special, is_unknown, segment in rows
    )
