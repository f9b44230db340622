"""The weights of recurrent cells that are written out in plain operators, read off one step by trying it.

Exporters pack gates and matrices in every order, fold constants and multiply before the loop or in it. Whatever they
do, the sums that go into the activations are linear in the step's input and state, and that can be tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.anatomy.cells.written_cell import WrittenActivation
from embstudio.base.errors import UnsupportedModelError
from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.cells import ORDER
from embstudio.modelfile.graph import Graph
from embstudio.session.one_step import OneStep, Open
from embstudio.session.stop import Stop

_Rows = dict[str, np.ndarray]  # by gate
# Whose activations are one: of all gates, of the candidate, of the memory when it is shown.
_GROUPS = {"lstm": (("i", "f", "o"), ("g",), ("c",)), "gru": (("z", "r"), ("n",)), "rnn": (("a",),)}
_LOOKS_AT = {"i": "before", "f": "before", "o": "after"}  # which memory a peephole of an LSTM's gate is for
_TOLERANCE = 1e-4  # relative to the largest sum: beyond it a step is not linear


def written_weights(
    model: onnx.ModelProto, graph: Graph, layer: RecurrentLayer, open_session: Open, stop: Stop
) -> dict[str, CellWeights]:
    """The cell of the layer's one direction, {"forward": …}, in single precision.

    graph: of `model`. open_session: opens a part of the model, whose data files are the model's.
    Raises UnsupportedModelError if the step is no plain cell (normalised sums, other activations), or Cancelled.
    """
    try:
        found = _Weights(layer, OneStep(model, graph, layer, open_session, stop)).all()
    except ValueError as error:
        raise UnsupportedModelError(
            f"The weights of {layer.kind} layer {layer.layer} cannot be told: {error}.",
            where=f"{layer.kind}.{layer.layer}.{layer.directions[0]}",
            advice="Its gates and states can still be shown.",
        ) from error
    return {layer.directions[0]: found}


class _Weights:
    """Reads the weights of one cell. Raises ValueError, with the end of a sentence, where they cannot be told."""

    def __init__(self, layer: RecurrentLayer, step: OneStep) -> None:
        self._layer, self._step = layer, step
        self._order = ORDER[layer.kind]
        self._memories: dict[str, _Rows] = {}  # what sums take of the memory before and after the step
        self._own = {each.gate: each for each in step.tensors.activations}
        shown = {gate.name for gate in layer.cell.gates} if layer.cell is not None else set[str]()
        if not {*self._order} <= set(self._own) & shown:
            raise ValueError("not every gate of it was found")

    def all(self) -> CellWeights:
        """Everything, stacked as `cells.ORDER` says."""
        layer, functions = self._layer, _functions(self._layer.kind, self._own)
        rb = {name: np.zeros(layer.units) for name in self._order}
        after, peepholes = False, None
        if layer.kind == "gru":
            W, R, b = self._linear(("z", "r"))
            after = self._candidate(W, R, b, rb)
        else:
            W, R, b = self._linear(self._order)
        if layer.kind == "lstm":
            peepholes = self._peepholes()
        signs = {name: _sign(self._own[name], functions[0]) for name in self._order}
        W_, R_, b_, rb_ = (
            np.concatenate([signs[name] * rows[name] for name in self._order]) for rows in (W, R, b, rb)
        )  # fmt: skip
        outside = self._step.before_the_loop()
        if outside is not None:  # W (A x + a) + b
            A, a = outside
            W_, b_ = W_ @ A, b_ + W_ @ a
        return CellWeights(
            layer.kind, W_.astype(np.float32), R_.astype(np.float32), np.concatenate([b_, rb_]).astype(np.float32),
            functions, peepholes, linear_before_reset=after,
        )  # fmt: skip

    def _linear(self, names: Sequence[str]) -> tuple[_Rows, _Rows, _Rows]:
        """W [unit, input], R [unit, unit] and b [unit] of sums that are linear in the input, the state and, of an LSTM,
        the memory."""
        tensors = self._step.tensors
        inputs = [name for name in (tensors.x, tensors.h, tensors.c, tensors.c_new) if name]
        probe = self._step.probe([self._own[name] for name in names], inputs)
        matrices = {name: probe.matrices(name) for name in inputs}
        b = {name: probe.at({})[self._own[name].tensor][0] for name in names}
        random = np.random.default_rng(0)
        given = {name: random.normal(size=probe.size(name)) for name in inputs}
        found = probe.at(given)
        for name in names:
            tensor = self._own[name].tensor
            told = b[name] + sum(matrices[each][tensor] @ given[each] for each in inputs)
            if not _near(found[tensor][0], told):
                raise ValueError("its sums are not linear in what it reads")
        self._memories = {
            when: {name: matrices[each][self._own[name].tensor] for name in names}
            for when, each in (("before", tensors.c), ("after", tensors.c_new)) if each
        }  # fmt: skip
        W, R = ({name: matrices[each][self._own[name].tensor] for name in names} for each in (tensors.x, tensors.h))
        return W, R, b

    def _peepholes(self) -> np.ndarray | None:
        """[3·unit] for i, o, f; None where no gate looks at the memory."""
        rows = {name: np.zeros(self._layer.units) for name in _LOOKS_AT}
        for when, seen in self._memories.items():
            for name, matrix in seen.items():
                if _LOOKS_AT.get(name) == when:
                    rows[name] = np.diag(matrix) * _sign(self._own[name], None)
                    matrix = matrix - np.diag(np.diag(matrix))
                if np.abs(matrix).max(initial=0.0) > _TOLERANCE:
                    raise ValueError("its gates look at the memory in a way that peepholes do not")
        stacked = np.concatenate([rows["i"], rows["o"], rows["f"]])
        return stacked.astype(np.float32) if np.abs(stacked).max() > _TOLERANCE else None

    def _candidate(self, W: _Rows, R: _Rows, b: _Rows, rb: _Rows) -> bool:
        """Fills in the rows of a GRU's candidate; returns whether the reset gate comes after the matrix."""
        tensors, n, r = self._step.tensors, self._own["n"], self._own["r"].tensor
        if self._own["r"].complement:
            raise ValueError("its reset gate is 1 − what the state is multiplied with")
        probe = self._step.probe([n], [tensors.x, tensors.h, r])
        open_gate = {r: np.ones(self._layer.units)}
        W["n"] = probe.matrices(tensors.x)[n.tensor]
        b["n"] = probe.at({})[n.tensor][0]
        rb["n"] = probe.at(open_gate)[n.tensor][0] - b["n"]
        R["n"] = probe.matrices(tensors.h, open_gate)[n.tensor]
        random = np.random.default_rng(0)
        x, h = random.normal(size=probe.size(tensors.x)), random.normal(size=self._layer.units)
        half = random.uniform(size=self._layer.units)
        found = probe.at({tensors.x: x, tensors.h: h, r: half})[n.tensor][0]
        if _near(found, W["n"] @ x + b["n"] + half * (R["n"] @ h + rb["n"])):
            return True
        if _near(found, W["n"] @ x + b["n"] + R["n"] @ (half * h) + rb["n"]):
            return False
        raise ValueError("its candidate is not made of the gated state in a known way")


def _near(found: np.ndarray, told: np.ndarray) -> bool:
    return bool(np.abs(found - told).max() <= _TOLERANCE * max(1.0, float(np.abs(told).max())))


def _sign(gate: WrittenActivation, function: Activation | None) -> int:
    """−1 for a gate that is 1 − σ(sum), which is σ(−sum)."""
    if gate.complement and function is not None and function.name != "Sigmoid" and function.beta != 0.5:
        raise ValueError("a gate is the complement of an activation that is not symmetric")
    return -1 if gate.complement else 1


def _functions(kind: str, own: Mapping[str, WrittenActivation]) -> tuple[Activation, ...]:
    """In the order of `CellWeights`."""
    found = []
    for group in _GROUPS[kind]:
        of = {(own[name].name, own[name].alpha, own[name].beta) for name in group if name in own}
        if group == ("c",) and not of:
            of = {("Affine", 1.0, 0.0)}  # the memory is shown as it is
        if len(of) != 1:
            raise ValueError("its gates have different activations")
        name, alpha, beta = of.pop()
        if not name:
            raise ValueError("it uses an activation that is not among ONNX's, or normalises its memory")
        found.append(Activation.named(name, alpha, beta))
    return tuple(found)
