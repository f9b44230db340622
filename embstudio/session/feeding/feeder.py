"""Feeds for one graph: arrays by input name, made from rows of token ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from embstudio.anatomy.anatomy import Anatomy
from embstudio.base.errors import InputError
from embstudio.modelfile.graph import Graph
from embstudio.session.feeding import values, wanted
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.recognise import Recogniser
from embstudio.session.feeding.sequences import Sequences
from embstudio.session.feeding.slots import Role, Side, Slot
from embstudio.session.feeding.taken_lengths import TakenLengths

_FROM_A_PERSON = (Role.HIDDEN, Role.CACHE, Role.STATE, Role.UNKNOWN)


@dataclass(frozen=True)
class Fed:
    """What goes into one run.

    feeds:  every input of the graph by name. notes: what a person must know of how they were made, as sentences.
    pads:   padding tokens behind each sequence, where there are any. masked: the sequences with a mask that hides them.
    made_up: inputs that only a person has, given random numbers to try the model out.
    """

    feeds: dict[str, np.ndarray]
    notes: tuple[str, ...] = ()
    pads: Mapping[Side, int] = field(default_factory=dict)
    masked: frozenset[Side] = frozenset()
    made_up: tuple[str, ...] = ()


class Feeder:
    """Knows what each input of one graph is for.

    slots: the inputs in the graph's order. own: the sequence whose tokens the model goes on with.
    """

    def __init__(self, graph: Graph, anatomy: Anatomy, beside: Beside) -> None:
        self.slots: tuple[Slot, ...] = Recogniser(graph, anatomy, beside).slots()
        self._beside = beside
        self._taken: TakenLengths | None = None
        self._ids = {slot.side: slot for slot in self.slots if slot.role is Role.IDS and not slot.second}
        self.own = Side.TARGET if Side.TARGET in self._ids else Side.SOURCE
        self._predicts = anatomy.head is not None and anatomy.head.kind == "next word"
        self._causal = beside.causal if beside.causal is not None else bool(self.caches)

    # What the graph can take -----------------------------------------------------------------------------------

    def ids(self, side: Side) -> Slot | None:
        """The input for the ids of a sequence; None where the graph has none."""
        return self._ids.get(side)

    @property
    def ids_slots(self) -> tuple[Slot, ...]:
        """The inputs for ids, one for each sequence."""
        return tuple(self._ids.values())

    @property
    def has_segments(self) -> bool:
        """Does it tell two sentences apart, by token types?"""
        return any(slot.role is Role.TYPES for slot in self.slots)

    @property
    def second(self) -> str:
        """What a second text is to it: "decoder", "second sentence", or "" where it takes one only."""
        if self.ids(Side.TARGET) is not None and self.ids(Side.SOURCE) is not None:
            return "decoder"
        return "second sentence" if self.has_segments else ""

    @property
    def caches(self) -> tuple[Slot, ...]:
        """Inputs for keys and values (or a state) of tokens before."""
        return tuple(slot for slot in self.slots if slot.cache is not None)

    @property
    def has_buffer(self) -> bool:
        """Are keys and values written into buffers of fixed length, whose rest nobody attends to?"""
        return any(slot.role is Role.STATE and len(slot.tensor.shape) > 3 for slot in self.slots)

    @property
    def room(self) -> int | None:
        """Tokens for which the cache has room, where its length is fixed; those not there yet stand first, hidden by
        the mask. None where it grows."""
        for slot in self.caches:
            if slot.cache and not slot.cache.cross and slot.cache.grows is not None:
                size = slot.tensor.shape[slot.cache.grows]
                if isinstance(size, int):
                    return size
        return None

    @property
    def can_go_on(self) -> bool:
        """Can the tokens of one run be fed to the next as its cache?"""
        growing = [slot for slot in self.caches if slot.cache and not slot.cache.cross]
        return bool(growing) and all(slot.cache and slot.cache.present for slot in growing)

    @property
    def hidden(self) -> Slot | None:
        """The input for what an encoder in another file makes."""
        return next((slot for slot in self.slots if slot.role is Role.HIDDEN), None)

    @property
    def begun_elsewhere(self) -> Slot | None:
        """A cache of the encoder's keys or values that nothing here makes: another file does the first step."""
        if self.hidden is not None or self.ids(Side.SOURCE) is not None:
            return None
        return next((slot for slot in self.caches if slot.cache and slot.cache.cross), None)

    @property
    def step(self) -> int | None:
        """The most new tokens in a run that has a cache; None: any number."""
        if not self.can_go_on:
            return None
        return self.length(self.own)

    def take_only(self, lengths: TakenLengths) -> None:
        """From now on feed so many tokens, padded: the graph was found to take no other number."""
        self._taken = lengths

    @property
    def multiple(self) -> int | None:
        """The number of tokens that a text has to be a multiple of; None for a graph that takes them one by one."""
        return self._taken.tokens if self._taken is not None and self._taken.multiples else None

    def length(self, side: Side) -> int | None:
        """The number of tokens that the graph was exported for; None: any number."""
        if self._taken is not None:
            return None if self._taken.multiples else self._taken.tokens
        slot = self._ids.get(side)
        size = slot.tensor.shape[-1] if slot is not None and slot.tensor.shape else None
        return size if isinstance(size, int) else None

    @property
    def batch(self) -> int:
        """The number of sequences that the graph was exported for, 1 where it takes any."""
        for slot in self._ids.values():
            if len(slot.tensor.shape) > 1 and isinstance(slot.tensor.shape[0], int):
                return slot.tensor.shape[0]
        return 1

    # Feeds -----------------------------------------------------------------------------------------------------

    def trial(self, length: int, rows: int | None) -> Fed:
        """Feeds of a few small ids, to try a model out: as many as it takes up to `length`. Raises InputError.

        What only a person has (a picture, what an encoder made) is made up: how a model's own numbers hang together
        does not depend on it.
        """
        rows_ = {} if self._ids else {Side.SOURCE: [0] * self._counted(length)}
        for side in self._ids:
            most = min(length, self.length(side) or length)
            if side is self.own:
                most = min(most, self.step or most)
            rows_[side] = [place % (rows or length) for place in range(1, most + 1)]
        sequences = Sequences(rows_.get(Side.SOURCE, ()), target=rows_.get(Side.TARGET, ()))
        return self._feeds(sequences, {}, np.random.default_rng(0))

    def _counted(self, length: int) -> int:
        """How many vectors a graph takes that reads them without ids: `length`, or what it was exported for."""
        sizes = [slot.tensor.shape[slot.counts] for slot in self.slots if slot.counts is not None]
        return next((size for size in sizes if isinstance(size, int)), length)

    def feeds(self, sequences: Sequences, caches: Mapping[str, np.ndarray] | None = None) -> Fed:
        """Everything the graph takes, batch 1 or the one it was exported for.

        caches: by input name; those not given are empty. Raises InputError, naming the input that cannot be made up.
        """
        if not self._ids:
            raise wanted.no_ids([slot.tensor for slot in self.slots])
        return self._feeds(sequences, caches or {}, None)

    def _feeds(self, sequences: Sequences, caches: Mapping[str, np.ndarray], random: np.random.Generator | None) -> Fed:
        pads = {side: self._pads(side, len(sequences.ids(side))) for side in self._ids}
        made, notes, made_up = {}, list[str](), list[str]()
        for slot in self.slots:
            if slot.name in caches:
                made[slot.name] = caches[slot.name]
                continue
            try:
                if slot is self.begun_elsewhere:
                    raise wanted.first_step_missing(slot.tensor)
                made[slot.name], said = self.value(slot, sequences, pads)
                notes.extend(said)
            except InputError:
                if random is None or slot.role not in _FROM_A_PERSON:
                    raise
                length = len(sequences.ids(self.own)) or len(sequences.ids(Side.SOURCE))
                made[slot.name] = values.made_up(slot, self.batch, length, random)
                made_up.append(slot.name)
        if self.batch > 1:
            notes.append(f"This model was exported for {self.batch} sequences at a time: it was fed the same one "
                         f"{self.batch} times, and the first is shown.")  # fmt: skip
        masked = frozenset(side for side in pads if self._has_mask(side))
        return Fed(made, tuple(notes), {side: count for side, count in pads.items() if count}, masked, tuple(made_up))

    def value(self, slot: Slot, sequences: Sequences, pads: Mapping[Side, int]) -> tuple[np.ndarray, Sequence[str]]:
        """What to feed one input, and what has to be said of it. Raises InputError if it cannot be made up."""
        side = slot.side if sequences.ids(slot.side) else self.own
        past = sequences.past if side is self.own else 0
        new, padded = len(sequences.ids(side)), pads.get(side, 0)
        match slot.role:
            case Role.IDS:
                ids = list(sequences.target if slot.second and sequences.target else sequences.ids(side))
                ids += [self._beside.pad_id or 0] * (self._pads(side, len(ids)) if slot.second else padded)
                return values.row(slot.tensor, ids, self.batch), ()
            case Role.MASK:
                causal, notes = self._sees_back_only(slot, side)
                return values.mask(slot, past, new, padded, self.batch, causal=causal), notes
            case Role.TYPES:
                segments = [*sequences.segments, *[0] * (new + padded)][: new + padded]
                return values.row(
                    slot.tensor, segments if side is Side.SOURCE else [0] * (new + padded), self.batch
                ), ()
            case Role.POSITIONS:
                return values.row(slot.tensor, range(past, past + new + padded), self.batch), ()
            case Role.CACHE | Role.STATE:
                return values.empty(slot, self.batch), ()
            case Role.FLAG:
                return values.filled(slot.tensor, past > 0, self.batch, new), ()
            case Role.HIDDEN:
                raise wanted.encoder_missing(slot.tensor)
        known = {
            Role.PAST_LENGTH: past, Role.LAST_PLACE: past + new + padded - 1, Role.TOTAL_LENGTH: past + new + padded,
            Role.NEW_LENGTH: new + padded, Role.ONES: 1,
        }  # fmt: skip
        if slot.role in known:
            return values.filled(slot.tensor, known[slot.role], self.batch, new + padded), ()
        return values.default(slot.tensor, self.batch, new + padded)

    def _sees_back_only(self, slot: Slot, side: Side) -> tuple[bool, tuple[str, ...]]:
        """Whether a mask for each query is to hide what comes after it, and what has to be said of that."""
        if len(slot.tensor.shape) < 3 and not slot.square:
            return False, ()
        if side is self.own and self._causal:
            return True, ()
        if slot.square and (side is Side.TARGET or self._predicts):
            return True, (f"The mask {slot.name} was made so that each token sees those before it only.",)
        if self._predicts and self._beside.causal is None:
            return False, (
                f"The mask {slot.name} lets each token see all: nothing beside the model says that it sees only those "
                "before it.",
            )
        return False, ()

    def _pads(self, side: Side, count: int) -> int:
        """How many padding tokens a graph of fixed length wants. Raises InputError if there are more tokens than it
        takes."""
        length, slot = self.length(side), self._ids[side]
        if self.multiple is not None:
            return -count % self.multiple
        if length is None or length == count:
            return 0
        if count > length:
            noun = "token" if length == 1 else "tokens"
            raise InputError(
                f"This model takes exactly {length} {noun} at a time, and this is {count}.",
                where=wanted.describe(slot.tensor), advice="Give fewer, or export the model with dynamic axes.",
            )  # fmt: skip
        return length - count

    def _has_mask(self, side: Side) -> bool:
        return any(slot.role is Role.MASK and slot.side is side and len(slot.tensor.shape) > 1 for slot in self.slots)
