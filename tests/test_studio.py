"""The open document: what stays when something fails, what a reply may change, and where the cursor lands.

Requests are kept, not sent; the replies are given by hand, as the worker would give them in any order.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embstudio.anatomy.anatomy import Anatomy, EmbeddingTable, OutputHead, RecurrentLayer
from embstudio.base.errors import ModelFileError, StudioError
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import (
    Failed,
    ModelRef,
    Neighbours,
    NeighboursRequest,
    Opened,
    OpenRequest,
    Request,
    TokenizerInfo,
    Traced,
    TraceRequest,
    Vectors,
    VectorsRequest,
)
from embstudio.stepper.cursor import Place
from embstudio.stepper.probe import Probe
from embstudio.studio import AHEAD_BYTES, Document, Notice, Severity, Studio
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

A, B = (ModelSource(Path(f"/{name}.onnx"), Path(f"/{name}.json"), "") for name in "ab")
UNITS = 8


def ref(source: ModelSource) -> ModelRef:
    return ModelRef(source.path, source.tokenizer)


def opened(source: ModelSource, *, tokenizer: bool = True) -> Opened:
    anatomy = Anatomy(
        inputs=(), outputs=(), ids_input="ids", embeddings=(EmbeddingTable("E", 50, 4, "ids", "x"),), blocks=(),
        recurrent=(RecurrentLayer("lstm", 0, ("forward",), UNITS, 4, ("tanh",), 0),), head=None, max_positions=None,
        parameters={}, points=(), opset={},
    )  # fmt: skip
    info = TokenizerInfo(Path("t.json"), "WordLevel", ("the", "dog")) if tokenizer else None
    return Opened(ref(source), anatomy, info, "CPU", 1.0, None)


def traced(source: ModelSource, text: str) -> Traced:
    tokens = tuple(Token(word, word, number) for number, word in enumerate(text.split()))
    arrays = {"lstm.0.forward.c": NamedArray(np.zeros((len(tokens), UNITS), np.float32), ("pos", "unit"))}
    trace = Trace(str(source.path), text, tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))
    return Traced(ref(source), text, trace)


class Desk:
    """A studio with everything it asked for and said."""

    def __init__(self) -> None:
        self.asked: list[tuple[Request, str]] = []
        self.cancelled: list[str] = []
        self.said: list[Notice] = []
        self.studio = Studio(lambda request, lane: self.asked.append((request, lane)), self.cancelled.append)
        self.studio.noticed.connect(self.said.append)

    @property
    def last(self) -> Request:
        return self.asked[-1][0]

    def of(self, kind: type) -> list[Request]:
        return [request for request, _lane in self.asked if isinstance(request, kind)]

    def open(self, source: ModelSource, text: str) -> None:
        self.studio.sentence = text
        self.studio.open(source)
        self.studio.receive(opened(source))
        self.studio.receive(traced(source, text))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def at_work(desk: Desk) -> Desk:
    """A is open on nine words."""
    desk.open(A, "a b c d e f g h i")
    return desk


def test_opening_asks_then_runs_the_sentence_then_shows(desk: Desk) -> None:
    shown: list[str] = []
    desk.studio.document_changed.connect(lambda: shown.append("document"))
    desk.studio.trace_changed.connect(lambda: shown.append("trace"))
    desk.studio.sentence = "the dog"
    desk.studio.open(A)
    assert desk.asked == [(OpenRequest(ref(A)), "open")]
    desk.studio.receive(opened(A))
    assert desk.asked[-1] == (TraceRequest(ref(A), text="the dog", ahead_bytes=AHEAD_BYTES), "trace")
    assert (desk.studio.document, desk.studio.busy, shown) == (None, True, [])
    desk.studio.receive(traced(A, "the dog"))
    assert shown == ["document", "trace"]
    assert desk.studio.document is not None
    assert desk.studio.document.source == A
    assert not desk.studio.busy
    desk.studio.want_neighbours()
    assert desk.asked[-1] == (NeighboursRequest(ref(A), (0, 1)), "neighbours")


@pytest.mark.parametrize("at", ["open", "trace"])
def test_a_model_that_fails_leaves_the_one_before(at_work: Desk, at: str) -> None:
    studio = at_work.studio
    document, trace, place = studio.document, studio.trace, studio.cursor.place
    studio.open(B)
    request: Request = OpenRequest(ref(B))
    if at == "trace":
        studio.receive(opened(B))
        request = at_work.last
    studio.receive(Failed(request, ModelFileError("This is not an ONNX file.", where="b", advice="Choose another.")))
    assert (studio.document, studio.trace, studio.cursor.place) == (document, trace, place)
    assert studio.sentence == "a b c d e f g h i"
    assert not studio.busy
    assert at_work.said[-1] == Notice(Severity.ERROR, "This is not an ONNX file. (b)", "Choose another.")
    studio.type("a b")
    assert at_work.last == TraceRequest(ref(A), text="a b", ahead_bytes=AHEAD_BYTES)


def test_a_sentence_that_fails_leaves_the_trace_before(at_work: Desk) -> None:
    trace = at_work.studio.trace
    at_work.studio.type("x" * 9)
    at_work.studio.receive(Failed(at_work.last, StudioError("Too long.")))
    assert at_work.studio.trace is trace
    assert not at_work.studio.busy


def test_typing_while_a_model_opens_is_not_lost(at_work: Desk) -> None:
    studio = at_work.studio
    studio.open(B)
    studio.type("new words")
    studio.receive(opened(B))
    assert at_work.last == TraceRequest(ref(B), text="new words", ahead_bytes=AHEAD_BYTES)
    studio.type("newer words still")
    assert at_work.last == TraceRequest(ref(B), text="newer words still", ahead_bytes=AHEAD_BYTES)
    studio.receive(traced(B, "newer words still"))
    assert studio.sentence == "newer words still"
    assert studio.document is not None
    assert studio.document.source == B


def test_replies_of_another_model_are_ignored(at_work: Desk) -> None:
    studio = at_work.studio
    trace = studio.trace
    studio.receive(traced(B, "x y"))
    studio.receive(opened(B))
    studio.receive(Vectors(ref(B), ("x",), 2, np.zeros((1, 2), np.float32), (0.5, 0.5)))
    studio.receive(Neighbours(ref(B), (0,), "cosine", np.zeros((1, 1), int), np.zeros((1, 1))))
    assert studio.trace is trace
    assert studio.vectors is None
    assert studio.neighbours is None


def test_an_opened_model_that_is_no_longer_wanted_is_ignored(at_work: Desk) -> None:
    at_work.studio.open(B)
    at_work.studio.open(A)
    asked = len(at_work.asked)
    at_work.studio.receive(opened(B))
    assert len(at_work.asked) == asked


def test_vectors_and_neighbours_are_dropped_with_their_model(at_work: Desk) -> None:
    studio = at_work.studio
    studio.want_vectors()
    assert at_work.last == VectorsRequest(ref(A))
    studio.receive(Vectors(ref(A), ("x",), 2, np.zeros((1, 2), np.float32), (0.5, 0.5)))
    asked = len(at_work.asked)
    studio.want_vectors()
    assert len(at_work.asked) == asked
    at_work.open(B, "p q")
    assert studio.vectors is None
    assert studio.neighbours is None


def test_the_first_look_lands_in_the_middle(at_work: Desk) -> None:
    assert at_work.studio.cursor.token == 4  # 60 % of the way from 0 to 8
    assert at_work.studio.cursor.bounds.unit == UNITS


def test_who_writes_on_at_the_end_stays_at_the_end(at_work: Desk) -> None:
    studio = at_work.studio
    studio.cursor.move(token=8)
    studio.receive(traced(A, "a b c d e f g h i j k"))
    assert studio.cursor.token == 10
    studio.receive(traced(A, "a b"))
    assert studio.cursor.token == 1


def test_who_is_in_the_middle_stays_there_as_far_as_it_exists(at_work: Desk) -> None:
    studio = at_work.studio
    studio.cursor.move(token=3, unit=5)
    studio.receive(traced(A, "a b c d e f g h i j k"))
    assert studio.cursor.place == Place(token=3, unit=5)
    studio.receive(traced(A, "a b"))
    assert studio.cursor.place == Place(token=1, unit=5)


def test_the_cursor_is_in_bounds_when_a_trace_is_announced(at_work: Desk) -> None:
    seen: list[int] = []
    studio = at_work.studio
    studio.cursor.move(token=7)
    studio.trace_changed.connect(lambda: seen.append(len(studio.trace or ()) - studio.cursor.token))
    studio.receive(traced(A, "a"))
    studio.receive(traced(A, "a b c"))
    assert all(left > 0 for left in seen)
    assert len(seen) == 2


def test_a_probe_beyond_the_new_trace_is_let_go(at_work: Desk) -> None:
    studio = at_work.studio
    studio.point_at(Probe("lstm.0.forward.c", (7, 2)))
    studio.receive(traced(A, "a b c d e f g h"))
    assert studio.probe is not None
    studio.receive(traced(A, "a b"))
    assert studio.probe is None


def test_an_empty_sentence_keeps_the_last_trace(at_work: Desk) -> None:
    trace, asked = at_work.studio.trace, len(at_work.asked)
    at_work.studio.type("   ")
    assert at_work.studio.trace is trace
    assert len(at_work.asked) == asked
    assert at_work.said[-1].severity is Severity.INFO


def test_without_a_tokenizer_one_is_asked_for_and_numbers_serve(at_work: Desk) -> None:
    studio = at_work.studio
    wanted: list[ModelSource] = []
    studio.tokenizer_wanted.connect(wanted.append)
    studio.open(B)
    studio.receive(opened(B, tokenizer=False))
    assert wanted == [B]
    assert studio.document is not None
    assert studio.document.source == A
    studio.open_with_tokenizer(B, None)
    assert at_work.last == TraceRequest(ref(B), text="0 1 2 3 4 5 6 7", ids=tuple(range(8)), ahead_bytes=AHEAD_BYTES)
    studio.receive(traced(B, "0 1 2 3 4 5 6 7"))
    assert studio.sentence == "0 1 2 3 4 5 6 7"
    studio.type("3, 4 5")
    assert at_work.last == TraceRequest(ref(B), text="3, 4 5", ids=(3, 4, 5), ahead_bytes=AHEAD_BYTES)


@pytest.mark.parametrize("text", ["a dog", "3 -4", "3.5", "３ ４"])
def test_words_for_a_model_of_numbers_are_told_and_not_sent(at_work: Desk, text: str) -> None:
    studio = at_work.studio
    studio.open(B)
    studio.receive(opened(B, tokenizer=False))
    studio.open_with_tokenizer(B, None)
    studio.receive(traced(B, "0 1 2 3 4 5 6 7"))
    asked = len(at_work.asked)
    studio.type(text)
    assert len(at_work.asked) == asked
    assert at_work.said[-1].severity is Severity.ERROR
    assert "token numbers" in at_work.said[-1].text


def test_words_come_back_after_a_model_of_numbers(at_work: Desk) -> None:
    studio = at_work.studio
    studio.open(B)
    studio.receive(opened(B, tokenizer=False))
    studio.open_with_tokenizer(B, None)
    studio.receive(traced(B, "0 1 2 3 4 5 6 7"))
    studio.open(A)
    studio.receive(opened(A))
    assert at_work.last == TraceRequest(ref(A), text="a b c d e f g h i", ahead_bytes=AHEAD_BYTES)


def test_a_tokenizer_of_the_persons_choice(at_work: Desk) -> None:
    at_work.studio.open_with_tokenizer(B, Path("/mine.json"))
    assert at_work.last == OpenRequest(ModelRef(B.path, Path("/mine.json")))


def test_stopping_keeps_what_is_shown(at_work: Desk) -> None:
    document = at_work.studio.document
    at_work.studio.open(B)
    at_work.studio.stop()
    assert at_work.cancelled[-2:] == ["open", "trace"]
    assert not at_work.studio.busy
    at_work.studio.receive(opened(B))
    at_work.studio.receive(traced(B, "a"))
    assert at_work.studio.document is document


def test_a_name_that_is_not_there_opens_the_first_bundled_model(desk: Desk) -> None:
    desk.studio.open("no such model")
    assert "no such model" in desk.said[0].text
    assert isinstance(desk.last, OpenRequest)
    assert desk.last.model.path.parent.name == "sentiment-lstm"


def test_notes_of_a_trace_are_told(at_work: Desk) -> None:
    reply = traced(A, "a b")
    at_work.studio.receive(replace(reply, trace=replace(reply.trace, notes=("The text was cut.",))))
    assert at_work.said[-1] == Notice(Severity.WARNING, "The text was cut.")


def test_a_note_is_told_once_whatever_numbers_it_holds(at_work: Desk) -> None:
    def noted(text: str, *notes: str) -> list[str]:
        reply, before = traced(A, text), len(at_work.said)
        at_work.studio.receive(replace(reply, trace=replace(reply.trace, notes=notes)))
        return [notice.text for notice in at_work.said[before:]]

    assert noted("one more word", "9 of 1,012 tokens were run.") == ["9 of 1,012 tokens were run."]
    assert noted("one more word and", "9 of 13 tokens were run.") == []
    assert noted("one more word and so", "9 of 14 tokens were run.", "It was read as 2.5.") == ["It was read as 2.5."]
    assert noted("one") == []
    assert noted("one two", "9 of 14 tokens were run.") == ["9 of 14 tokens were run."]  # it is news again
    at_work.studio.open(B)  # said again of another model
    at_work.studio.receive(opened(B))
    reply = traced(B, at_work.studio.sentence)
    at_work.studio.receive(replace(reply, trace=replace(reply.trace, notes=("7 of 8 tokens were run.",))))
    assert at_work.said[-1].text == "7 of 8 tokens were run."


def test_classes_are_named_by_the_config_beside_the_model(tmp_path: Path) -> None:
    source = ModelSource(tmp_path / "model.onnx")
    given = opened(source)
    given = replace(given, anatomy=replace(given.anatomy, head=OutputHead("classes", "logits", 2)))
    config = tmp_path / "config.json"
    assert Document(source, given).labels == ("class 0", "class 1")
    config.write_text('{"id2label": {"0": "bad", "1": "good"}}')
    assert Document(source, given).labels == ("bad", "good")
    config.write_text('{"id2label": {"0": "bad", "1": "good", "2": "neither"}}')
    assert Document(source, given).labels == ("class 0", "class 1")
