"""From a chain of steps to a recurrent layer as everything else knows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.anatomy.cells.activations import activation_behind
from embstudio.anatomy.cells.chains import Link
from embstudio.anatomy.cells.looped import Looped
from embstudio.anatomy.cells.masked import Unmasked
from embstudio.anatomy.cells.steps import Step, linear_inputs
from embstudio.anatomy.cells.unrolled import Written
from embstudio.anatomy.cells.updates import Factor
from embstudio.anatomy.cells.written_cell import WrittenActivation, WrittenCell, WrittenGate, WrittenStep
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.same_values import before_same_values

NAMES = {"lstm": ("i", "o", "f", "g", "c", "h"), "gru": ("z", "r", "n", "h"), "rnn": ("a", "h")}
_WORDS = {"i": "input gate", "f": "forget gate", "o": "output gate", "z": "update gate", "r": "reset gate"}
_PRODUCTS = ("MatMul", "Gemm")
_STATES = ("h", "c")
_MASKED = "Where a mask leaves a token out its states are those of the token before, whatever its gates say."


def described(unmasked: Unmasked, written: Written) -> RecurrentLayer | None:
    """The layer, its number left at 0; None where the number of its units is not known."""
    flow, steps = unmasked.flow, written.in_order
    place = next(place for place, link in enumerate(written.links) if link is not None)
    links = [link for link in written.links if link is not None]
    step = written_step(flow, written.steps[place], links[0])
    if step is not None:
        step = replace(step, h=unmasked.kept(step.h), c=unmasked.kept(step.c))
    return _layer(unmasked, steps, written.steps[-1], links, WrittenCell((), steps=len(steps), step=step),
                  "forward" if written.forward else "reverse")  # fmt: skip


def described_body(flow: Dataflow, looped: Looped) -> RecurrentLayer | None:
    """The layer of a cell in a body, its number left at 0; None where the number of its units is not known. flow: of
    the graph around the body."""
    inner, step = looped.flow, written_step(looped.flow, looped.step, looped.link)
    if step is not None and not _is_multiplied(inner, looped.link):
        outside = _before_product(flow, looped.source)
        step = replace(step, outside=(outside, looped.source)) if outside else step
    cell = WrittenCell((), looped.node.index, looped.node.op, looped.steps, looped.backwards, step)
    layer = _layer(looped.unmasked, (looped.step,), looped.step, [looped.link], cell,
                   "reverse" if looped.backwards else "forward")  # fmt: skip
    if layer is None or layer.cell is None or step is None or not step.outside[0]:
        return layer
    beside = _weights_behind(flow, _beside(flow, looped.source, step.outside[0]))
    cell = replace(layer.cell, weights=(*layer.cell.weights, *beside))
    return replace(layer, input_width=_width(flow, [step.outside[0]]) or 0, cell=cell)


def _layer(
    unmasked: Unmasked, steps: Sequence[Step], last: Step, links: Sequence[Link], cell: WrittenCell, direction: str
) -> RecurrentLayer | None:
    flow = unmasked.flow
    states = [name for step in steps for name in (step.c, step.h) if name]
    states += [name for link in links for name in link.states]
    units = _width(flow, states) or _rows(flow, states)
    if units is None:
        return None
    kind = last.kind
    gates = tuple(
        _gate(unmasked, name, [step.gates[name] for step in steps])
        for name in NAMES[kind]
        if all(name in step.gates for step in steps)
    )
    notes = (*_notes(last, {gate.name for gate in gates}), *([_MASKED] if any(gate.updated for gate in gates) else []))
    cell = replace(cell, gates=gates, weights=_initializers(flow, links), notes=notes)
    width = _width(flow, [cell.step.x]) or _rows(flow, [cell.step.x]) if cell.step is not None else None
    return RecurrentLayer(kind, 0, (direction,), units, width or 0, activation_names(flow, last), -1, cell)


def _gate(unmasked: Unmasked, name: str, factors: Sequence[Factor]) -> WrittenGate:
    tensors = tuple(factor.tensor for factor in factors)
    kept = tuple(unmasked.kept(tensor) for tensor in tensors) if name in _STATES else tensors
    return WrittenGate(name, kept, factors[0].complement, tensors if kept != tensors else ())


def written_step(flow: Dataflow, step: Step, link: Link | None) -> WrittenStep | None:
    """The step by its tensors; None where its input is not one tensor, or its sums are not found."""
    if link is None:
        return None
    x = input_of(flow, link)
    activations = []
    for name in NAMES[step.kind]:
        tensor = {"c": step.exposure.activated if step.exposure else "", "h": ""}.get(name)
        tensor = step.gates[name].tensor if tensor is None and name in step.gates else tensor
        if name == "a":
            tensor = step.h
        if not tensor:
            continue
        behind = activation_behind(flow, tensor)
        if behind is None:
            if name == "c":
                continue
            return None
        normalised = name == "c" and before_same_values(flow, behind.total) != before_same_values(flow, step.c)
        known = "" if normalised else behind.name
        made, complement = behind.node.outputs[0], name in step.gates and step.gates[name].complement
        activations.append(
            WrittenActivation(name, known, tensor, behind.total, made, complement, behind.alpha, behind.beta)
        )
    h = next((state for state in link.states if state != link.before), link.before)
    return WrittenStep(x, h, link.before if step.c else "", step.c, tuple(activations)) if x else None


def input_of(flow: Dataflow, link: Link) -> str:
    """What a step reads, before it is multiplied with weights; "" where it is not one tensor."""
    found = {_input_behind(flow, tensor, link) for tensor in link.signature.inputs}
    return found.pop() if len(found) == 1 else ""


def activation_names(flow: Dataflow, step: Step) -> tuple[str, ...]:
    """ONNX's names, in ONNX's order: LSTM gates, candidate, memory; GRU gates, candidate; RNN one. "" for others."""
    memory = step.exposure.activated if step.exposure else ""
    wanted = {"lstm": ("f", "g", "c"), "gru": ("z", "n"), "rnn": ("h",)}[step.kind]
    tensors = [memory if name == "c" else step.gates[name].tensor if name in step.gates else "" for name in wanted]
    found = [activation_behind(flow, tensor) if tensor else None for tensor in tensors]
    names = [behind.name if behind is not None else "" for behind in found]
    if step.exposure is not None and step.exposure.activated == step.c:
        names[-1] = "Affine"  # the memory is shown as it is
    return tuple(names)


def _input_behind(flow: Dataflow, tensor: str, link: Link) -> str:
    """What was multiplied with weights to make an input of a step; itself where that is done inside the step."""
    if _is_used_by_product(flow, tensor, link):
        return before_same_values(flow, tensor)
    return _before_product(flow, tensor) or before_same_values(flow, tensor)


def _before_product(flow: Dataflow, tensor: str) -> str:
    """What the nearest product with weights behind a tensor takes, by a straight way; "" where there is none."""
    for _ in range(64):
        node = flow.graph.producer(tensor)
        data = linear_inputs(flow, node) if node is not None else []
        if node is None or len(data) != 1:
            return ""
        tensor = data[0]
        if node.op in _PRODUCTS:
            return before_same_values(flow, tensor)
    return ""


def _is_multiplied(flow: Dataflow, link: Link) -> bool:
    """Do the inputs of a step meet weights, in it or before it?"""
    return any(
        _is_used_by_product(flow, tensor, link) or _before_product(flow, tensor) for tensor in link.signature.inputs
    )


def _is_used_by_product(flow: Dataflow, tensor: str, link: Link) -> bool:
    users = [user for user in flow.graph.consumers(tensor) if user.op in (*_PRODUCTS, "Concat")]
    return any(flow.is_ancestor(user.outputs[0], link.after) for user in users)


def _width(flow: Dataflow, tensors: Iterable[str]) -> int | None:
    """The length of the last axis of any of some tensors."""
    for tensor in tensors:
        shape = flow.graph.shape(tensor)
        if shape and isinstance(shape[-1], int):
            return shape[-1]
    return None


def _rows(flow: Dataflow, tensors: Iterable[str]) -> int | None:
    """How many numbers a matrix takes that any of some tensors is multiplied with."""
    for tensor in tensors:
        for user in flow.graph.consumers(tensor):
            shape = flow.graph.shape(user.inputs[1]) if user.op in _PRODUCTS and user.inputs[0] == tensor else None
            if shape is not None and len(shape) == 2:
                rows = shape[1] if user.op == "Gemm" and user.attributes.get("transB") else shape[0]
                if isinstance(rows, int):
                    return rows
    return None


def _initializers(flow: Dataflow, links: Iterable[Link]) -> tuple[str, ...]:
    """The weights that steps use, those of their inputs up to the input of the layer among them."""
    found: dict[str, None] = {}
    for link in links:
        stop = input_of(flow, link)
        between = [name for tensor in link.signature.inputs for name in _beside(flow, tensor, stop)] if stop else []
        found |= dict.fromkeys(_weights_behind(flow, [*link.signature.weights, *between]))
    return tuple(found)


def _beside(flow: Dataflow, tensor: str, stop: str) -> list[str]:
    """What a tensor is multiplied with and added to on the straight way from another, or from the nearest product."""
    found, waiting, seen = list[str](), [tensor], set[str]()
    while waiting:
        tensor = before_same_values(flow, waiting.pop())
        node = flow.graph.producer(tensor)
        if tensor == stop or tensor in seen or node is None:
            continue
        seen.add(tensor)
        found += [name for name in node.inputs if name and not flow.is_data(name)]
        waiting += linear_inputs(flow, node) if node.op not in _PRODUCTS else []
    return found


def _weights_behind(flow: Dataflow, tensors: Sequence[str]) -> list[str]:
    """The initializers of several floats that constants are made of."""
    found, waiting = list[str](), list(tensors)
    while waiting:
        tensor = waiting.pop()
        weight, node = flow.graph.weight(tensor), flow.graph.producer(tensor)
        if weight is not None:
            if weight.size > 1 and weight.is_initializer and weight.dtype.startswith(("float", "bfloat")):
                found.append(tensor)
        elif node is not None and flow.is_constant(tensor):
            waiting += [name for name in node.inputs if name]
    return found


def _notes(last: Step, gates: set[str]) -> Iterable[str]:
    for name, factor in last.gates.items():
        if factor.complement:
            other = "what is written" if name == "z" else "the other gate"
            yield f"Its {_WORDS.get(name, name)} is 1 − a gate of the model, which stands for {other}."
    for name in last.gates:
        if name not in gates:
            yield f"Its first step starts from nothing and has no {_WORDS.get(name, name)}, so that it is not shown."
