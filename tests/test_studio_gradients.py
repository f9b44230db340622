"""Asking for gradients: what is asked once, which answer is taken, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import (
    Failed,
    GradientRequest,
    Gradients,
    ModelRef,
    OpenRequest,
    Request,
    Traced,
    TraceRequest,
)
from embstudio.session.runner import Runner
from embstudio.studio import Studio
from embstudio.studio import gradients as desk


class HeldStudio(Studio):
    """Opens and runs at once, by the real session; gradients are answered when told to."""

    def __init__(self, session: Runner) -> None:
        self.held: list[tuple[GradientRequest, str]] = []
        self.given_up: list[str] = []
        self.session = session
        super().__init__(self._keep, self.given_up.append)

    def _keep(self, request: Request, lane: str) -> None:
        if isinstance(request, OpenRequest):
            self.receive(self.session.opened)
        elif isinstance(request, TraceRequest):
            self.receive(Traced(request.model, request.text, self.session.trace(request), request))
        elif isinstance(request, GradientRequest):
            self.held.append((request, lane))

    def answer(self, place: int = -1) -> Gradients:
        """Answer one of the questions that were asked."""
        reply = self.session.gradients(self.held[place][0])
        self.receive(reply)
        return reply


@pytest.fixture(scope="module")
def session() -> Runner:
    source = find("sentiment-rnn")
    return Runner.open(ModelRef(source.path, source.tokenizer))


@pytest.fixture
def studio(session: Runner) -> HeldStudio:
    studio = HeldStudio(session)
    studio.sentence = "The dog was cute"
    studio.open("sentiment-rnn")
    assert studio.trace is not None
    return studio


def test_a_question_is_asked_once_and_its_answer_kept(studio: HeldStudio) -> None:
    heard = []
    studio.gradients.changed.connect(lambda: heard.append(True))
    studio.gradients.want(2)
    studio.gradients.want(2)
    assert [(request.token, request.output, lane) for request, lane in studio.held] == [(2, None, desk.OWN)]
    assert studio.held[0][0].input is studio.ran
    assert studio.gradients.waiting()
    assert studio.gradients.answer(2) is None
    reply = studio.answer()
    assert heard == [True]
    assert studio.gradients.answer(2) is reply
    assert not studio.gradients.waiting()
    studio.gradients.want(1)
    studio.gradients.want(2)  # is there: what was asked meanwhile is given up
    assert len(studio.held) == 2
    assert studio.given_up == [desk.OWN]


def test_the_newest_question_wins(studio: HeldStudio) -> None:
    studio.gradients.want(1)
    studio.gradients.want(3)
    studio.answer(0)  # of the question before, which a worker may have answered already
    assert studio.gradients.answer(1) is None
    assert studio.gradients.waiting()
    reply = studio.answer(1)
    assert studio.gradients.answer(3) is reply
    assert reply.token == 3


def test_scores_are_questions_of_their_own(studio: HeldStudio) -> None:
    studio.gradients.want(3, 0)
    low = studio.answer()
    studio.gradients.want(3, 1)
    high = studio.answer()
    assert (low.output, high.output) == (0, 1)
    assert studio.gradients.answer(3, 0) is low
    assert studio.gradients.answer(3, 1) is high
    assert studio.gradients.answer(3) is None


def test_another_text_has_no_answers_yet(studio: HeldStudio) -> None:
    studio.gradients.want(3)
    studio.answer()
    studio.gradients.want(2)
    studio.type("The film was not good")
    assert studio.given_up == [desk.OWN]  # the new text goes first
    assert studio.gradients.answer(3) is None
    studio.answer(1)
    studio.gradients.want(2)
    assert studio.gradients.answer(2) is None
    reply = studio.answer()
    assert studio.gradients.answer(2) is reply


def test_what_is_refused_is_told_and_not_asked_again(studio: HeldStudio) -> None:
    notices = []
    studio.noticed.connect(notices.append)
    studio.gradients.want(1)
    request = studio.held[0][0]
    studio.receive(Failed(request, InputError("No.", advice="Do something else.")))
    assert studio.gradients.refusal(1).advice == "Do something else."
    assert studio.gradients.refusal(2) is None
    studio.gradients.want(1)
    assert len(studio.held) == 1
    assert not notices  # who asked shows it where it was asked


def test_stopping_gives_up_and_says_so(studio: HeldStudio) -> None:
    heard = []
    studio.gradients.changed.connect(lambda: heard.append(studio.gradients.waiting()))
    studio.stop()
    assert not heard
    studio.gradients.want(1)
    studio.stop()
    assert heard == [False]
    assert studio.given_up[-1] == desk.OWN
    studio.gradients.want(1)
    assert len(studio.held) == 2


def test_other_models_have_lanes_of_their_own(studio: HeldStudio) -> None:
    model = ModelRef(Path("other.onnx"))
    run = TraceRequest(model, text="The dog was cute")
    studio.gradients.want(2)
    studio.gradients.want_of("gradient:7", model, run, 4)
    assert [lane for _, lane in studio.held] == [desk.OWN, "gradient:7"]
    reply = replace(studio.session.gradients(studio.held[0][0]), model=model, key=studio.held[1][0].key, token=4)
    studio.receive(reply)
    assert studio.gradients.answer_of("gradient:7", run, 4) is reply
    assert studio.gradients.answer_of("gradient:7", replace(run, text="The dog"), 4) is None
    assert studio.gradients.waiting()
    studio.gradients.forget("gradient:7")
    assert studio.gradients.answer_of("gradient:7", run, 4) is None


def test_only_so_much_is_kept(studio: HeldStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "KEPT_BYTES", 2 * 4 * 100 * 8)  # two answers: 4 tokens, vectors 100 wide, in float64
    for token in (0, 1, 2):
        studio.gradients.want(token)
        answer = studio.answer()
        assert answer.saliency is not None
        assert answer.saliency.dtype == np.float64
    assert [studio.gradients.answer(token) is not None for token in range(3)] == [False, True, True]
