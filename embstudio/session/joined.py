"""Two models run as one: what the first makes is what the second reads."""

from __future__ import annotations

import onnx
from onnx import compose, helper

from embstudio.base.errors import UnsupportedModelError
from embstudio.modelfile.model_file import ModelFile

PREFIX = "encoder/"


def joined(first: ModelFile, output: str, second: ModelFile, wanted: str) -> ModelFile:
    """One model of two files in one folder: `output` of the first becomes `wanted` of the second.

    Everything of the first is called `encoder/…`, inputs included; the second keeps its names and its outputs, and is
    the one whose path counts. Raises UnsupportedModelError if they use different versions of the same operators.
    """
    versions = {entry.domain: entry.version for entry in second.proto.opset_import}
    for entry in first.proto.opset_import:
        if versions.setdefault(entry.domain, entry.version) != entry.version:
            raise UnsupportedModelError(
                "The parts of this model were exported with different versions of the operators.",
                where=f"{first.path.name}: {entry.version}, {second.path.name}: {versions[entry.domain]}",
                advice="Export all parts again, together.",
            )  # fmt: skip
    front = compose.add_prefix(first.proto, PREFIX)
    whole = onnx.ModelProto()
    whole.CopyFrom(second.proto)
    graph = whole.graph
    nodes = [*front.graph.node, helper.make_node("Identity", [PREFIX + output], [wanted]), *second.proto.graph.node]
    inputs = [*front.graph.input, *(value for value in second.proto.graph.input if value.name != wanted)]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.extend(inputs)
    graph.initializer.extend(front.graph.initializer)
    graph.sparse_initializer.extend(front.graph.sparse_initializer)
    graph.value_info.extend(front.graph.value_info)
    whole.functions.extend(front.functions)
    whole.ir_version = max(first.proto.ir_version, second.proto.ir_version)
    present = {entry.domain for entry in whole.opset_import}
    whole.opset_import.extend(entry for entry in front.opset_import if entry.domain not in present)
    return ModelFile.of(second.path, whole)
