"""Which column of a table has the texts."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.base.errors import VectorFileError


def chosen(names: Sequence[str], wanted: str | None, where: str) -> str:
    """The column asked for, or the only one. Raises VectorFileError."""
    there = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted is None:
        raise VectorFileError(
            f"This table has {len(names)} columns.", where=where,
            advice=f"Say which has the texts with --column: {there}.",
        )  # fmt: skip
    if wanted not in names:
        raise VectorFileError(f"There is no column {wanted!r}.", where=where, advice=f"There are {there}.")
    return wanted
