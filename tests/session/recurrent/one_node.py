"""Graphs of one recurrent node with random weights, and what its gates and outputs are in float64."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.formulas import cell_run
from embstudio.formulas.activations import Activation
from embstudio.formulas.cell_weights import CellWeights
from embstudio.session.promote import copy_with_outputs
from embstudio.session.recurrent_scan import ScanCopy

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
DIRECTIONS = {"forward": ("forward",), "reverse": ("reverse",), "bidirectional": ("forward", "reverse")}
DEFAULTS = {"lstm": ("Sigmoid", "Tanh", "Tanh"), "gru": ("Sigmoid", "Tanh"), "rnn": ("Tanh",)}
LENGTH, BATCH, INPUT, UNITS = 6, 3, 5, 4


@dataclass(frozen=True)
class OneNode:
    """One form of a node. extras: of "B", "lengths", "states", "P". activations: (name, α, β) of one direction."""

    kind: str
    direction: str = "forward"
    opset: int = 17
    extras: frozenset[str] = frozenset("B")
    layout: int = 0
    clip: float | None = None
    activations: tuple[tuple[str, float | None, float | None], ...] = ()
    flags: Mapping[str, int] = field(default_factory=dict)
    dtype: type = np.float32
    weights_as_inputs: bool = False

    @property
    def directions(self) -> tuple[str, ...]:
        return DIRECTIONS[self.direction]

    @property
    def layer(self) -> RecurrentLayer:
        return RecurrentLayer(self.kind, 0, self.directions, UNITS, INPUT, (), 0)

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything the node reads, tokens first."""
        rng, D, rows = np.random.default_rng(13), len(self.directions), GATES[self.kind] * UNITS
        shapes = {
            "X": (LENGTH, BATCH, INPUT), "W": (D, rows, INPUT), "R": (D, rows, UNITS), "B": (D, 2 * rows),
            "h0": (D, BATCH, UNITS), "c0": (D, BATCH, UNITS), "P": (D, 3 * UNITS),
        }  # fmt: skip
        found = {name: rng.normal(size=shape).astype(self.dtype) for name, shape in shapes.items()}
        found["lengths"] = np.array([LENGTH, 2, 4], np.int32)
        keep = {"X", "W", "R", *(self.extras & {"B", "lengths"})}
        keep |= {"h0"} if "states" in self.extras else set()
        keep |= {"c0"} if "states" in self.extras and self.kind == "lstm" else set()
        keep |= {"P"} if "P" in self.extras and self.kind == "lstm" else set()
        return {name: value for name, value in found.items() if name in keep}

    def model(self) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
        """The graph, and what to feed it."""
        arrays = self.arrays()
        if self.layout:
            turned = {name: arrays[name].swapaxes(0, 1) for name in ("X", "h0", "c0") if name in arrays}
            arrays |= {name: np.ascontiguousarray(value) for name, value in turned.items()}
        names = ["X", "W", "R", "B", "lengths", "h0", *(["c0", "P"] if self.kind == "lstm" else [])]
        names = [name if name in arrays else "" for name in names]
        while not names[-1]:
            names.pop()
        attributes: dict[str, object] = dict(self.flags)
        if self.layout:
            attributes["layout"] = 1
        if self.clip is not None:
            attributes["clip"] = self.clip
        if self.activations:
            each = self.activations * len(self.directions)
            attributes["activations"] = [name for name, _, _ in each]
            for at, name in ((1, "activation_alpha"), (2, "activation_beta")):
                numbers = [one[at] for one in each if one[at] is not None]
                attributes |= {name: numbers} if numbers else {}
        outputs = ["Y", "Y_h", *(["Y_c"] if self.kind == "lstm" else [])]
        node = helper.make_node(
            self.kind.upper(), names, outputs, hidden_size=UNITS, direction=self.direction, **attributes
        )
        weights = set() if self.weights_as_inputs else {"W", "R", "B", "P"} & arrays.keys()
        feeds = {name: value for name, value in arrays.items() if name not in weights}
        graph = helper.make_graph(
            [node],
            "one",
            [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
             for name, value in feeds.items()],
            [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(self.dtype)), None)
             for name in outputs],
            [numpy_helper.from_array(arrays[name], name) for name in sorted(weights)],
        )  # fmt: skip
        opset = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8), feeds

    def cells(self) -> tuple[CellWeights, ...]:
        """The cell of each direction in float64."""
        wide = {name: value.astype(np.float64) for name, value in self.arrays().items()}
        given = self.activations or tuple((name, None, None) for name in DEFAULTS[self.kind])
        return tuple(
            CellWeights(
                self.kind,
                wide["W"][at],
                wide["R"][at],
                wide["B"][at] if "B" in wide else np.zeros(2 * GATES[self.kind] * UNITS),
                tuple(Activation.named(*one) for one in given),
                wide["P"][at] if "P" in wide else None,
                self.clip,
                bool(self.flags.get("linear_before_reset")),
                bool(self.flags.get("input_forget")),
            )
            for at in range(len(self.directions))
        )

    def gates(self) -> dict[str, dict[str, np.ndarray]]:
        """{direction: {gate: [pos, batch, unit]}} in float64."""
        wide = {name: value.astype(np.float64) for name, value in self.arrays().items()}
        return {
            direction: cell_run.run(
                cell,
                wide["X"],
                wide["h0"][at] if "h0" in wide else None,
                wide["c0"][at] if "c0" in wide else None,
                reverse=direction == "reverse",
                lengths=wide.get("lengths"),
            )
            for at, (direction, cell) in enumerate(zip(self.directions, self.cells(), strict=True))
        }

    def outputs(self) -> dict[str, np.ndarray]:
        """Y, Y_h and of an LSTM Y_c, in the node's layout."""
        lengths = self.arrays().get("lengths", np.full(BATCH, LENGTH))
        found = self.gates()
        made = {"Y": np.stack([each["h"] for each in found.values()], axis=1)}
        for name, state in (("Y_h", "h"), ("Y_c", "c")):
            if name != "Y_c" or self.kind == "lstm":
                last = [
                    each[state][0 if way == "reverse" else lengths - 1, np.arange(BATCH)] for way, each in found.items()
                ]
                made[name] = np.stack(last)
        if self.layout:
            made = {name: value.transpose((2, 0, 1, 3) if name == "Y" else (1, 0, 2)) for name, value in made.items()}
        return made


def run(model: bytes, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every output of a model by name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))


def gates_of(copy: ScanCopy, feeds: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """All outputs of a rewritten model: (the graph's own by name, gates and states by point)."""
    tensors = [point.tensor for point in copy.points]
    values = run(copy_with_outputs(copy.model.SerializeToString(), tensors), feeds)
    return values, {point.name: values[point.tensor] for point in copy.points}
