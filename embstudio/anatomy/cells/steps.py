"""One step of a gated cell, read: which tensor is which gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from embstudio.anatomy.cells.activations import activation, activation_behind
from embstudio.anatomy.cells.polynomial import Expander
from embstudio.anatomy.cells.updates import Factor, Update, first_updates, updates_of
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.same_values import before_same_values
from embstudio.modelfile.graph import Node

_SAME = frozenset({"Cast", "Identity", "Reshape", "Dropout", "Squeeze", "Unsqueeze", "Flatten"})
# What stands between a memory and its output gate: an activation, at times a normalisation, written out or not.
_ON_THE_WAY = _SAME | frozenset({
    "LayerNormalization", "ReduceMean", "Sub", "Pow", "Sqrt", "Div", "Reciprocal", "Mul", "Add",
})  # fmt: skip
_LINEAR = frozenset({"MatMul", "Gemm", "Add", "Sub", "Sum", "Split", "Slice", "Gather", "Concat", "Transpose"}) | _SAME


@dataclass(frozen=True)
class Exposure:
    """h = gate · activation(memory)."""

    h: str
    gate: str
    activated: str


@dataclass(frozen=True)
class Step:
    """kind: "lstm", "gru" or "rnn". gates: gates and states by name."""

    kind: str
    gates: Mapping[str, Factor]
    exposure: Exposure | None = None

    @property
    def h(self) -> str:
        return self.gates["h"].tensor

    @property
    def c(self) -> str:
        return self.gates["c"].tensor if "c" in self.gates else ""


class StepReader:
    """Reads the steps of one graph."""

    def __init__(self, flow: Dataflow) -> None:
        self._flow = flow
        self._expanders = Expander(flow, strictly=True), Expander(flow, strictly=False)
        self._exposures: dict[str, Exposure | None] = {}

    def updates(self, tensor: str) -> list[Update]:
        """How a tensor may be an update: keep and write are gates; the candidate is none where there is a choice."""
        for expander in self._expanders:
            polynomial = expander.of(tensor)
            found = [update for update in updates_of(polynomial or {}) if self._has_gates(update)]
            if found:
                return list(self._settled(found))
        return []

    def first(self, tensor: str, like: Update) -> Update | None:
        """How the first state of a chain was made, whose later steps are `like`; from nothing, a constant, or what was
        there before the first token."""
        for expander in self._expanders:
            polynomial = expander.of(tensor)
            if polynomial is None:
                continue
            for update in (*updates_of(polynomial), *first_updates(polynomial, like.one_gate)):
                if self._has_gates(update) and self._is_like(update, like):
                    return update
        return None

    def step(self, tensor: str, update: Update, *, lstm: bool) -> Step:
        """The gates of an update by their names; `tensor` is the new memory or state."""
        gates: dict[str, Factor] = {}
        if not lstm:
            reset = self._reset(update.candidate)
            if update.keep is not None:
                gates["z"] = update.keep
            if reset is not None:
                gates["r"] = Factor(reset)
            return Step("gru", gates | {"n": Factor(update.candidate), "h": Factor(tensor)})
        exposure = self.exposure(tensor)
        if update.keep is not None:
            gates["f"] = update.keep
        write = update.write or (update.keep and Factor(update.keep.tensor, not update.keep.complement))
        if write is not None:
            gates["i"] = write
        gates |= {"g": Factor(update.candidate), "c": Factor(tensor)}
        if exposure is not None:
            gates |= {"o": Factor(exposure.gate), "h": Factor(exposure.h)}
        return Step("lstm", gates, exposure)

    def exposure(self, memory: str) -> Exposure | None:
        """How a memory is shown: the first product of it, activated, with a gate that does not come after it."""
        if memory not in self._exposures:
            self._exposures[memory] = self._exposure(memory)
        return self._exposures[memory]

    def _exposure(self, memory: str) -> Exposure | None:
        flow = self._flow
        carried = {memory}
        waiting = list(flow.graph.consumers(memory))
        while waiting:
            waiting.sort(key=lambda node: -node.index)
            node = waiting.pop()
            if set(node.outputs) & carried:
                continue
            others = [name for name in node.inputs if name and name not in carried and flow.is_data(name)]
            if node.op == "Mul" and len(others) == 1:
                own = next(name for name in node.inputs if name in carried)
                behind = activation_behind(flow, others[0])
                if behind is not None and behind.is_gate and not flow.reaches_through_weight(memory, others[0]):
                    return Exposure(node.outputs[0], others[0], own)
                continue
            if not others and (node.op in _ON_THE_WAY or activation(flow, node) is not None):
                carried.update(filter(None, node.outputs))
                waiting += [user for name in node.outputs if name for user in flow.graph.consumers(name)]
        return None

    def _has_gates(self, update: Update) -> bool:
        for factor in (update.keep, update.write):
            behind = activation_behind(self._flow, factor.tensor) if factor else None
            if factor is not None and (behind is None or not behind.is_gate):
                return False
        return self._flow.is_data(update.candidate)

    def _settled(self, updates: list[Update]) -> Iterator[Update]:
        """Of two updates with gate and candidate exchanged, that whose candidate is no gate."""
        plain = [update for update in updates if not self._is_gate(update.candidate)]
        keys = {(update.state, update.keep) for update in plain if update.write is not None}
        for update in updates:
            exchanged = update.write is not None and update not in plain and (update.state, update.keep) in keys
            twice = update.write is not None and any(
                other.state == update.state and other.keep == update.keep for other in updates[: updates.index(update)]
            )
            if not exchanged and not (twice and update not in plain):
                yield update

    def _is_like(self, update: Update, like: Update) -> bool:
        """Are the candidates and gates made by the same activations, and is the state none of them?"""
        pairs = [(update.candidate, like.candidate)]
        pairs += [
            (one.tensor, other.tensor)
            for one, other in ((update.keep, like.keep), (update.write, like.write))
            if one is not None and other is not None
        ]
        if any(one.complement != other.complement
               for one, other in ((update.keep, like.keep), (update.write, like.write)) if one and other):  # fmt: skip
            return False
        return all(self._activation(one) == self._activation(other) for one, other in pairs)

    def _activation(self, tensor: str) -> str | None:
        behind = activation_behind(self._flow, tensor)
        return behind.node.op if behind is not None else None

    def _is_gate(self, tensor: str) -> bool:
        behind = activation_behind(self._flow, tensor)
        return behind is not None and behind.is_gate

    def _reset(self, candidate: str) -> str | None:
        """The gate that is multiplied with the old state, or what a matrix made of it, on the way to a candidate."""
        flow = self._flow
        behind = activation_behind(flow, candidate)
        waiting, seen = [behind.total] if behind is not None else [], set[str]()
        while waiting:
            tensor = before_same_values(flow, waiting.pop(0))
            node = flow.graph.producer(tensor)
            if node is None or tensor in seen or not flow.is_data(tensor):
                continue
            seen.add(tensor)
            data = [name for name in node.inputs if name and flow.is_data(name)]
            gates = [name for name in data if self._is_gate(name)] if node.op == "Mul" else []
            if gates:  # the other may be no data: what a matrix makes of a first state of zeros
                return gates[0]
            if node.op in _LINEAR or (node.op in ("Mul", "Div") and len(data) == 1):
                waiting += data
        return None


def linear_inputs(flow: Dataflow, node: Node) -> list[str]:
    """The data that a linear operator (weights and constants beside one piece of data, or a sum) is made of; empty for
    another operator."""
    data = [name for name in node.inputs if name and flow.is_data(name)]
    if node.op in _LINEAR and not (node.op in ("MatMul", "Gemm") and len(data) > 1):
        return data
    return data if node.op in ("Mul", "Div") and len(data) == 1 else []
