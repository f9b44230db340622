"""Tensors of a graph promoted to outputs of a copy, so that onnxruntime returns them."""

from __future__ import annotations

from collections.abc import Iterable

import onnx


def copy_with_outputs(model: bytes, tensors: Iterable[str]) -> bytes:
    """A copy of a serialised model in which `tensors` are outputs too. The types are left to onnxruntime.

    Protobuf merges messages that are written one after the other, appending repeated fields: the copy is the model's
    bytes followed by a model that holds nothing but the new outputs. Nothing is parsed, so this costs a copy of the
    bytes however large the model is, and external data stays where it is. Tensors must exist in the main graph and
    must not be outputs already.
    """
    outputs = [onnx.ValueInfoProto(name=tensor) for tensor in dict.fromkeys(tensors)]
    if not outputs:
        return model
    return model + bytes(onnx.ModelProto(graph=onnx.GraphProto(output=outputs)).SerializeToString())
