"""The recurrent models of the zoo: what to feed them, the gates and states PyTorch computed, what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from embstudio.base.errors import StudioError
from embstudio.formulas.cell_run import run
from embstudio.session.messages import Finding, ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import Trace

_LETTERS = "iofgchzrna"
_PUBLIC = ("nnsplit_en_v1", "test_LSTM.tanh.bidirectional")
# onnxruntime does not run it: the file states a projected LSTM, which its operator does not have.
REFUSED = frozenset({"rnn-LSTM-1proj-dyn"})


@dataclass(frozen=True)
class RecurrentCase:
    """One model. gates: of layer 0, forward, by name, [pos, unit] each; empty where PyTorch's are not stored."""

    name: str
    path: Path
    ids: tuple[int, ...] = ()
    gates: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass
class RecurrentOutcome:
    """gates: the largest difference of a gate or state from PyTorch's; formulas: from what the formulas make of the
    weights that were read, in double precision. None where there is nothing to compare.

    layers: as "lstm 0 forward, 16 units". steps: the fixed number of tokens, None for any.
    """

    layers: tuple[str, ...] = ()
    steps: int | None = None
    gates: float | None = None
    formulas: float | None = None
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()
    problem: str = ""

    @property
    def right(self) -> bool:
        """Layers found, every stored gate within 1e-5, the laws hold, and the formulas agree where they are told."""
        near = all(value is None or value <= 1e-5 for value in (self.gates, self.formulas))
        laws = bool(self.findings) and all(finding.holds for finding in self.findings)
        return bool(self.layers) and near and laws and not self.missing and not self.problem


def recurrent_cases(zoo: Path) -> Iterator[RecurrentCase]:
    """Every recurrent model of the zoo."""
    if not zoo.is_dir():
        return
    for folder in sorted(zoo.glob("rnn-*")):
        ids, gates = tuple(range(1, 10)), dict[str, np.ndarray]()
        if (folder / "reference.npz").is_file():
            with np.load(folder / "reference.npz", allow_pickle=False) as stored:
                ids = tuple(int(number) for number in stored["ids"][0])
                gates = {name: stored[name][0] for name in stored.files if name in _LETTERS}
        yield RecurrentCase(folder.name, folder / "model.onnx", ids, gates)
    keras = zoo / "_deployed" / "keras-tf2onnx-lstm"
    with np.load(keras / "reference.npz", allow_pickle=False) as stored:
        ids = tuple(int(number) for number in stored["0.in.ids"][0])
        yield RecurrentCase(keras.name, keras / "model.onnx", ids, {"h": stored["0.hid.rnn.0"]})
    for name in _PUBLIC:
        yield RecurrentCase(name, zoo / "_public" / f"{name}.onnx")


def examine_recurrent(case: RecurrentCase) -> RecurrentOutcome:
    """Open a model, run its reference, and compare."""
    outcome = RecurrentOutcome()
    try:
        ref = ModelRef(case.path)
        runner = Runner.open(ref)
        layers = runner.opened.anatomy.recurrent
        outcome.layers = tuple(f"{e.kind} {e.layer} {' and '.join(e.directions)}, {e.units} units" for e in layers)
        outcome.steps = next((e.cell.steps for e in layers if e.cell is not None), None)
        outcome.findings = runner.opened.findings
        if case.ids:
            _compare(outcome, case, runner, runner.trace(TraceRequest(ref, ids=case.ids)))
    except StudioError as error:
        outcome.problem = error.what
    return outcome


def _compare(outcome: RecurrentOutcome, case: RecurrentCase, runner: Runner, trace: Trace) -> None:
    layer = runner.opened.anatomy.recurrent[0]
    prefix = f"{layer.kind}.0.forward"
    outcome.missing = tuple(name for name in case.gates if f"{prefix}.{name}" not in trace)
    outcome.gates = _worst(trace, prefix, case.gates)
    cell = runner.cell_weights(layer)["forward"]
    outcome.formulas = _worst(trace, prefix, run(cell, trace["embed"].values.astype(np.float64)))


def _worst(trace: Trace, prefix: str, expected: Mapping[str, np.ndarray]) -> float | None:
    values = {name: trace[f"{prefix}.{name}"].values for name in expected if f"{prefix}.{name}" in trace}
    return max((float(np.abs(value - expected[name]).max()) for name, value in values.items()), default=None)
