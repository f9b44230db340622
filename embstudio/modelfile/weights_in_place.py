"""A large model without its weights: they stay in the file, and the model says where.

An .onnx file is one protobuf message, and reading it the ordinary way copies every weight several times before the
first is used. Here only the frame of the message is walked. Each large weight is left where it is and stated as
external data in the very file it came from, at its own offset; onnxruntime then maps the file into memory, and so do we
when a weight is looked at.

Sources: the wire format of protobuf (tag = field number · 8 + wire type; length-delimited fields), and the field
numbers of onnx.proto3: ModelProto.graph 7, GraphProto.initializer 5, TensorProto.raw_data 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from onnx import TensorProto

LARGE = 2**16  # bytes of a weight worth leaving where it is
_GRAPH, _INITIALIZER, _RAW_DATA = 7, 5, 9
_VARINT, _EIGHT_BYTES, _DELIMITED, _FOUR_BYTES = 0, 1, 2, 5


class _Field(NamedTuple):
    """A field of a message: its number, where it begins with its tag, where its value lies."""

    number: int
    wire_type: int
    begin: int
    start: int
    end: int


def without_weights(contents: memoryview, location: str) -> bytes | None:
    """The model's bytes with each large weight stated as lying in the file `location`, which `contents` is.

    None where there is nothing to leave out, or where the frame is not that of a whole model: reading it in the
    ordinary way will tell.
    """
    try:
        graphs = [field for field in _fields(contents, 0, len(contents)) if field.number == _GRAPH]
        if len(graphs) != 1 or graphs[0].wire_type != _DELIMITED:
            return None
        graph = graphs[0]
        pieces = _graph(contents, graph, location)
    except (ValueError, IndexError):
        return None
    if pieces is None:
        return None
    length = sum(map(len, pieces))
    head = bytes([_GRAPH << 3 | _DELIMITED]) + _varint_bytes(length)
    return b"".join([contents[: graph.begin], head, *pieces, contents[graph.end :]])


def _graph(contents: memoryview, graph: _Field, location: str) -> list[memoryview | bytes] | None:
    pieces: list[memoryview | bytes] = []
    copied, found = graph.start, False
    for field in _fields(contents, graph.start, graph.end):
        if field.number != _INITIALIZER or field.wire_type != _DELIMITED or field.end - field.start < LARGE:
            continue
        stub = _stub(contents, field, location)
        if stub is None:
            continue
        pieces += [
            contents[copied : field.begin],
            bytes([_INITIALIZER << 3 | _DELIMITED]) + _varint_bytes(len(stub)),
            stub,
        ]
        copied, found = field.end, True
    return [*pieces, contents[copied : graph.end]] if found else None


def _stub(contents: memoryview, tensor: _Field, location: str) -> bytes | None:
    """The tensor with its raw data stated as external; None where it keeps its numbers in another way."""
    raw: _Field | None = None
    kept = bytearray()
    for field in _fields(contents, tensor.start, tensor.end):
        if field.number == _RAW_DATA and field.wire_type == _DELIMITED and raw is None:
            raw = field
        else:
            kept += contents[field.begin : field.end]
    if raw is None or raw.end - raw.start < LARGE or len(kept) >= LARGE:
        return None
    stated = TensorProto(data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", str(raw.start)), ("length", str(raw.end - raw.start))):
        stated.external_data.add(key=key, value=value)
    return bytes(kept) + bytes(stated.SerializeToString())


def _fields(contents: memoryview, start: int, end: int) -> Iterator[_Field]:
    """The fields of a message. Raises ValueError or IndexError where it is cut off or no message."""
    place = start
    while place < end:
        begin = place
        tag, place = _varint(contents, place)
        wire_type = tag & 7
        if wire_type == _VARINT:
            value, (_, place) = place, _varint(contents, place)
        elif wire_type in (_EIGHT_BYTES, _FOUR_BYTES):
            value, place = place, place + (8 if wire_type == _EIGHT_BYTES else 4)
        elif wire_type == _DELIMITED:
            length, value = _varint(contents, place)
            place = value + length
        else:
            raise ValueError(f"wire type {wire_type}")
        if place > end:
            raise ValueError("a field is longer than its message")
        yield _Field(tag >> 3, wire_type, begin, value, place)


def _varint(contents: memoryview, place: int) -> tuple[int, int]:
    """The number at a place, seven bits a byte, and where the next begins."""
    number = shift = 0
    while True:
        byte = contents[place]
        number |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return number, place
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 64 bits")


def _varint_bytes(number: int) -> bytes:
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
