"""The weights of recurrent layers: asked for once a model, told of the open one only, by the worker's own Models."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from embstudio.base.errors import StudioError
from embstudio.modelfile.catalogue import ModelSource, find
from embstudio.session.messages import Cells, CellsRequest, Failed, Request
from embstudio.session.models import Models
from embstudio.session.stop import Stop
from embstudio.studio import Studio


class Desk:
    """A studio whose requests are answered when told to."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.models = Models()
        self.studio = Studio(lambda request, lane: self.asked.append(request), lambda lane: None)
        self.studio.tokenizer_wanted.connect(lambda source: self.studio.open_with_tokenizer(source, None))

    def answer(self) -> None:
        while self.asked:
            self.studio.receive(self.models.answer(self.asked.pop(0), Stop()))

    def open(self, source: ModelSource) -> None:
        self.studio.open(source)
        self.answer()


def test_the_weights_come_when_they_are_wanted_and_go_with_the_model(data: Path) -> None:
    desk = Desk()
    desk.open(find("sentiment-lstm"))
    cells = desk.studio.cells
    told: list[bool] = []
    cells.changed.connect(lambda: told.append(True))
    assert cells.of("lstm.0.forward") is None
    assert not cells.waiting
    cells.want()
    cells.want()
    assert [type(request) for request in desk.asked] == [CellsRequest]
    assert cells.waiting
    desk.answer()
    assert told == [True]
    assert not cells.waiting
    assert not cells.reason
    cell = cells.of("lstm.0.forward")
    assert cell is not None
    assert (cell.kind, cell.R.shape) == ("lstm", (256, 64))
    desk.open(ModelSource(data / "rnn-GRU-1-ts" / "model.onnx"))
    assert cells.of("lstm.0.forward") is None
    cells.want()
    desk.answer()
    gru = cells.of("gru.0.forward")
    assert gru is not None
    assert gru.linear_before_reset  # as PyTorch has it
    assert np.isfinite(gru.W).all()


def test_an_answer_for_a_model_that_is_gone_is_not_taken(data: Path) -> None:
    desk = Desk()
    desk.open(find("sentiment-lstm"))
    desk.studio.cells.want()
    (late,) = desk.asked
    desk.asked.clear()
    desk.open(ModelSource(data / "rnn-GRU-1-ts" / "model.onnx"))
    reply = desk.models.answer(late, Stop())
    assert isinstance(reply, Cells)
    desk.studio.receive(reply)
    assert desk.studio.cells.of("lstm.0.forward") is None


def test_what_went_wrong_is_told_and_not_asked_for_again() -> None:
    desk = Desk()
    desk.open(find("sentiment-rnn"))
    cells = desk.studio.cells
    cells.want()
    (request,) = desk.asked
    desk.asked.clear()
    desk.studio.receive(Failed(request, StudioError("The weights are not to be had.")))
    assert cells.reason == "The weights are not to be had."
    assert not cells.waiting
    cells.want()
    assert not desk.asked
