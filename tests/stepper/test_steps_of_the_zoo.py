"""Stages and shares of real exports: what is worked out again agrees with what onnxruntime gave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.stepper.gate_split import GateSplit
from embstudio.stepper.memory_shares import MemoryShares
from embstudio.stepper.recurrent_flow import flow, recurrent_cells
from embstudio.stepper.step_place import StepSource
from embstudio.stepper.step_stages import step_stages
from embstudio.trace.by_token import by_token

pytestmark = pytest.mark.zoo

IDS = (3, 7, 1, 2, 9, 4)
# What each layer is found to read; () where something the trace does not hold lies between.
MODELS = {
    "rnn-GRU-2-tf-dyn/model.onnx": {"gru.0.forward": ("embed",), "gru.1.forward": ("gru.0.forward.h",)},
    "rnn-LSTM-2-tf-ts/model.onnx": {"lstm.0.forward": ("embed",), "lstm.1.forward": ("lstm.0.forward.h",)},
    "rnn-LSTMCell-1-dyn/model.onnx": {"lstm.0.forward": ("embed",)},
    "rnn-RNNtanh-1-dyn/model.onnx": {"rnn.0.forward": ("embed",)},
    "_public/nnsplit_en_v1.onnx": {
        f"lstm.{layer}.{way}": (f"lstm.{layer - 1}.forward.h", f"lstm.{layer - 1}.reverse.h") if layer else ()
        for layer in range(3)
        for way in ("forward", "reverse")
    },
}


@pytest.mark.parametrize("name", MODELS)
def test_every_stage_agrees_and_rows_add_up(zoo: Path, name: str) -> None:
    model = ModelRef(zoo / name)
    runner = Runner.open(model)
    text = "I like it. You too?" if runner.opened.tokenizer else None
    trace = by_token(runner.trace(TraceRequest(model, text=text, ids=None if text else IDS)))
    weights = runner.cells().cells
    found = {}
    for cell in recurrent_cells(trace):
        split = GateSplit(trace, cell, weights[cell.prefix])
        found[cell.prefix] = split.source
        source = StepSource(trace, cell, flow(trace, cell), split)
        length = trace[cell.point("h")].shape[0]
        gates = {"lstm": 3, "gru": 3, "rnn": 1}[cell.kind]  # beside the sums that need no weights
        for token in range(length):
            checks = [stage.of_all() for stage in step_stages(source, token).stages]
            assert all(check is None or check.agrees for check in checks)
            assert sum(check is not None for check in checks) == len(checks) - (0 if split.source else gates)
        shares = MemoryShares.of(trace, cell)
        if shares is None:
            assert cell.kind == "rnn"
            continue
        state = trace[cell.point(cell.state)].values
        for token in range(length):
            total = np.nansum(shares.composition(token), axis=0) + shares.due_to_start(token)
            np.testing.assert_allclose(total, state[token], atol=1e-5)
    assert found == MODELS[name]
