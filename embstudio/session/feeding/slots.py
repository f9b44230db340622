"""The inputs of a graph by what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from embstudio.modelfile.tensor_info import TensorInfo


class Role(StrEnum):
    """What an input is for."""

    IDS = "token ids"
    MASK = "mask"
    TYPES = "token types"
    POSITIONS = "positions"
    CACHE = "keys or values of tokens before"
    STATE = "state of a recurrent layer"
    HIDDEN = "what the encoder made"
    FLAG = "whether there is a cache"
    PAST_LENGTH = "how many tokens are in the cache"
    LAST_PLACE = "place of the last token"
    TOTAL_LENGTH = "how many tokens there are with those in the cache"
    NEW_LENGTH = "how many tokens are fed"
    ONES = "a factor that changes nothing"
    UNKNOWN = "not known"


class Side(StrEnum):
    """Which of two sequences an input belongs to. A model that has only one takes SOURCE, unless it is a decoder that
    reads what an encoder made: then the sequence is its TARGET."""

    SOURCE = "source"
    TARGET = "target"


@dataclass(frozen=True)
class CacheLayout:
    """The axes of a cache, and where it comes out again.

    sizes:   length of each axis, None where it is the batch or grows.
    batch, grows: those axes; None where there is none.
    present: the graph's output with the tokens of this run appended; "" if there is none.
    cross:   it holds keys or values of the encoder's tokens.
    """

    sizes: tuple[int | None, ...]
    batch: int | None
    grows: int | None
    present: str = ""
    cross: bool = False

    def shape(self, batch: int, length: int) -> tuple[int, ...]:
        """For so many sequences and tokens. Raises ValueError where a size is not known."""
        own = {self.batch: batch, self.grows: length}
        shape = [own.get(axis, size) for axis, size in enumerate(self.sizes)]
        known = [size for size in shape if size is not None]
        if len(known) != len(shape):
            raise ValueError("a size is not known")
        return tuple(known)


@dataclass(frozen=True)
class Slot:
    """One input. hidden: for a mask, the value that hides a token: 0 for most, 1 where ones hide, and a large negative
    number where the mask is added to the scores. square: a mask [queries, keys], the same for all sequences. second:
    the ids of a second text in a graph without a decoder. counts: the axis along which vectors are the tokens
    themselves, which are then read without ids."""

    tensor: TensorInfo
    role: Role
    side: Side = Side.SOURCE
    cache: CacheLayout | None = None
    hidden: float = 0.0
    square: bool = False
    second: bool = False
    counts: int | None = None

    @property
    def name(self) -> str:
        return self.tensor.name

    @property
    def visible(self) -> float:
        """For a mask, the value that lets a token be seen."""
        return 1.0 if self.hidden == 0.0 else 0.0
