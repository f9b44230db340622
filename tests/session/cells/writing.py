"""Recurrent cells written out in plain operators in the ways of different exporters and hands, with random weights.

What they compute is worked out by `formulas.cell_run` in double precision from the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_run import run
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.cells import ORDER

ROWS, WIDTH, UNITS, STEPS = 11, 3, 4, 5
IDS = (7, 2, 9, 2, 5)


class Writer:
    """Nodes and weights of one graph; every tensor gets a number for a name."""

    def __init__(self, prefix: str = "t") -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, np.ndarray] = {}
        self._prefix, self._count = prefix, 0

    def add(self, op: str, *inputs: str, count: int = 0, **attributes: object) -> str:
        """One node; with `count` only the first of its outputs is returned, use `many`."""
        return self.many(op, inputs, 1, attributes)[0]

    def many(self, op: str, inputs: Sequence[str], count: int, attributes: dict[str, object]) -> list[str]:
        names = [self.fresh() for _ in range(count)]
        self.nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names

    def fresh(self) -> str:
        self._count += 1
        return f"{self._prefix}{self._count}"

    def weight(self, value: np.ndarray | int | list[int]) -> str:
        name = self.fresh()
        array = np.asarray(value)
        self.weights[name] = array.astype(np.int64 if array.dtype.kind == "i" else np.float32)
        return name

    def pieces(self, tensor: str, count: int) -> list[str]:
        return self.many("Split", [tensor, self.weight([UNITS] * count)], count, {"axis": -1})


Step = Callable[[Writer, str, str, str], tuple[str, str]]  # x, h, c before → h, c after
Form = Callable[[Writer, CellWeights], Step]


def random_cell(
    kind: str, seed: int, *, width: int = WIDTH, functions: Sequence[str] = (), **settings: object
) -> CellWeights:
    random = np.random.default_rng(seed)
    rows = len(ORDER[kind]) * UNITS
    names = functions or {"lstm": ("Sigmoid", "Tanh", "Tanh"), "gru": ("Sigmoid", "Tanh"), "rnn": ("Tanh",)}[kind]
    W, R, B = (random.normal(size=size) for size in ((rows, width), (rows, UNITS), (2 * rows,)))
    return CellWeights(kind, W, R / 2, B / 2, tuple(map(Activation.named, names)), **settings)


def of_gate(cell: CellWeights, gate: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W, R and both biases of one gate."""
    at = ORDER[cell.kind].index(gate)
    rows = slice(at * UNITS, (at + 1) * UNITS)
    b, rb = np.split(cell.B, 2)
    return cell.W[rows], cell.R[rows], np.stack([b[rows], rb[rows]])


# Ways to the sums of the gates ----------------------------------------------------------------------------------


def gates_by_gemm(order: str) -> Callable[[Writer, CellWeights], Callable[[str, str], dict[str, str]]]:
    """Two Gemms with all gates in one matrix, cut apart by Split, as PyTorch's cells come out."""

    def prepare(out: Writer, cell: CellWeights) -> Callable[[str, str], dict[str, str]]:
        W, R, b = (np.concatenate(parts) for parts in zip(*(_flat(cell, gate) for gate in order), strict=True))
        w, r, bias, none = (out.weight(each) for each in (W, R, b, np.zeros_like(b)))

        def sums(x: str, h: str) -> dict[str, str]:
            total = out.add("Add", out.add("Gemm", h, r, none, transB=1), out.add("Gemm", x, w, bias, transB=1))
            return dict(zip(order, out.pieces(total, len(order)), strict=True))

        return sums

    return prepare


def gates_by_concat(order: str) -> Callable[[Writer, CellWeights], Callable[[str, str], dict[str, str]]]:
    """[x, h] in one product, cut apart by Slice."""

    def prepare(out: Writer, cell: CellWeights) -> Callable[[str, str], dict[str, str]]:
        W, R, b = (np.concatenate(parts) for parts in zip(*(_flat(cell, gate) for gate in order), strict=True))
        both, bias = out.weight(np.concatenate([W, R], axis=1).T), out.weight(b)
        ends = [(out.weight([at * UNITS]), out.weight([(at + 1) * UNITS])) for at in range(len(order))]
        axis = out.weight([1])

        def sums(x: str, h: str) -> dict[str, str]:
            total = out.add("Add", out.add("MatMul", out.add("Concat", x, h, axis=1), both), bias)
            return {gate: out.add("Slice", total, *end, axis) for gate, end in zip(order, ends, strict=True)}

        return sums

    return prepare


def gates_one_by_one(order: str) -> Callable[[Writer, CellWeights], Callable[[str, str], dict[str, str]]]:
    """A matrix for each gate, the same numbers stored twice."""

    def prepare(out: Writer, cell: CellWeights) -> Callable[[str, str], dict[str, str]]:
        def sums(x: str, h: str) -> dict[str, str]:
            made = {}
            for gate in order:
                W, R, b = _flat(cell, gate)
                of_x = out.add("MatMul", x, out.weight(W.T))
                of_h = out.add("MatMul", h, out.weight(R.T))
                made[gate] = out.add("Add", out.add("Add", of_x, out.weight(b)), of_h)
            return made

        return sums

    return prepare


