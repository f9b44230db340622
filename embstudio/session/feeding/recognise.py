"""Which input of a graph is for what: by what the graph does with it; by its name only where that says nothing."""

from __future__ import annotations

from dataclasses import replace

from embstudio.anatomy.anatomy import Anatomy
from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.tensor_info import TensorInfo
from embstudio.session.feeding.beside import Beside
from embstudio.session.feeding.caches import find_cache, find_state
from embstudio.session.feeding.presents import match_presents
from embstudio.session.feeding.reach import Reach, hiding_value, reach
from embstudio.session.feeding.slots import Role, Side, Slot
from embstudio.session.feeding.vectors import token_axis

_INTEGERS = ("int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64")
_ID_TYPES = ("int64", "int32", "uint32", "int16", "uint16", "uint8")
# A table with fewer rows tells segments apart, one with more holds places.
_MOST_SEGMENTS = 16
# What the places among the inputs of whole operators are for; onnxruntime, docs/ContribOperators.md.
_PLACES = {
    "EmbedLayerNormalization": {1: Role.TYPES, 7: Role.MASK, 8: Role.POSITIONS},
    "QEmbedLayerNormalization": {1: Role.TYPES, 7: Role.MASK},
    "Attention": {3: Role.MASK, 5: Role.MASK, 6: Role.PAST_LENGTH},
    "QAttention": {5: Role.MASK},
    "MultiHeadAttention": {4: Role.MASK, 5: Role.MASK, 8: Role.PAST_LENGTH},
    "DecoderMaskedMultiHeadAttention": {3: Role.MASK, 4: Role.MASK, 7: Role.PAST_LENGTH},
    "GroupQueryAttention": {5: Role.LAST_PLACE, 6: Role.TOTAL_LENGTH, 9: Role.POSITIONS, 10: Role.MASK},
    "RotaryEmbedding": {1: Role.POSITIONS, 3: Role.POSITIONS},
    "LSTM": {4: Role.NEW_LENGTH}, "GRU": {4: Role.NEW_LENGTH}, "RNN": {4: Role.NEW_LENGTH},
    "DynamicQuantizeLSTM": {4: Role.NEW_LENGTH},
}  # fmt: skip
# A word in the name that exporters use, for inputs whose way through the graph tells nothing.
_WORDS: tuple[tuple[str, Role], ...] = (
    ("head_mask", Role.ONES), ("mask", Role.MASK), ("token_type", Role.TYPES), ("segment", Role.TYPES),
    ("past_seq", Role.PAST_LENGTH), ("past_len", Role.PAST_LENGTH), ("seqlens_k", Role.LAST_PLACE),
    ("total_seq", Role.TOTAL_LENGTH), ("position", Role.POSITIONS), ("beam", Role.ONES), ("to_keep", Role.NEW_LENGTH),
    ("length", Role.NEW_LENGTH), ("type", Role.TYPES),
)  # fmt: skip


# Numbers of tokens as numbers.
_LENGTHS = (Role.PAST_LENGTH, Role.LAST_PLACE, Role.TOTAL_LENGTH)


