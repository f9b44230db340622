"""Whatever else than the CPU the installed onnxruntime offers: it runs models as the CPU does, or says why it cannot.

Skipped with onnxruntime's ordinary package, which has the CPU alone. `try_wheel.py` runs them with others.
"""

from __future__ import annotations

import json

import onnxruntime
import pytest

from embstudio.base.paths import models_dir
from embstudio.session.execution.compare import compare
from embstudio.session.execution.parity import ParityRequest
from embstudio.session.execution.way import CPU, Way
from embstudio.session.messages import ModelRef, Traced, TraceRequest
from embstudio.session.models import Models
from embstudio.session.runner import Runner
from embstudio.session.stop import Stop
from tests.cli.conftest import Command
from tests.cli.conftest import embstudio as embstudio

OTHERS = [name for name in onnxruntime.get_available_providers() if name not in (CPU, "AzureExecutionProvider")]
TEXT = "The dog that I adopted was cute"
MODELS = ("sentiment-transformer", "sentiment-lstm", "sentiment-gru", "sentiment-rnn", "sentences", "masked-word")

pytestmark = pytest.mark.skipif(not OTHERS, reason="the onnxruntime that is installed offers the CPU alone")


def reference(name: str, provider: str) -> ModelRef:
    return ModelRef(models_dir() / name / "model.onnx", provider=provider)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("provider", OTHERS)
def test_it_runs_as_the_cpu_does_or_says_why_not(provider: str, name: str) -> None:
    a, b = (Runner.open(reference(name, each)) for each in ("cpu", provider))
    opened = b.opened
    assert opened.placement is not None
    if opened.fallback is not None:
        print(opened.fallback)
        assert (opened.provider, opened.fallback.wanted) == (CPU, provider)
        assert opened.placement.of(CPU) == opened.placement.total
        assert "does not say why" not in opened.fallback.reason
        assert opened.fallback.detail
        pytest.skip(f"not on this computer: {opened.fallback.reason}")
    assert opened.provider == provider
    assert opened.placement.of(provider) > opened.placement.total / 2
    request = TraceRequest(a.opened.model, text=TEXT)
    found = compare(ParityRequest(a.opened.model, request, opened.model), a, b)
    assert [point.name for point in found.points] == list(a.opened.anatomy.point_names)
    assert found.parting is None, found.parting
    print(f"{provider} on {name}: at most {found.worst.share:.1e} of the values apart")  # type: ignore[union-attr]


@pytest.mark.parametrize("provider", OTHERS)
def test_the_worker_keeps_both_open(provider: str) -> None:
    models = Models()
    for each in ("cpu", provider, "cpu", provider):
        reply = models.answer(TraceRequest(reference("sentiment-lstm", each), text=TEXT), Stop())
        assert isinstance(reply, Traced)
        assert reply.trace["logits"].values.shape[-1] == 2


@pytest.mark.parametrize("provider", OTHERS)
def test_the_command_line_says_where_it_ran(provider: str, embstudio: Command) -> None:
    said = embstudio("inspect", "sentiment-lstm", "--provider", Way.parse(provider), "--json")
    data = json.loads(said.out)
    assert said.status == 0
    assert (data["fallback"] is None) == (data["provider"] == provider)
    assert bool(said.err) == (data["fallback"] is not None)
    assert provider in [device["provider"] for device in data["devices"]]
