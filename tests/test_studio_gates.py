"""Gates of recurrent layers are captured only while something shows them, and come in when something does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from embstudio.modelfile import catalogue
from embstudio.session.messages import OpenRequest, Request, TraceRequest
from embstudio.session.models import Models
from embstudio.session.stop import Stop
from embstudio.stepper.prediction import looks_ahead
from embstudio.studio import Studio
from embstudio.studio.gates import NOBODY_ASKED


def studio_of(asked: list[Request]) -> tuple[Studio, Callable[[], None]]:
    """A studio whose requests are answered, in their order, by real models in this process."""
    models, waiting = Models(), list[Request]()

    def submit(request: Request, _lane: str) -> None:
        asked.append(request)
        waiting.append(request)

    studio = Studio(submit, lambda _lane: None)

    def settle() -> None:
        while waiting:
            studio.receive(models.answer(waiting.pop(0), Stop()))

    return studio, settle


@pytest.fixture
def asked() -> list[Request]:
    """What was asked of the worker, in this order."""
    return []


@pytest.fixture
def opened(asked: list[Request]) -> tuple[Studio, Callable[[], None]]:
    """A studio that was asked to open a model while nobody looks at gates, and what has everything answered."""
    studio, settle = studio_of(asked)
    studio.gates.show(NOBODY_ASKED, False)
    studio.type("The film was not good")
    studio.open(catalogue.find("sentiment-lstm"))
    return studio, settle


def test_nobody_looks_so_nothing_is_opened_up(opened: tuple[Studio, Callable[[], None]]) -> None:
    studio, settle = opened
    settle()
    assert studio.trace is not None
    assert "logits" in studio.trace
    assert not studio.trace.points("lstm")
    assert "lstm.0.forward.f" in studio.trace.unasked
    assert looks_ahead(studio.trace) is False  # told by the layers that the model has

    studio.gates.show("MemoryPanel", True)
    settle()
    assert studio.trace.unasked == ()
    assert len(studio.trace.points("lstm")) == 6

    studio.gates.show("MemoryPanel", False)
    studio.type("The film was good")
    settle()
    assert studio.trace.text == "The film was good"
    assert not studio.trace.points("lstm")


def test_a_watch_on_a_gate_brings_the_gates(opened: tuple[Studio, Callable[[], None]]) -> None:
    studio, settle = opened
    settle()
    studio.watches.load(["lstm.0.forward.f.mean"], [], [])
    settle()
    assert studio.trace is not None
    assert "lstm.0.forward.f" in studio.trace


def test_gates_asked_for_while_a_run_is_underway_come_after_it(
    opened: tuple[Studio, Callable[[], None]], asked: list[Request]
) -> None:
    studio, settle = opened
    studio.gates.show("MemoryPanel", True)
    studio.gates.show("MemoryPanel", False)
    settle()
    studio.type("The film was good")
    studio.gates.show("MemoryPanel", True)
    settle()
    assert studio.trace is not None
    assert studio.trace.unasked == ()
    runs = [request for request in asked if isinstance(request, TraceRequest)]
    assert [request.text for request in runs][-1] == "The film was good"
    assert len([request for request in asked if isinstance(request, OpenRequest)]) == 1
