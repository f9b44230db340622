"""Models asked to run where they cannot, with the onnxruntime that is installed: for real, and said aloud."""

from __future__ import annotations

import os

import numpy as np
import onnxruntime
import pytest
from onnx import helper

from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.base.paths import models_dir
from embstudio.session.execution.devices import installed_devices
from embstudio.session.execution.said import listening
from embstudio.session.execution.way import CPU
from embstudio.session.messages import Embedded, EmbedRequest, ModelRef, TraceRequest
from embstudio.session.models import Models
from embstudio.session.runner import Runner
from embstudio.session.stop import Stop
from tests.session.execution.conftest import Made

MODEL = models_dir() / "sentiment-lstm" / "model.onnx"


def absent() -> str:
    """A provider that onnxruntime knows by name and this installation has not."""
    there = onnxruntime.get_available_providers()
    return next(name for name in onnxruntime.get_all_providers() if name not in there)


def test_a_provider_that_is_not_there_leaves_the_cpu_and_says_so() -> None:
    opened = Runner.open(ModelRef(MODEL, provider=absent())).opened
    assert (opened.provider, opened.fallback is not None) == (CPU, True)
    assert opened.fallback is not None
    assert (opened.fallback.wanted, opened.fallback.ran) == (absent(), CPU)
    assert opened.notes[0] == str(opened.fallback)
    assert opened.placement is not None
    assert opened.placement.of(CPU) == opened.placement.total


def test_nothing_is_said_where_it_runs_as_it_was_asked_to() -> None:
    for way in ("cpu", "cpu-unoptimised"):
        opened = Runner.open(ModelRef(MODEL, provider=way)).opened
        assert (opened.provider, opened.fallback, opened.notes) == (CPU, None, ())


@pytest.mark.skipif(
    "AzureExecutionProvider" not in onnxruntime.get_available_providers(), reason="this onnxruntime has no such one"
)
def test_one_that_is_there_and_takes_no_part_in_the_model() -> None:
    opened = Runner.open(ModelRef(MODEL, provider="azure")).opened
    assert opened.fallback is not None
    assert "none of this model's operations" in opened.fallback.reason
    assert opened.provider == CPU


def test_what_nobody_has_heard_of_is_refused() -> None:
    with pytest.raises(UnsupportedModelError, match="not installed"):
        Runner.open(ModelRef(MODEL, provider="teapot"))
    with pytest.raises(InputError, match="no way to run"):
        Runner.open(ModelRef(MODEL, provider="cuda:"))


def test_vectors_of_texts_say_it_too() -> None:
    model = ModelRef(models_dir() / "sentences" / "model.onnx", provider=absent())
    made = Models().answer(EmbedRequest(model, ("A dog.",)), Stop())
    assert isinstance(made, Embedded)
    assert any("was asked for, and the model runs on CPU" in note for note in made.notes)


def test_unoptimised_leaves_the_graph_as_it_is_and_the_answer_the_same() -> None:
    model = models_dir() / "sentiment-transformer" / "model.onnx"
    plain, raw = (Runner.open(ModelRef(model, provider=way)) for way in ("cpu", "cpu-unoptimised"))
    assert plain.opened.placement is not None
    assert raw.opened.placement is not None
    assert raw.opened.placement.total > plain.opened.placement.total
    a, b = (runner.trace(TraceRequest(runner.opened.model, text="Not bad at all")) for runner in (plain, raw))
    assert abs(a["logits"].values - b["logits"].values).max() < 1e-5


def test_devices_are_those_of_onnxruntime_and_the_processor_has_a_name() -> None:
    devices = installed_devices()
    assert [device.provider for device in devices] == onnxruntime.get_available_providers()
    assert next(device.runs_on for device in devices if device.provider == CPU)


def test_what_is_said_to_nobody_is_heard(model: Made, capfd: pytest.CaptureFixture[str]) -> None:
    """onnxruntime warns, in its own log, of a weight that nothing uses; libraries below it write where they like."""
    path = model([helper.make_node("Identity", ["x"], ["y"])], {"nobody_uses_me": np.zeros(3, np.float32)})
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 2
    with listening(severity=2) as said:
        onnxruntime.InferenceSession(path, options, providers=[CPU])
        os.write(2, b"a library below speaks\n")
    assert any("nobody_uses_me" in line for line in said)
    assert "a library below speaks" in said
    assert capfd.readouterr().err == ""
    os.write(2, b"heard again\n")
    assert capfd.readouterr().err == "heard again\n"