def _flat(cell: CellWeights, gate: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    W, R, b = of_gate(cell, gate)
    return W, R, b.sum(0)


# Cells ----------------------------------------------------------------------------------------------------------


def lstm(prepare: Callable[[Writer, CellWeights], Callable[[str, str], dict[str, str]]]) -> Form:
    def form(out: Writer, cell: CellWeights) -> Step:
        sums = prepare(out, cell)
        peepholes = [out.weight(part) for part in np.split(cell.peepholes, 3)] if cell.peepholes is not None else []

        def step(x: str, h: str, c: str) -> tuple[str, str]:
            total = sums(x, h)
            if peepholes:
                total["i"] = out.add("Add", total["i"], out.add("Mul", peepholes[0], c))
                total["f"] = out.add("Add", total["f"], out.add("Mul", peepholes[2], c))
            i, f, g = out.add("Sigmoid", total["i"]), out.add("Sigmoid", total["f"]), out.add("Tanh", total["g"])
            c = out.add("Add", out.add("Mul", g, i), out.add("Mul", f, c))
            if peepholes:
                total["o"] = out.add("Add", total["o"], out.add("Mul", peepholes[1], c))
            return out.add("Mul", out.add("Tanh", c), out.add("Sigmoid", total["o"])), c

        return step

    return form


def gru(update: str, *, sums: Callable[..., Callable[..., Callable]] = gates_by_gemm) -> Form:
    """update: how the new state is written, with u = 1 − z in those that count the other way."""

    def form(out: Writer, cell: CellWeights) -> Step:
        W, R, b = of_gate(cell, "n")
        flipped = update in ("(1-u)h+un", "h+u(n-h)", "h-u(h-n)")
        gates = _flipped(cell) if flipped else cell
        of_gates = sums("zr")(out, gates)
        w, r, one = out.weight(W.T), out.weight(R.T), out.weight(1.0)
        wb, rb = out.weight(b[0]), out.weight(b[1])

        def step(x: str, h: str, c: str) -> tuple[str, str]:
            total = of_gates(x, h)
            z, reset = out.add("Sigmoid", total["z"]), out.add("Sigmoid", total["r"])
            of_x = out.add("Add", out.add("MatMul", x, w), wb)
            if cell.linear_before_reset:
                gated = out.add("Mul", reset, out.add("Add", out.add("MatMul", h, r), rb))
            else:
                gated = out.add("Add", out.add("MatMul", out.add("Mul", h, reset), r), rb)
            n = out.add("Tanh", out.add("Add", of_x, gated))
            match update:
                case "(1-z)n+zh":
                    left = out.add("Mul", out.add("Sub", one, z), n)
                    return out.add("Add", left, out.add("Mul", z, h)), ""
                case "(1-u)h+un":
                    left = out.add("Mul", out.add("Sub", one, z), h)
                    return out.add("Add", left, out.add("Mul", z, n)), ""
                case "n+z(h-n)":
                    return out.add("Add", n, out.add("Mul", z, out.add("Sub", h, n))), ""
                case "h+u(n-h)":
                    return out.add("Add", h, out.add("Mul", out.add("Sub", n, h), z)), ""
            return out.add("Sub", h, out.add("Mul", z, out.add("Sub", h, n))), ""

        return step

    return form


def _flipped(cell: CellWeights) -> CellWeights:
    """The same cell with an update gate that is 1 − its own: σ(−a) = 1 − σ(a)."""
    W, R, B = cell.W.copy(), cell.R.copy(), cell.B.copy()
    rows = len(ORDER[cell.kind]) * UNITS
    for part in (W[:UNITS], R[:UNITS], B[:UNITS], B[rows : rows + UNITS]):
        part *= -1
    return CellWeights(cell.kind, W, R, B, cell.activations, linear_before_reset=cell.linear_before_reset)


def rnn(out: Writer, cell: CellWeights) -> Step:
    W, R, b = _flat(cell, "a")
    w, r, bias = out.weight(W.T), out.weight(R.T), out.weight(b)

    def step(x: str, h: str, c: str) -> tuple[str, str]:
        total = out.add("Add", out.add("Add", out.add("MatMul", x, w), bias), out.add("MatMul", h, r))
        return out.add(cell.activations[0].name, total), ""

    return step


# Ways to go from token to token ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Model:
    """What was written: ids [batch, pos] → y [batch, pos, …]. table: the embedding."""

    proto: onnx.ModelProto
    table: np.ndarray

    def saved(self, folder: Path) -> Path:
        onnx.save(self.proto, folder / "model.onnx")
        return folder / "model.onnx"

    def expected(self, cell: CellWeights, *, reverse: bool = False, ids: Sequence[int] = IDS) -> dict[str, np.ndarray]:
        """Every gate and state [pos, unit] in double precision."""
        return run(cell, self.table[list(ids)].astype(np.float64), reverse=reverse)


def unrolled(form: Form, cell: CellWeights, *, reverse: bool = False, steps: int = STEPS) -> Model:
    """The steps one behind the other, the first from a constant of zeros."""
    out = Writer()
    table, x = looked_up(out)
    step, states = form(out, cell), []
    h = c = out.weight(np.zeros((1, UNITS)))
    for token in range(steps)[:: -1 if reverse else 1]:
        h, c = step(out.add("Gather", x, out.weight(token), axis=1), h, c)
        states.append(h)
    axis = out.weight([1])
    stack = [out.add("Unsqueeze", state, axis) for state in states[:: -1 if reverse else 1]]
    return finished_model(out, out.add("Concat", *stack, axis=1), table)


def looped(form: Form, cell: CellWeights, *, reverse: bool = False) -> Model:
    """A Loop that looks its token up by the number of the step."""
    out, body = Writer(), Writer("b")
    table, x = looked_up(out)
    length = out.add("Gather", out.add("Shape", x), out.weight(1), axis=0)
    place = "number"
    if reverse:
        place = body.add("Sub", body.add("Sub", length, body.weight(1)), "number")
    h, c = form(body, cell)(body.add("Gather", x, place, axis=1), "h", "c")
    after = {"h": h, "c": c} if c else {"h": h}
    left, go_on = body.add("Identity", h), body.add("Identity", "go_on")
    graph = helper.make_graph(
        body.nodes, "body",
        [_info("number", TensorProto.INT64, []), _info("go_on", TensorProto.BOOL, []),
         *(_info(name, TensorProto.FLOAT, [None, UNITS]) for name in after)],
        [_info(go_on, TensorProto.BOOL, []),
         *(_info(name, TensorProto.FLOAT, None) for name in (*after.values(), left))],
        constants(body),
    )  # fmt: skip
    nothing = zeros(out, x)
    made = out.many("Loop", [length, "", *[nothing] * len(after)], len(after) + 1, {"body": graph})
    states = made[-1]
    if reverse:
        states = out.add("Slice", states, out.weight([-1]), out.weight([-(2**62)]), out.weight([0]), out.weight([-1]))
    return finished_model(out, out.add("Transpose", states, perm=[1, 0, 2]), table)


def scanned(form: Form, cell: CellWeights, *, reverse: bool = False) -> Model:
    """A Scan, from the last token to the first if `reverse`, and what it leaves in the order of the text."""
    out, body = Writer(), Writer("b")
    table, x = looked_up(out)
    x = out.add("Transpose", x, perm=[1, 0, 2])
    h, c = form(body, cell)("x", "h", "c")
    after = {"h": h, "c": c} if c else {"h": h}
    left = body.add("Identity", h)
    graph = helper.make_graph(
        body.nodes, "body", [_info(name, TensorProto.FLOAT, None) for name in (*after, "x")],
        [_info(name, TensorProto.FLOAT, None) for name in (*after.values(), left)], constants(body),
    )  # fmt: skip
    nothing = zeros(out, out.add("Transpose", x, perm=[1, 0, 2]))
    back = [int(reverse)]
    attributes = {"body": graph, "num_scan_inputs": 1, "scan_input_directions": back, "scan_output_directions": back}
    made = out.many("Scan", [*[nothing] * len(after), x], len(after) + 1, attributes)
    return finished_model(out, out.add("Transpose", made[-1], perm=[1, 0, 2]), table)


def looked_up(out: Writer) -> tuple[np.ndarray, str]:
    table = np.random.default_rng(5).normal(size=(ROWS, WIDTH)).astype(np.float32)
    out.weights["E"] = table
    return table, out.add("Gather", "E", "ids")


def zeros(out: Writer, x: str) -> str:
    batch = out.add("Slice", out.add("Shape", x), out.weight([0]), out.weight([1]))
    return out.add("ConstantOfShape", out.add("Concat", batch, out.weight([UNITS]), axis=0))


def constants(body: Writer) -> list[onnx.TensorProto]:
    return [numpy_helper.from_array(value, name) for name, value in body.weights.items()]


def _info(name: str, kind: int, shape: list[int | None] | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def finished_model(out: Writer, states: str, table: np.ndarray) -> Model:
    head = out.weight(np.random.default_rng(6).normal(size=(UNITS, 2)))
    out.nodes.append(helper.make_node("MatMul", [states, head], ["y"]))
    graph = helper.make_graph(
        out.nodes, "written out", [_info("ids", TensorProto.INT64, ["batch", "pos"])],
        [_info("y", TensorProto.FLOAT, ["batch", "pos", 2])], constants(out),
    )  # fmt: skip
    return Model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), table)
