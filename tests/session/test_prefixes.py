"""Runs on the beginnings of a text, against onnxruntime run on each beginning by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.modelfile.catalogue import find
from embstudio.modelfile.tokenizing.search import find_and_open
from embstudio.session import prefixes
from embstudio.session.messages import ModelRef, Prefixes, PrefixRequest, TraceRequest
from embstudio.session.models import Models
from embstudio.session.prefixes import beginning
from embstudio.session.runner import Runner
from embstudio.session.stop import Cancelled, Stop
from embstudio.trace.token import Token
from tests.judging_models import CLASSES, make_judging_encoder, make_last_verdict

SENTENCE = "the dog was playing , a cat ran"
FILM = "I expected to hate it but loved it"


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = Path(__file__).parent.parent / "data"
    return make_judging_encoder(data, tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def last(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_last_verdict(tmp_path_factory.mktemp("last"))


def all_of(runner: Runner, request: TraceRequest, count: int) -> np.ndarray:
    """The scores after each of `count` tokens, asked for until all are there."""
    rows: list[np.ndarray] = []
    while len(rows) < count:
        reply = runner.prefixes(PrefixRequest(request.model, request, tuple(range(len(rows), count))))
        assert reply.places == tuple(range(len(rows), len(rows) + len(reply.places)))
        rows.extend(reply.scores)
    return np.stack(rows)


def test_an_encoder_is_run_on_each_framed_beginning(encoder: Path) -> None:
    tokenizer = find_and_open(encoder)
    assert tokenizer is not None
    runner = Runner.open(ModelRef(encoder))
    request = TraceRequest(ModelRef(encoder), text=SENTENCE)
    trace = runner.trace(request)
    assert trace["logits"].axes == ("class",)
    found = all_of(runner, request, len(trace))
    assert found.shape == (len(trace), CLASSES)
    session = onnxruntime.InferenceSession(encoder)
    for place, token in enumerate(trace.tokens):
        end = token.span[1] if token.span else 0 if place == 0 else len(SENTENCE)
        ids = np.array([[each.id for each in tokenizer.encode(SENTENCE[:end])]], np.int64)
        feeds = {value.name: np.ones_like(ids) if "mask" in value.name else ids for value in session.get_inputs()}
        (expected,) = session.run(
            None, {name: np.zeros_like(ids) if "type" in name else each for name, each in feeds.items()}
        )
        np.testing.assert_allclose(found[place], expected[0], atol=1e-6)
    np.testing.assert_allclose(found[-1], trace["logits"].values, atol=1e-6)
    assert np.ptp(found, axis=0).min() > 1e-3  # they do differ


def test_a_recurrent_models_last_verdict_becomes_one_after_each_token(last: Path) -> None:
    runner, whole = Runner.open(ModelRef(last)), Runner.open(ModelRef(find("sentiment-lstm").path))
    request = TraceRequest(ModelRef(last), text=FILM)
    trace = runner.trace(request)
    assert trace["logits"].axes == ("class",)
    expected = whole.trace(TraceRequest(ModelRef(find("sentiment-lstm").path), text=FILM))["logits"]
    assert expected.axes == ("pos", "class")
    np.testing.assert_allclose(all_of(runner, request, len(trace)), expected.values, atol=1e-6)


def test_scores_for_each_token_are_those_after_the_beginning() -> None:
    model = ModelRef(find("sentiment-rnn").path)
    runner, request = Runner.open(model), TraceRequest(model, text=FILM)
    expected = runner.trace(request)["logits"].values
    np.testing.assert_allclose(all_of(runner, request, len(expected)), expected, atol=1e-6)


def test_the_worker_answers_with_the_key_and_the_serial(last: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes, "SLICE_SECONDS", 600.0)  # time enough for both on any computer
    request = PrefixRequest(ModelRef(last), TraceRequest(ModelRef(last), text=FILM), (2, 3), key=5, serial=7)
    reply = Models().answer(request, Stop())
    assert isinstance(reply, Prefixes)
    assert (reply.key, reply.serial, reply.places) == (5, 7, (2, 3))


def test_an_answer_is_a_slice_of_the_work(last: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes, "SLICE_SECONDS", 0.0)
    reply = Runner.open(ModelRef(last)).prefixes(
        PrefixRequest(ModelRef(last), TraceRequest(ModelRef(last), text=FILM), tuple(range(8)))
    )
    assert reply.places == (0,)
    assert reply.scores.shape == (1, 2)


def test_it_can_be_cancelled(last: Path) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Cancelled):
        Runner.open(ModelRef(last)).prefixes(
            PrefixRequest(ModelRef(last), TraceRequest(ModelRef(last), text=FILM), (0, 1)), stop
        )


def test_what_has_no_scores_or_no_text_is_refused(last: Path) -> None:
    words = ModelRef(find("words").path)
    with pytest.raises(UnsupportedModelError, match="scores"):
        Runner.open(words).prefixes(PrefixRequest(words, TraceRequest(words, text="king"), (0,)))
    feeds = {"input_ids": np.array([[1, 2, 3]])}
    with pytest.raises(InputError, match="by hand"):
        Runner.open(ModelRef(last)).prefixes(
            PrefixRequest(ModelRef(last), TraceRequest(ModelRef(last), feeds=feeds), (0,))
        )


# The beginning itself ----------------------------------------------------------------------------------------------


def named(*words: str) -> list[Token]:
    """Tokens: those in brackets are special, "word:1" is in the second sentence."""
    found = []
    for word in words:
        text, _, segment = word.partition(":")
        special = text.startswith("[")
        found.append(Token(text, text, hash(text), None if special else (0, 1), special, segment=int(segment or 0)))
    return found


def told(tokens: tuple[Token, ...]) -> str:
    return " ".join(f"{token.text}:{token.segment}" if token.segment else token.text for token in tokens)


def test_the_frame_stays_around_the_beginning() -> None:
    tokens = named("[CLS]", "so", "good", "[SEP]")
    assert [told(beginning(tokens, place)) for place in range(4)] == [
        "[CLS] [SEP]", "[CLS] so [SEP]", "[CLS] so good [SEP]", "[CLS] so good [SEP]",
    ]  # fmt: skip


def test_a_text_without_a_frame_is_cut() -> None:
    tokens = named("so", "good")
    assert [told(beginning(tokens, place)) for place in range(2)] == ["so", "so good"]


def test_a_mask_that_was_typed_is_part_of_the_text() -> None:
    tokens = named("[CLS]", "so", "[MASK]", "now", "[SEP]")
    assert told(beginning(tokens, 2)) == "[CLS] so [MASK] [SEP]"
    assert told(beginning(tokens, 1)) == "[CLS] so [SEP]"


def test_the_first_sentence_of_a_pair_stands_alone_first() -> None:
    tokens = named("[CLS]", "so", "good", "[SEP]", "not:1", "bad:1", "[SEP]:1")
    assert [told(beginning(tokens, place)) for place in (1, 2, 3, 4, 5, 6)] == [
        "[CLS] so [SEP]", "[CLS] so good [SEP]", "[CLS] so good [SEP]",
        "[CLS] so good [SEP] not:1 [SEP]:1", "[CLS] so good [SEP] not:1 bad:1 [SEP]:1",
        "[CLS] so good [SEP] not:1 bad:1 [SEP]:1",
    ]  # fmt: skip
