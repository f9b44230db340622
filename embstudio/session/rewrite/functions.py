"""Functions inlined: those that a model brings along, and the operators of ONNX that are specified by a function.

Since operator set 23 ONNX has Attention and RotaryEmbedding as operators of one piece; the specification gives each as
a function of smaller operators (https://onnx.ai/onnx/operators/onnx__Attention.html, "Function Body"), and that is what
takes their place here: grouped queries, masks, soft-cap and caches as the specification has them.
"""

from __future__ import annotations

from collections import Counter

from onnx import ModelProto, NodeProto, inliner
from onnx.shape_inference import InferenceError, infer_shapes

from embstudio.session.rewrite.stand_ins import adopt, light_copy
from embstudio.session.rewrite.stated_types import state_types
from embstudio.session.rewrite.tensor_names import nodes_within

# Operators whose function holds what is to be seen: an attention, or the rotation of its queries and keys.
_SPECIFIED = (("", "Attention"), ("", "RotaryEmbedding"), ("ai.onnx.preview", "FlexAttention"))
_FAILURES = (RuntimeError, ValueError, InferenceError)


def inline_local_functions(model: ModelProto) -> tuple[str, ...]:
    """Put the nodes of the model's own functions in the place of their calls."""
    if not model.functions:
        return ()
    own = {(function.domain, function.name) for function in model.functions}
    calls = sum((node.domain, node.op_type) in own for node in nodes_within(model.graph))
    if not calls:
        return ()
    light = light_copy(model)
    for convert in (False, True):  # functions written for another operator set than the model's are converted
        try:
            inlined = inliner.inline_local_functions(light, convert_version=convert)
        except _FAILURES:
            continue
        left = {(function.domain, function.name) for function in inlined.functions}
        left_calls = sum((node.domain, node.op_type) in left for node in nodes_within(inlined.graph))
        if left_calls < calls:
            adopt(model, inlined)
            return (f"{_count(calls - left_calls, 'call')} of the model's own functions written out in place.",)
    return ()


def inline_specified_functions(model: ModelProto) -> tuple[str, ...]:
    """Write Attention and RotaryEmbedding of ONNX out as the functions they are specified by."""
    for node in nodes_within(model.graph):
        if node.domain == "ai.onnx":  # another word for ONNX's own operators, which the inliner does not know
            node.domain = ""
    found = _specified(model)
    if not found:
        return ()
    refused = [node for node in nodes_within(model.graph) if node.op_type == "RotaryEmbedding" and node.domain == ""]
    light = light_copy(model)
    table_of_one = _tables_of_one(light, refused)
    inlined = _inlined(light)
    left = [node for node in inlined.graph.node if (node.domain, node.op_type) in _SPECIFIED]
    # A function is written for the types it is called with; behind operators of other domains onnx knows none.
    if left and state_types(inlined, (name for node in left for name in node.input)):
        inlined = _inlined(inlined)
    done = found - _specified(inlined)
    if not done:
        return ()
    adopt(model, inlined)
    written = " and ".join(f"{count} {operator}" for operator, count in done.items())
    said = [f"{written} written out as the smaller operators that ONNX specifies them by."]
    if table_of_one and "RotaryEmbedding" in done:
        said.append(
            "Repaired: onnxruntime refuses a RotaryEmbedding whose table is that of one sequence as soon as several "
            "are fed; written out, it takes any number."
        )
    if "FlexAttention" in done:
        said.append("Repaired: onnxruntime has no FlexAttention; written out, the model runs.")
    return tuple(said)


def _inlined(light: ModelProto) -> ModelProto:
    try:
        return inliner.inline_selected_functions(light, list(_SPECIFIED), inline_schema_functions=True)
    except _FAILURES:
        return light


def _specified(model: ModelProto) -> Counter[str]:
    return Counter(node.op_type for node in nodes_within(model.graph) if (node.domain, node.op_type) in _SPECIFIED)


def _tables_of_one(light: ModelProto, rotations: list[NodeProto]) -> bool:
    """Whether a rotation without position ids has a table for a batch of one: [1, pos, d_head / 2]."""
    tables = {node.input[1] for node in rotations if len(node.input) < 4 or not node.input[3]}
    if not tables:
        return False
    try:
        inferred = infer_shapes(light)
    except _FAILURES:
        inferred = light
    for value in inferred.graph.value_info:
        dims = value.type.tensor_type.shape.dim
        if value.name in tables and len(dims) == 3 and dims[0].dim_value == 1:
            return True
    return False


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
