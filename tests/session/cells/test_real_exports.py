"""Real exports without recurrent operators, against the gates and states that PyTorch and Keras computed.

`cells-LSTMCell-unrolled`: torch.nn.LSTMCell in a Python loop over 9 tokens, traced to TorchScript. `cells-LSTM-loop-
backwards`: a scripted loop from the last token to the first, x W taken before it, the states turned round behind it.
`cells-GRU-keras-loop`: keras.layers.GRU(reset_after=False) through tf2onnx, a Loop.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.formulas.cell_run import run
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner

MODELS = {
    "cells-LSTMCell-unrolled": ("", 9, "lstm.0.forward", 4 * 16 * (12 + 16 + 2)),
    "cells-LSTM-loop-backwards": ("Loop", None, "lstm.0.reverse", 4 * 16 * (12 + 16 + 2)),
    "cells-GRU-keras-loop": ("Loop", None, "gru.0.forward", 3 * 16 * (12 + 16 + 1)),
}


@pytest.mark.parametrize("name", MODELS)
def test_gates_states_and_weights(name: str, data: Path) -> None:
    operator, steps, prefix, weights = MODELS[name]
    with np.load(data / name / "reference.npz", allow_pickle=False) as stored:
        reference = {key: stored[key] for key in stored.files}
    ref = ModelRef(data / name / "model.onnx")
    runner = Runner.open(ref)
    (layer,) = runner.opened.anatomy.recurrent
    assert layer.cell is not None
    assert (layer.cell.operator, layer.cell.steps) == (operator, steps)
    assert f"{layer.kind}.{layer.layer}.{layer.directions[0]}" == prefix
    assert (layer.units, layer.input_width) == (16, 12)
    assert runner.opened.anatomy.parameters["recurrent"] == weights
    ids = tuple(int(number) for number in reference.pop("ids"))
    trace = runner.trace(TraceRequest(ref, ids=ids))
    for point, value in reference.items():
        np.testing.assert_allclose(trace[point].values, value, atol=1e-5, err_msg=point)
    (cell,) = runner.cell_weights(layer).values()
    computed = run(cell, trace["embed"].values.astype(np.float64), reverse=prefix.endswith("reverse"))
    for gate, value in computed.items():
        np.testing.assert_allclose(trace[f"{prefix}.{gate}"].values, value, atol=1e-5, err_msg=gate)
    assert runner.opened.findings
    assert all(finding.holds for finding in runner.opened.findings)
