"""Scan with a fixed number of steps around an attention or a recurrent layer, written out: https://onnx.ai/onnx/operators/onnx__Scan.html

Layers with stacked weights come as such a Scan: the state is the residual stream, a step's inputs are one layer's
weights.
"""

from __future__ import annotations

from collections.abc import Sequence

from onnx import GraphProto, ModelProto, NodeProto, helper

from embstudio.session.rewrite.hidden_layers import holds_layers, layers_in_words
from embstudio.session.rewrite.known_values import KnownValues
from embstudio.session.rewrite.over_time import scans_data_only
from embstudio.session.rewrite.splice import put_in_place
from embstudio.session.rewrite.unrolled import Unrolled, few_enough

_OLDEST = 9  # before it Scan has a batch axis of its own


def unroll_scan(model: ModelProto) -> tuple[str, ...]:
    """The first Scan over layers in the main graph that hides such a layer and whose number of steps is fixed."""
    opset = next((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), 1)
    found = [
        (index, body)
        for index, node in enumerate(model.graph.node)
        if node.op_type == "Scan" and node.domain in ("", "ai.onnx") and holds_layers(body := _body(node))
    ]
    if not found or opset < _OLDEST:
        return ()
    known = KnownValues(model)
    for index, body in found:
        scan = _Scan(model.graph.node[index], body, known)
        if scan.steps is not None and few_enough(body, scan.steps) and not scans_data_only(model, scan.scanned):
            unrolled = _unroll(model, scan, scan.steps)
            model.graph.initializer.extend(unrolled.initializers)
            put_in_place(model.graph, {index: unrolled.nodes})
            return (f"A Scan over {scan.steps} steps with {layers_in_words(body)} inside is written out step by step.",)
    return ()


class _Scan:
    """A Scan's parts. steps: how often its body runs, None where that depends on the input."""

    def __init__(self, node: NodeProto, body: GraphProto, known: KnownValues) -> None:
        self.node, self.body = node, body
        attributes = {given.name: helper.get_attribute_value(given) for given in node.attribute}
        scanned = attributes["num_scan_inputs"]
        self.states = len(node.input) - scanned
        self.scanned = list(node.input[self.states :])
        collected = len(body.output) - self.states
        self.input_axes = _listed(attributes.get("scan_input_axes"), scanned)
        self.input_directions = _listed(attributes.get("scan_input_directions"), scanned)
        self.output_axes = _listed(attributes.get("scan_output_axes"), collected)
        self.output_directions = _listed(attributes.get("scan_output_directions"), collected)
        lengths = [self._length(known, name, axis) for name, axis in zip(self.scanned, self.input_axes, strict=True)]
        self.steps = next((length for length in lengths if length is not None), None)

    @staticmethod
    def _length(known: KnownValues, tensor: str, axis: int) -> int | None:
        dims = known.dims(tensor)
        return dims[axis] if dims is not None and -len(dims) <= axis < len(dims) else None


def _unroll(model: ModelProto, scan: _Scan, steps: int) -> Unrolled:
    unrolled = Unrolled(model, scan.node, scan.body)
    places = [value.name for value in scan.body.input]
    handed = [
        unrolled.entries(tensor, axis, steps, name)[:: -1 if backwards else 1]
        for tensor, axis, backwards, name in zip(
            scan.scanned, scan.input_axes, scan.input_directions, places[scan.states :], strict=True
        )
    ]
    states = list(scan.node.input[: scan.states])
    collected: list[list[str]] = [[] for _ in scan.output_axes]
    for step in range(steps):
        given = dict(zip(places, [*states, *(entries[step] for entries in handed)], strict=True))
        results = unrolled.step(step, given)
        states = results[: scan.states]
        for entries, entry in zip(collected, results[scan.states :], strict=True):
            entries.append(entry)
    outputs = list(scan.node.output) + [""] * (len(scan.body.output) - len(scan.node.output))
    for entries, output, axis, backwards in zip(
        collected, outputs[scan.states :], scan.output_axes, scan.output_directions, strict=True
    ):
        if output:
            unrolled.stack(entries[:: -1 if backwards else 1], axis, output)
    unrolled.finish(states, outputs[: scan.states])
    return unrolled


def _body(node: NodeProto) -> GraphProto:
    return next((given.g for given in node.attribute if given.name == "body"), GraphProto())


def _listed(given: Sequence[int] | None, count: int) -> list[int]:
    return list(given) if given else [0] * count
