"""Gradients of real models' states: against a nudge of the state, by our float64 cells, and at the edges."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.base.paths import models_dir
from embstudio.formulas import cells
from embstudio.session.messages import GradientRequest, ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.session.stop import Cancelled, Stop

NOTED = "The dog that I adopted from the pound five years ago won the pet competition."
NUDGE = 1e-5


def opened(name: str, data: Path) -> tuple[Runner, TraceRequest]:
    """A model of the tests' data or a bundled one, and an input for it."""
    folder = data / name if (data / name).exists() else models_dir() / name
    model = ModelRef(folder / "model.onnx")
    if folder.parent == data:
        return Runner.open(model), TraceRequest(model, ids=tuple(np.load(folder / "reference.npz")["ids"][0].tolist()))
    return Runner.open(model), TraceRequest(model, text=NOTED)


@pytest.mark.parametrize("name", ["rnn-LSTM-1-ts", "rnn-GRU-1-ts", "rnn-RNNtanh-1-ts", "sentiment-lstm"])
def test_a_nudge_of_an_earlier_state_moves_the_last_as_the_gradient_says(name: str, data: Path) -> None:
    runner, request = opened(name, data)
    trace = runner.trace(request)
    (layer,) = runner.opened.anatomy.recurrent
    cell = runner.cell_weights(layer)["forward"].in_float64()
    prefix, last = f"{layer.kind}.0.forward", len(trace) - 1
    found = runner.gradients(GradientRequest(request.model, request, last))
    (norms,) = (each.norms for each in found.cells if each.state == f"{prefix}.h")
    assert found.notes == ()
    X = trace["embed"].values.astype(np.float64)
    go_on = partial(getattr(cells, layer.kind), W=cell.W, R=cell.R, B=cell.B)
    if layer.kind == "gru":
        go_on = partial(go_on, linear_before_reset=cell.linear_before_reset)
    for at in (0, last // 2, last - 1):
        h = trace[f"{prefix}.h"].values[at].astype(np.float64)
        rest = {"c": trace[f"{prefix}.c"].values[at].astype(np.float64)} if layer.kind == "lstm" else {}
        columns = [
            (go_on(X[at + 1 :], h=h + nudge, **rest)["h"][-1] - go_on(X[at + 1 :], h=h - nudge, **rest)["h"][-1])
            / (2 * NUDGE)
            for nudge in NUDGE * np.eye(cell.units)
        ]
        assert 10 ** norms[at] == pytest.approx(np.linalg.norm(columns), rel=1e-5)
    assert 10 ** norms[last] == pytest.approx(np.sqrt(cell.units))


@pytest.mark.zoo
def test_a_layer_that_reads_backwards_looks_ahead(zoo: Path) -> None:
    model = ModelRef(zoo / "_public" / "nnsplit_en_v1.onnx")
    runner, text = Runner.open(model), "It rained. We went home"
    found = runner.gradients(GradientRequest(model, TraceRequest(model, text=text), 8))
    by_state = {each.state: each for each in found.cells}
    (reverse,) = {name for name in by_state if name.endswith("reverse.h")} - {"lstm.1.reverse.h", "lstm.2.reverse.h"}
    forward = reverse.replace("reverse", "forward")
    assert np.isnan(by_state[reverse].norms[:8]).all()
    assert np.isfinite(by_state[reverse].norms[8:]).all()
    assert np.isnan(by_state[forward].norms[10:]).all()
    assert np.isfinite(by_state[forward].norms[:10]).all()  # two bytes share each step
    np.testing.assert_array_equal(by_state[forward].norms[:10:2], by_state[forward].norms[1:10:2])


@pytest.mark.parametrize("token", [-1, 99])
def test_a_token_that_there_is_not(token: int, data: Path) -> None:
    runner, request = opened("rnn-GRU-1-ts", data)
    with pytest.raises(InputError, match=f"no token {token}"):
        runner.gradients(GradientRequest(request.model, request, token))


def test_looking_back_is_cancelled_with_its_request(data: Path) -> None:
    runner, request = opened("rnn-LSTM-1-ts", data)
    stop = Stop()
    stop.set()
    with pytest.raises(Cancelled):
        runner.gradients(GradientRequest(request.model, request, 1), stop)
