from __future__ import annotations

from pathlib import Path

from embstudio.session.lanes import Lanes
from embstudio.session.messages import ModelRef, OpenRequest

REQUEST = OpenRequest(ModelRef(Path("model.onnx")))


def test_a_newer_request_takes_the_place_of_the_older_one_in_its_lane() -> None:
    lanes = Lanes()
    first, other, second = lanes.add(REQUEST, "a"), lanes.add(REQUEST, "b"), lanes.add(REQUEST, "a")
    assert first < other < second
    assert [ticket.number for ticket in lanes.wanted()] == [other, second]
    assert lanes.find(first) is None


def test_a_ticket_is_taken_once() -> None:
    lanes = Lanes()
    number = lanes.add(REQUEST, "a")
    taken = lanes.take(number)
    assert taken is not None
    assert taken.request is REQUEST
    assert lanes.take(number) is None
    assert lanes.wanted() == []


def test_a_cleared_lane_wants_nothing() -> None:
    lanes = Lanes()
    number = lanes.add(REQUEST, "a")
    lanes.clear("a")
    lanes.clear("never used")
    assert lanes.take(number) is None
