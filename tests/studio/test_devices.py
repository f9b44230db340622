"""Choosing what models run on, with replies of the real session."""

from __future__ import annotations

import onnxruntime
import pytest

from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.modelfile.catalogue import find
from embstudio.session.execution.parity import ParityRequest
from embstudio.session.execution.way import Way
from embstudio.session.messages import Failed, Reply, Request
from embstudio.session.models import Models
from embstudio.session.stop import Stop
from embstudio.studio import Notice, Severity, Studio
from embstudio.studio.devices import ON_THE_CPU

TEXT = "The dog that I adopted was cute"


class Desk:
    """A studio whose worker is in this process and answers when told to."""

    def __init__(self, provider: str = "") -> None:
        self.asked: list[tuple[Request, str]] = []
        self.cancelled: list[str] = []
        self.said: list[Notice] = []
        self.models = Models()
        self.studio = Studio(lambda request, lane: self.asked.append((request, lane)), self.cancelled.append)
        self.studio.provider = provider
        self.studio.noticed.connect(self.said.append)
        self.studio.sentence = TEXT

    def open(self, name: str) -> None:
        self.studio.open(find(name))
        self.answer()

    def answer(self) -> None:
        """Everything that is asked, and what is asked on that."""
        while self.asked:
            request, _lane = self.asked.pop(0)
            self.studio.receive(self.reply(request))

    def reply(self, request: Request) -> Reply:
        try:
            return self.models.answer(request, Stop())
        except (InputError, UnsupportedModelError) as error:
            return Failed(request, error)


def absent() -> Way:
    there = onnxruntime.get_available_providers()
    return Way.parse(next(name for name in onnxruntime.get_all_providers() if name not in there))


@pytest.mark.parametrize("token", [0, 3, 6])
def test_another_way_opens_the_model_again_with_sentence_and_cursor_as_they_were(token: int) -> None:
    desk = Desk()
    desk.open("sentiment-transformer")
    studio = desk.studio
    studio.cursor.move(token=token, layer=1, head=2)
    place, before, changes = studio.cursor.place, studio.trace, list[None]()
    studio.devices.changed.connect(lambda: changes.append(None))
    studio.devices.choose(Way("cpu", half=True))
    assert studio.trace is before  # what is shown stays until its successor is there
    desk.answer()
    assert (studio.cursor.place, studio.sentence, studio.provider) == (place, TEXT, "cpu-fp16")
    assert studio.trace is not None
    assert before is not None
    assert 1e-6 < abs(studio.trace["logits"].values - before["logits"].values).max() < 1e-2
    assert len(changes) == 1
    studio.devices.choose(Way("cpu", half=True))
    assert (len(changes), desk.asked) == (1, [])


def test_the_ways_there_are() -> None:
    desk = Desk()
    assert desk.studio.devices.ways == ()
    desk.open("sentiment-lstm")
    ways = desk.studio.devices.ways
    assert ways[-3:] == (Way("cpu"), Way("cpu", optimise=False), Way("cpu", half=True))
    assert Way("azure") not in ways  # what one types is sent nowhere


def test_a_provider_that_is_not_there_is_said_with_the_cpu_a_click_away() -> None:
    desk = Desk(str(absent()))
    desk.open("sentiment-lstm")
    notice = desk.said[-1]
    assert (notice.severity, notice.action) == (Severity.WARNING, ON_THE_CPU)
    assert "and the model runs on CPU" in notice.text
    assert notice.do is not None
    notice.do()
    assert desk.studio.provider == "cpu"
    desk.said.clear()
    desk.answer()
    assert desk.said == []
    assert desk.studio.document is not None
    assert desk.studio.document.opened.fallback is None


def test_a_run_that_fails_elsewhere_offers_the_cpu_and_on_the_cpu_does_not() -> None:
    """The replies of a provider that fails at a run, which none does here."""
    failed = UnsupportedModelError("The model stopped with an error.")
    for provider, action in (("cuda", ON_THE_CPU), ("cpu", ""), ("", "")):
        desk = Desk(provider)
        desk.open("sentiment-lstm")
        desk.studio.type("Good")
        request, _lane = desk.asked.pop()
        desk.studio.receive(Failed(request, failed))
        assert desk.said[-1].action == action
        desk.studio.type("Bad")
        request, _lane = desk.asked.pop()
        desk.studio.receive(Failed(request, InputError("The text is to blame.")))
        assert desk.said[-1].action == ""


def test_settings_that_somebody_wrote_wrong_choose_nothing() -> None:
    desk = Desk("two words:")
    assert desk.studio.devices.way == Way()


def test_parity_of_the_sentence_that_is_shown() -> None:
    desk = Desk()
    desk.open("sentiment-transformer")
    parities, states = desk.studio.parities, list[tuple[bool, bool]]()
    parities.changed.connect(lambda: states.append((parities.running, parities.found is not None)))
    parities.ask(Way("cpu"), Way("cpu", half=True))
    (request,) = (each for each, _lane in desk.asked)
    assert isinstance(request, ParityRequest)
    assert (request.model.provider, request.other.provider, request.input.text) == ("cpu", "cpu-fp16", TEXT)
    desk.answer()
    assert states == [(True, False), (False, True)]
    assert parities.found is not None
    assert parities.found.tokens == tuple(token.text for token in desk.studio.trace.tokens)  # type: ignore[union-attr]


def test_parity_with_another_file_one_that_fails_and_one_that_is_stopped() -> None:
    desk = Desk()
    desk.open("sentiment-transformer")
    parities = desk.studio.parities
    parities.ask(Way("cpu"), find("next-word"))
    desk.answer()
    assert parities.found is None
    assert parities.error is not None
    assert "different tokens" in parities.error.what
    assert desk.said == []  # it is told where it was asked
    parities.ask(Way("cpu"), Way("cpu", optimise=False))
    late = [desk.reply(request) for request, _lane in desk.asked]
    parities.stop()
    assert (parities.running, desk.cancelled) == (False, ["parity"])
    for reply in late:
        desk.studio.receive(reply)
    assert parities.found is None
