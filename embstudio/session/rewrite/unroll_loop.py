"""Loop with a fixed number of steps around an attention or a recurrent layer, written out: https://onnx.ai/onnx/operators/onnx__Loop.html

The number of steps is fixed by a constant trip count, or by a condition that follows from constants and the number of
the step (`while i < 6`). A Loop whose length depends on the input stays as it is.
"""

from __future__ import annotations

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto

from embstudio.session.rewrite.hidden_layers import holds_layers, layers_in_words
from embstudio.session.rewrite.known_values import KnownValues
from embstudio.session.rewrite.over_time import looks_up_data_only
from embstudio.session.rewrite.splice import put_in_place
from embstudio.session.rewrite.unrolled import MOST_STEPS, Unrolled, few_enough


def unroll_loop(model: ModelProto) -> tuple[str, ...]:
    """The first Loop over layers in the main graph that hides such a layer and whose number of steps is fixed."""
    found = [
        (index, body)
        for index, node in enumerate(model.graph.node)
        if node.op_type == "Loop" and node.domain in ("", "ai.onnx") and holds_layers(body := _body(node))
    ]
    if not found:
        return ()
    known = KnownValues(model)
    for index, body in found:
        if looks_up_data_only(model, body):
            continue
        written = _unroll(model, model.graph.node[index], body, known)
        if written is not None:
            unrolled, steps = written
            model.graph.initializer.extend(unrolled.initializers)
            put_in_place(model.graph, {index: unrolled.nodes})
            return (f"A Loop of {steps} steps with {layers_in_words(body)} inside is written out step by step.",)
    return ()


def _unroll(model: ModelProto, node: NodeProto, body: GraphProto, known: KnownValues) -> tuple[Unrolled, int] | None:
    most = _given(node, 0, known, MOST_STEPS + 1)
    go_on = _given(node, 1, known, 1)
    if most is None or not go_on:
        return None
    unrolled = Unrolled(model, node, body)
    known.add_initializers(unrolled.initializers)
    places = [value.name for value in body.input]
    states = list(node.input[2:])
    collected: list[list[str]] = [[] for _ in body.output[1 + len(states) :]]
    step = 0
    while step < most and go_on:
        if not few_enough(body, step + 1):
            return None
        number = unrolled.constant(np.array(step, np.int64), f"{places[0]}.{step}")
        true = unrolled.constant(np.array(True), f"{places[1]}.{step}")
        before = len(unrolled.nodes)
        results = unrolled.step(step, dict(zip(places, [number, true, *states], strict=True)))
        known.add(unrolled.nodes[before - 2 :])
        condition = known.value(results[0])
        if condition is None or condition.size != 1:
            return None
        go_on = int(condition.item())
        states = results[1 : 1 + len(states)]
        for entries, entry in zip(collected, results[1 + len(states) :], strict=True):
            entries.append(entry)
        step += 1
    if not step:
        return None
    outputs = list(node.output) + [""] * (len(body.output) - 1 - len(node.output))
    for entries, output in zip(collected, outputs[len(states) :], strict=True):
        if output:
            unrolled.stack(entries, 0, output)
    unrolled.finish(states, outputs[: len(states)])
    return unrolled, step


def _given(node: NodeProto, place: int, known: KnownValues, default: int) -> int | None:
    """A trip count or a condition, `default` where it is left out, None where it depends on the input."""
    if place >= len(node.input) or not node.input[place]:
        return default
    value = known.value(node.input[place])
    return int(value.item()) if value is not None and value.size == 1 else None


def _body(node: NodeProto) -> GraphProto:
    return next((given.g for given in node.attribute if given.name == "body"), GraphProto())
