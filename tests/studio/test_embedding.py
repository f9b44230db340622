"""Vectors of texts that are typed: what is asked, which answer is taken, and what is forgotten."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import WorkerError
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import EmbedRequest, Failed, ModelRef, OpenRequest, Pooling, Request, Traced
from embstudio.session.messages import TraceRequest as Trace
from embstudio.session.runner import Runner
from embstudio.studio import Studio


class HeldStudio(Studio):
    """Opens and runs at once, by the real session; texts are embedded when told to."""

    def __init__(self, name: str) -> None:
        source = find(name)
        self.session = Runner.open(ModelRef(source.path, source.tokenizer))
        self.held: list[EmbedRequest] = []
        super().__init__(self._keep, lambda _: None)
        self.sentence = "The dog was cute"
        self.open(name)

    def _keep(self, request: Request, lane: str) -> None:
        if isinstance(request, OpenRequest):
            self.receive(self.session.opened)
        elif isinstance(request, Trace):
            self.receive(Traced(request.model, request.text, self.session.trace(request), request))
        elif isinstance(request, EmbedRequest):
            self.held.append(request)

    def answer(self, place: int = -1) -> None:
        self.receive(self.session.embed(self.held[place]))


@pytest.fixture
def studio() -> HeldStudio:
    return HeldStudio("sentences")


def test_a_typed_text_gets_the_vector_that_a_trace_of_it_would(studio: HeldStudio) -> None:
    heard = []
    studio.embedding.changed.connect(lambda: heard.append(True))
    studio.embedding.want("The dog was cute")
    studio.embedding.want("The dog was cute")
    assert len(studio.held) == 1
    assert studio.embedding.vector("The dog was cute") is None
    studio.answer()
    assert heard == [True]
    assert studio.trace is not None
    assert np.array_equal(studio.embedding.vector("The dog was cute"), studio.trace["pooled"].values)  # type: ignore[arg-type]
    studio.embedding.want("The dog was cute")
    assert len(studio.held) == 1


def test_only_the_newest_answer_is_taken(studio: HeldStudio) -> None:
    studio.embedding.want("a dog")
    studio.embedding.want("a dog runs")
    studio.answer(0)
    assert studio.embedding.vector("a dog") is None
    studio.answer(1)
    assert studio.embedding.vector("a dog runs") is not None
    assert studio.embedding.vector("a dog") is None


def test_another_way_of_pooling_is_asked_for_anew(studio: HeldStudio) -> None:
    studio.embedding.want("a dog")
    studio.answer()
    own = studio.embedding.vector("a dog")
    studio.pooling = Pooling("max")
    assert studio.embedding.vector("a dog") is None
    studio.embedding.want("a dog")
    studio.answer()
    assert not np.array_equal(studio.embedding.vector("a dog"), own)  # type: ignore[arg-type]


def test_a_refusal_is_kept_and_not_asked_for_again(studio: HeldStudio) -> None:
    studio.embedding.want("a dog")
    studio.receive(Failed(studio.held[0], WorkerError("It stopped.")))
    refusal = studio.embedding.refusal("a dog")
    assert refusal is not None
    assert refusal.what == "It stopped."
    studio.embedding.want("a dog")
    assert len(studio.held) == 1


def test_another_model_forgets(studio: HeldStudio) -> None:
    studio.embedding.want("a dog")
    studio.answer()
    studio.embedding.want("a cat")
    studio.document_changed.emit()
    studio.answer()
    assert studio.embedding.vector("a dog") is None
    assert studio.embedding.vector("a cat") is None


def test_a_model_without_vectors_of_texts_is_not_asked() -> None:
    studio = HeldStudio("sentiment-rnn")
    assert not studio.embedding.available
    studio.embedding.want("a dog")
    assert not studio.held


def test_several_texts_come_one_after_the_other(studio: HeldStudio) -> None:
    studio.embedding.want("a dog", "a cat", "a dog runs", asker="table")
    for text in ("a dog", "a cat", "a dog runs"):
        assert studio.held[-1].texts == (text,)
        studio.answer()
    assert len(studio.held) == 3
    made = [studio.embedding.vector(text) for text in ("a dog", "a cat", "a dog runs")]
    assert all(vector is not None for vector in made)


def test_who_else_asks_waits_for_its_turn(studio: HeldStudio) -> None:
    studio.embedding.want("a dog", asker="table")
    studio.embedding.want("a cat", asker="map")
    assert [request.texts for request in studio.held] == [("a dog",)]
    studio.answer()
    assert studio.held[-1].texts == ("a cat",)
    studio.answer()
    assert studio.embedding.vector("a dog") is not None
    assert studio.embedding.vector("a cat") is not None


def test_a_refused_text_does_not_keep_the_others(studio: HeldStudio) -> None:
    studio.embedding.want("...", "a cat")
    studio.answer()
    refusal = studio.embedding.refusal("...")
    assert refusal is not None
    assert "finds nothing in this text" in refusal.what
    studio.answer()
    assert studio.embedding.vector("a cat") is not None


def test_a_text_that_is_cut_is_told(studio: HeldStudio) -> None:
    studio.embedding.want("dog " * 200, "a dog")
    studio.answer()
    studio.answer()
    long, short = studio.embedding.made("dog " * 200), studio.embedding.made("a dog")
    assert long is not None
    assert short is not None
    assert (long.tokens, long.limit, long.cut) == (200, 128, True)
    assert not short.cut
