"""Questions to a model's own table of vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio.session.messages.model import ModelRef

if TYPE_CHECKING:  # the window is painted, and the worker started, before numpy is loaded
    import numpy as np

    from embstudio.space.vector_set import VectorSet


@dataclass(frozen=True)
class VectorsRequest:
    """The model's own word vectors with their two-dimensional PCA picture. Answered by `Vectors`."""

    model: ModelRef


@dataclass(frozen=True)
class Vectors:
    """All rows of the embedding table by name, and where PCA puts them.

    words: rows; picture: [rows, 2] float32; explained: share of the variance each of the two axes carries.
    """

    model: ModelRef
    words: tuple[str, ...]
    width: int
    picture: np.ndarray
    explained: tuple[float, float]


@dataclass(frozen=True)
class TableRequest:
    """All vectors of the model's embedding table. Answered by `Table`."""

    model: ModelRef


@dataclass(frozen=True)
class Table:
    """The embedding table itself; it can be large."""

    model: ModelRef
    table: VectorSet


@dataclass(frozen=True)
class NeighboursRequest:
    """The nearest rows of the embedding table for each of the given ids. Answered by `Neighbours`.

    key: to tell answers apart; 0: of the sentence's tokens.
    """

    model: ModelRef
    ids: tuple[int, ...]
    count: int = 12
    metric: str = "cosine"
    key: int = 0


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows for each id asked for, the id itself left out.

    rows, distances: [ids, count], nearest first.
    """

    model: ModelRef
    ids: tuple[int, ...]
    metric: str
    rows: np.ndarray
    distances: np.ndarray
    key: int = 0


@dataclass(frozen=True)
class LensRequest:
    """What vectors of the residual stream stand for: words near them, and what the head says to them. Answered by
    `Lens`.

    vectors: [n, d_model], the stream of one token at n places. words: ids whose rank is wanted at each. count: how
    many words of each sort. stack: whose stream it is, "", "encoder" or "decoder". key: to tell answers apart.
    """

    model: ModelRef
    vectors: np.ndarray
    words: tuple[int, ...] = ()
    count: int = 8
    stack: str = ""
    key: int = 0


@dataclass(frozen=True)
class Lens:
    """What each of n vectors stands for. What the model does not have is empty, and `notes` say why.

    ids, probabilities: [n, count], the words that the output head puts first, best first.
    words:              those asked for that the model has.
    ranks, followed:    [n, words], the rank (1 is best) and probability of each of them.
    rows, cosines:      [n, count], the nearest rows of the embedding table, nearest first.
    path:               [n, 2], where the vectors lie in the picture of `Vectors`; None where they do not fit in.
    evened:             [n, 2], the same for the vectors brought to the mean length of the table's rows.
    in_plane:           [n, 2], the share of each vector's squared distance from the words' mean that lies in the plane
                        of the picture: as it is, and evened.
    worst:              largest difference of the head's scores from the model's own, when it was tried; None: no head.
    """

    model: ModelRef
    key: int
    ids: np.ndarray
    probabilities: np.ndarray
    words: tuple[int, ...]
    ranks: np.ndarray
    followed: np.ndarray
    rows: np.ndarray
    cosines: np.ndarray
    path: np.ndarray | None
    evened: np.ndarray | None
    in_plane: np.ndarray | None
    worst: float | None
    notes: tuple[str, ...] = ()