class Recogniser:
    """Works out the slots of one graph."""

    def __init__(self, graph: Graph, anatomy: Anatomy, beside: Beside) -> None:
        self._graph = graph
        self._anatomy = anatomy
        self._beside = beside
        self._flow = Dataflow(graph)
        self._stacks = {block.stack for block in anatomy.blocks}
        self._places = _softmax_places(graph, anatomy)
        self._ids = self._find_ids()

    def slots(self) -> tuple[Slot, ...]:
        """Every input, in the order of the graph."""
        slots = [self._slot(tensor) for tensor in self._anatomy.inputs]
        held = [slot for slot in slots if slot.cache is not None]
        presents = match_presents(self._flow, [(slot.name, slot.cache) for slot in held if slot.cache is not None])
        return tuple(
            replace(slot, cache=replace(slot.cache, present=presents.get(slot.name, ""))) if slot.cache else slot
            for slot in slots
        )

    def _slot(self, tensor: TensorInfo) -> Slot:
        if tensor.name in self._ids:
            return self._ids[tensor.name]
        rank, integer = len(tensor.shape), tensor.dtype in _INTEGERS
        if not integer and rank >= 2:
            heads, width = self._key_sizes()
            cache = find_cache(self._flow, tensor, self._ids, heads, width)
            if cache is not None:
                return Slot(tensor, Role.CACHE, self._own, cache)
        found = reach(self._flow, tensor.name)
        role = self._role(tensor, found)
        counts = token_axis(self._flow, tensor) if role is Role.UNKNOWN else None
        if role is Role.UNKNOWN and not integer and rank >= 2:
            if rank == 3 and self._ids and self._is_encoder_output(tensor):
                return Slot(tensor, Role.HIDDEN)
            state = find_state(self._flow, tensor)
            if state is not None and counts is None:
                return Slot(tensor, Role.STATE, self._own, state)
        hidden = hiding_value(self._graph, tensor.name) if role is Role.MASK else 0.0
        square = role is Role.MASK and self._is_square(tensor)
        return Slot(tensor, role, self._side(tensor, found), hidden=hidden, square=square, counts=counts)

    # Token ids -------------------------------------------------------------------------------------------------

    def _find_ids(self) -> dict[str, Slot]:
        """The inputs that choose rows of the vocabulary, by name, each with the sequence it holds."""
        tables = self._anatomy.embeddings
        rows = tables[0].rows if tables else None
        names = dict.fromkeys(table.ids_input for table in tables if table.rows == rows and rows > _MOST_SEGMENTS)
        if self._anatomy.ids_input is not None:
            names[self._anatomy.ids_input] = None
        infos = {info.name: info for info in self._anatomy.inputs}
        found = {name: infos[name] for name in names if name in infos}
        if not found:
            found = {info.name: info for info in self._likely_ids()}
        if self._anatomy.ids_input in found:  # GPT-2 looks token types up among the words, too
            found = {
                name: info for name, info in found.items()
                if name == self._anatomy.ids_input or not any(word in name for word in ("type", "segment"))
            }  # fmt: skip
        slots, taken = {}, set[Side]()
        for name, info in found.items():
            side = self._side_of_ids(name)
            slots[name] = Slot(info, Role.IDS, side, second=side in taken)
            taken.add(side)
        return slots

    def _likely_ids(self) -> list[TensorInfo]:
        """Where no table was recognised: what chooses rows of the largest one; the ids an operator wants; the only
        integers that are nothing else; bytes."""
        whole = [info for info in self._anatomy.inputs if info.dtype in _ID_TYPES and len(info.shape) in (1, 2)]
        reached = {info.name: reach(self._flow, info.name) for info in whole}
        for tables in ("rows", "places"):  # some count ids from the end where they are negative, which is arithmetic
            rows = {info.name: max(getattr(reached[info.name], tables), default=0) for info in whole}
            most = max(rows.values(), default=0)
            if most > _MOST_SEGMENTS:
                return [info for info in whole if rows[info.name] == most][:1]
        fused = [
            info for info in whole
            if any(place == 0 and "EmbedLayerNormalization" in node.op for node, place in reached[info.name].slots)
        ]  # fmt: skip
        rest = [
            info for info in whole
            if len(info.shape) == 2 and self._role(info, reached[info.name]) is Role.UNKNOWN
        ]  # fmt: skip
        return (fused or rest if len(rest) == 1 or fused else [info for info in rest if info.dtype == "uint8"])[:1]

    def _side_of_ids(self, name: str) -> Side:
        """Ids belong to the decoder if nothing of an encoder depends on them, while something of a decoder does."""
        if "decoder" not in self._stacks and "cross" not in {kind for _, kind in self._places.values()}:
            return Side.SOURCE
        in_encoder = any(
            stack == "encoder" and self._flow.is_ancestor(name, tensor) for tensor, (stack, _) in self._places.items()
        )
        return Side.SOURCE if in_encoder else Side.TARGET

    @property
    def _own(self) -> Side:
        """The sequence whose tokens the model goes on with."""
        sides = {slot.side for slot in self._ids.values()}
        return Side.TARGET if Side.TARGET in sides else Side.SOURCE

    # What goes with them ---------------------------------------------------------------------------------------

    def _role(self, tensor: TensorInfo, found: Reach) -> Role:
        by_name = next((role for word, role in _WORDS if word in tensor.name.lower()), Role.UNKNOWN)
        by_place = [_PLACES[node.op][place] for node, place in found.slots if place in _PLACES.get(node.op, {})]
        integer, rank = tensor.dtype in _INTEGERS, len(tensor.shape)
        if rank == 0 or (rank == 1 and tensor.shape[0] == 1):
            if tensor.dtype == "bool":
                return Role.FLAG
            return by_place[0] if by_place else by_name
        if by_name in _LENGTHS and (rank < 2 or tensor.shape[1] == 1):
            return by_name
        if by_place and rank <= 2:
            counted = by_place[0] in (Role.LAST_PLACE, Role.TOTAL_LENGTH) and rank == 2 and tensor.shape[1] != 1
            return Role.MASK if counted else by_place[0]
        if integer and rank == 3 and isinstance(tensor.shape[2], int):
            return Role.UNKNOWN  # several numbers a token: the corners of its box on a page, a table's rows and columns
        if integer and found.rows and max(found.rows) <= _MOST_SEGMENTS:
            return Role.TYPES
        if integer and rank <= 3 and (found.angles or found.rows or found.places):
            # Positions may be counted from a mask.
            of_mask = found.softmaxes and not found.rows and (found.counted or by_name is Role.MASK)
            return Role.MASK if of_mask and not found.angles else Role.POSITIONS
        if by_name is Role.ONES or self._scales_heads(tensor):
            return Role.ONES
        if found.softmaxes and rank in (2, 3, 4):
            return Role.POSITIONS if by_name is Role.POSITIONS else Role.MASK
        if found.softmaxes and integer and rank == 1:
            return Role.POSITIONS  # the places of the new tokens, from which a mask is made
        if by_name is Role.MASK and not 1 <= rank <= 4:
            return Role.UNKNOWN
        return by_name if integer or tensor.dtype == "bool" or by_name is Role.MASK else Role.UNKNOWN

    def _scales_heads(self, tensor: TensorInfo) -> bool:
        """Is it a factor for each head, of each layer or of all: [layers, heads] or [heads]?"""
        heads = {attention.heads for block in self._anatomy.blocks for attention in block.attention}
        layers = len(self._anatomy.blocks)
        return bool(heads) and tuple(tensor.shape) in {(layers, count) for count in heads} | {(c,) for c in heads}

    def _is_square(self, tensor: TensorInfo) -> bool:
        """Is a mask of two axes as long as it is wide, and not so because there are as many sequences as tokens?"""
        batches = {slot.tensor.shape[0] for slot in self._ids.values() if len(slot.tensor.shape) == 2}
        shape = tensor.shape
        return len(shape) == 2 and shape[0] is not None and shape[0] == shape[1] and shape[0] not in batches

    def _side(self, tensor: TensorInfo, found: Reach) -> Side:
        """Which sequence an input goes with: by the attentions it reaches, the lengths it shares, and its name."""
        if self._own is Side.SOURCE:
            return Side.SOURCE
        places = {self._places[name] for name in found.softmaxes if name in self._places}
        if places:
            kinds = {kind for stack, kind in places if stack != "encoder"}
            return Side.TARGET if "self" in kinds and len(places) == len(kinds) == 1 else Side.SOURCE
        if len(tensor.shape) > 1:
            for slot in self._ids.values():
                if not isinstance(tensor.shape[1], int | None) and tensor.shape[1] == slot.tensor.shape[-1]:
                    return slot.side
        encoders = any(slot.side is Side.SOURCE for slot in self._ids.values())
        named = "decoder" in tensor.name or ("encoder" not in tensor.name and not encoders)
        return Side.TARGET if named else Side.SOURCE

    def _is_encoder_output(self, tensor: TensorInfo) -> bool:
        """Do the keys of a cross-attention come from it, and nothing of the tokens, nor any encoder's work?"""
        if any(stack == "encoder" and self._flow.is_ancestor(tensor.name, softmax)
               for softmax, (stack, _) in self._places.items()):  # fmt: skip
            return False
        if any(kind == "cross" and self._flow.is_ancestor(tensor.name, softmax)
               for softmax, (_, kind) in self._places.items()):  # fmt: skip
            return True
        return isinstance(tensor.shape[2], int | None) and not isinstance(tensor.shape[1], int) and any(
            word in tensor.name.lower() for word in ("hidden", "encoder", "memory")
        )  # fmt: skip

    def _key_sizes(self) -> tuple[int | None, int | None]:
        """Key/value heads and the width of one, as the blocks have them, else as the files beside the model say."""
        for block in self._anatomy.blocks:
            for attention in block.attention:
                heads = attention.kv_heads or self._beside.kv_heads
                width = attention.d_head or self._beside.head_width
                if heads and width:
                    return heads, width
        return self._beside.kv_heads, self._beside.head_width


def _softmax_places(graph: Graph, anatomy: Anatomy) -> dict[str, tuple[str, str]]:
    """Stack and kind ("self" or "cross") of each attention, by the tensor its Softmax (or fused operator) makes."""
    made = {node.name or node.outputs[0]: node.outputs[0] for node in graph.nodes}
    return {
        made.get(attention.node, attention.node): (block.stack, attention.kind)
        for block in anatomy.blocks
        for attention in block.attention
    }
