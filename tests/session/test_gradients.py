"""Gradients of real models' states: against a nudge of the state, by our float64 cells, and at the edges."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

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


@pytest.mark.parametrize("name", ["sentiment-lstm", "sentiment-rnn"])
def test_a_nudge_of_a_word_moves_score_and_state_as_the_gradients_say(name: str, data: Path) -> None:
    runner, request = opened(name, data)
    trace = runner.trace(request)
    (layer,) = runner.opened.anatomy.recurrent
    cell = runner.cell_weights(layer)["forward"].in_float64()
    stored = {each.name: numpy_helper.to_array(each) for each in onnx.load(request.model.path).graph.initializer}
    X, token = trace["embed"].values.astype(np.float64), 11

    def state(X: np.ndarray) -> np.ndarray:
        return np.asarray(getattr(cells, layer.kind)(X, cell.W, cell.R, cell.B)["h"][token])

    def nudged(at: int, of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """∂ of / ∂ x_at: [d_model, …]"""
        rows = []
        for place in range(X.shape[1]):
            up, down = X.copy(), X.copy()
            up[at, place] += NUDGE
            down[at, place] -= NUDGE
            rows.append((of(up) - of(down)) / (2 * NUDGE))
        return np.array(rows)

    def score(X: np.ndarray) -> np.ndarray:
        return np.asarray((state(X) @ stored["head_weight"] + stored["head_bias"])[0])

    found = runner.gradients(GradientRequest(request.model, request, token, output=0))
    assert (found.of, found.output, found.notes) == (f"{layer.kind}.0.h", 0, ())
    assert found.score == pytest.approx(score(X), abs=1e-5)
    assert found.saliency is not None
    assert found.times_input is not None
    assert found.reached is not None
    for at in (0, 6, 11):
        by_word = nudged(at, score)
        np.testing.assert_allclose(found.saliency[at], by_word, atol=1e-5 * np.abs(by_word).max())
        assert found.times_input[at] == pytest.approx(by_word @ X[at], rel=1e-4, abs=1e-6)
        assert 10 ** found.reached[at] == pytest.approx(np.linalg.norm(nudged(at, state)), rel=1e-5)
    assert not found.saliency[12:].any()
    assert (found.reached[12:] == -np.inf).all()


def test_without_a_choice_it_is_the_highest_score_that_is_looked_back_from(data: Path) -> None:
    runner, request = opened("next-word", data)
    trace = runner.trace(request)
    found = runner.gradients(GradientRequest(request.model, request, 4))
    assert found.output == trace["logits"].values[4].argmax()
    assert found.score == pytest.approx(trace["logits"].values[4].max(), rel=1e-5)
    last = max(block.layer for block in runner.opened.anatomy.blocks)
    assert found.of == f"blocks.{last}.resid_post"
    assert found.saliency is not None
    assert not found.saliency[5:].any()
    assert found.saliency[:5].any(axis=1).all()


def test_what_cannot_be_had_is_said(data: Path) -> None:
    runner, request = opened("words", data)
    found = runner.gradients(GradientRequest(request.model, request, 2))
    assert found.saliency is None
    assert found.reached is None
    assert any("No scores were found" in note for note in found.notes)


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


@pytest.mark.zoo
def test_of_an_encoder_decoder_it_is_the_encoder_s_words(zoo: Path) -> None:
    model = ModelRef(zoo / "t5-full-ts-sdpa" / "model.onnx")
    runner = Runner.open(model)
    request = TraceRequest(model, ids=(4, 9, 17, 3, 5), second_ids=(0, 8, 12))
    trace = runner.trace(request)
    found = runner.gradients(GradientRequest(model, request, 2))
    assert found.output == trace["logits"].values[-1].argmax()
    assert found.of.startswith("encoder.blocks.")
    assert found.saliency is not None
    assert found.reached is not None
    assert found.saliency.shape[0] == found.reached.shape[0] == 5
    assert found.saliency.any(axis=1).all()
    assert np.isfinite(found.reached).all()
    assert found.notes == ("The score is that after the last token of the decoder.",)
