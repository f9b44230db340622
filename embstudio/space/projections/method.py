"""What every way of drawing vectors has in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Protocol

import numpy as np

from embstudio.space.projections.snapshot import Snapshot

NO_MEANING = "How wide the gaps are and how large the groups carries no meaning here; who is near to whom does."


class Method(Protocol):
    """A frozen dataclass: its fields are the options, and two that are equal make the same picture of the same vectors.

    name: for people. caution: what the plot has to say beside the picture, or "". most_rows: of how many rows it can
    make a picture in reasonable time; of more, a random sample is drawn. slow: worth remembering. dimensions: of the
    picture.
    """

    name: ClassVar[str]
    caution: ClassVar[str]
    most_rows: ClassVar[int]
    slow: ClassVar[bool]

    @property
    def dimensions(self) -> int: ...

    def pictures(self, vectors: np.ndarray, seed: int) -> Iterator[Snapshot]:
        """Snapshots of finite vectors [n, width], n ≥ 1, each better than the one before; the last one is finished.

        Yields every few hundredths of a second where it can, so that it can be stopped there. Raises InputError for
        options that make no sense.
        """
        ...
