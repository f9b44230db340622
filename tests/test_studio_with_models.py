"""The studio's verbs and what it does with replies: real replies of the real session, one at a time, in any order."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.base.errors import StudioError, WorkerError
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource, find
from embstudio.session.messages import (
    Failed,
    LensRequest,
    ModelRef,
    NeighboursRequest,
    OpenRequest,
    Reply,
    Request,
    Traced,
    TraceRequest,
    Vectors,
    VectorsRequest,
)
from embstudio.session.runner import Runner
from embstudio.stepper.cursor import Place
from embstudio.stepper.probe import Probe
from embstudio.studio import FIRST_LOOK, Notice, Severity, Studio

SENTENCE = "the dog was cute but it was loud"


@lru_cache(maxsize=8)
def runner(model: ModelRef) -> Runner:
    return Runner.open(model)


def reply_to(request: Request) -> Reply:
    """What the worker would answer."""
    try:
        opened = runner(request.model)
        match request:
            case OpenRequest():
                return opened.opened
            case TraceRequest():
                return Traced(request.model, request.text, opened.trace(request), request)
            case VectorsRequest():
                return opened.vectors()
            case NeighboursRequest():
                return opened.neighbours(request.ids, request.count, request.metric)
            case LensRequest():
                return opened.lens(request)
    except StudioError as error:
        return Failed(request, error)


class Desk:
    """A studio whose requests are kept until they are answered here."""

    def __init__(self, sentence: str = SENTENCE) -> None:
        self.asked: list[tuple[Request, str]] = []
        self.cancelled: list[str] = []
        self.said: list[Notice] = []
        self.studio = Studio(lambda request, lane: self.asked.append((request, lane)), self.cancelled.append)
        self.studio.sentence = sentence
        self.studio.noticed.connect(self.said.append)

    def take(self) -> Request:
        """The oldest request that waits."""
        return self.asked.pop(0)[0]

    def answer(self) -> Reply:
        """Answer the oldest request that waits."""
        reply = reply_to(self.take())
        self.studio.receive(reply)
        return reply

    def settle(self) -> None:
        """Answer all that waits, and what that brings."""
        while self.asked:
            self.answer()

    def open(self, model: str | ModelSource) -> Studio:
        self.studio.open(model)
        self.settle()
        return self.studio

    def type(self, sentence: str) -> None:
        self.studio.type(sentence)
        self.settle()

    def lanes(self) -> list[str]:
        return [lane for _request, lane in self.asked]

    @property
    def shown(self) -> tuple[object, ...]:
        """What a failure must leave as it is."""
        studio = self.studio
        return studio.document, studio.trace, studio.sentence, studio.cursor.place, studio.neighbours


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="session")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> ModelSource:
    """A model without tokenizer and card: the LSTM's file alone."""
    path = tmp_path_factory.mktemp("lonely") / "lonely.onnx"
    path.write_bytes(find("sentiment-lstm").path.read_bytes())
    return ModelSource(path)


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> ModelSource:
    """A model that opens but cannot run words: its table has 4 rows, its tokenizer thousands of entries."""
    path = tmp_path_factory.mktemp("narrow") / "narrow.onnx"
    table = numpy_helper.from_array(np.eye(4, 3, dtype=np.float32), "table")
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["out"])], "narrow",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "pos"])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", "pos", 3])], [table],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return ModelSource(path, find("sentiment-lstm").tokenizer)


@pytest.fixture
def broken(tmp_path: Path) -> ModelSource:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"%PDF-1.7 no model at all")
    return ModelSource(path)


# Opening -------------------------------------------------------------------------------------------------------


def test_nothing_is_shown_until_the_model_has_run_the_sentence(desk: Desk) -> None:
    heard: list[str] = []
    studio = desk.studio
    studio.document_changed.connect(lambda: heard.append("document"))
    studio.trace_changed.connect(lambda: heard.append("trace"))
    studio.busy_changed.connect(lambda: heard.append("busy" if studio.busy else "idle"))
    studio.open("sentiment-lstm")
    assert desk.lanes() == ["open"]
    desk.answer()
    assert desk.lanes() == ["trace"]
    assert (studio.document, studio.trace) == (None, None)
    desk.answer()
    assert heard == ["busy", "document", "trace", "idle"]
    assert studio.document is not None
    assert studio.document.source == find("sentiment-lstm")
    assert studio.trace is not None
    assert studio.trace.text == studio.sentence == SENTENCE


def test_the_neighbours_of_each_token_are_asked_for_once(desk: Desk) -> None:
    studio = desk.studio
    studio.open("sentiment-lstm")
    desk.answer()
    desk.answer()
    assert desk.asked == []
    studio.want_neighbours()
    request, lane = desk.asked[0]
    assert isinstance(request, NeighboursRequest)
    assert lane == "neighbours"
    ids = [token.id for token in studio.trace.tokens]  # type: ignore[union-attr]
    assert len(ids) > len(set(ids))  # "was" comes twice
    assert list(request.ids) == sorted(set(ids), key=ids.index)
    desk.settle()
    assert studio.neighbours is not None
    assert studio.neighbours.rows.shape == (len(request.ids), request.count)
    studio.want_neighbours()
    assert desk.asked == []


def test_a_model_that_does_not_open_leaves_everything(desk: Desk, broken: ModelSource) -> None:
    desk.open("sentiment-lstm")
    shown = desk.shown
    desk.open(broken)
    assert desk.shown == shown
    assert not desk.studio.busy
    (notice,) = desk.said
    assert notice.severity is Severity.ERROR
    assert str(broken.path) in notice.text
    assert notice.advice


def test_a_model_that_does_not_run_leaves_everything(desk: Desk, narrow: ModelSource) -> None:
    desk.open("sentiment-lstm")
    shown = desk.shown
    desk.studio.open(narrow)
    assert not isinstance(desk.answer(), Failed)
    assert isinstance(desk.answer(), Failed)
    assert desk.shown == shown
    assert not desk.studio.busy
    assert [notice.severity for notice in desk.said] == [Severity.ERROR]
    desk.type("still alive")
    assert desk.studio.trace.text == "still alive"  # type: ignore[union-attr]


def test_a_name_that_is_no_model_leaves_everything(desk: Desk) -> None:
    desk.open("sentiment-lstm")
    shown = desk.shown
    desk.open("no/such.onnx")
    assert desk.shown == shown
    assert "no/such.onnx" in desk.said[-1].text


def test_the_newest_of_two_models_wins_whatever_comes_late(desk: Desk) -> None:
    studio = desk.studio
    studio.open("next-word")
    first = reply_to(desk.take())
    studio.open("sentiment-lstm")
    studio.receive(first)
    desk.settle()
    assert studio.document is not None
    assert studio.document.source.name == "sentiment-lstm"


def test_the_probe_of_another_model_is_dropped(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    studio.point_at(Probe("embed", (0, 0)))
    desk.open("sentiment-rnn")
    assert studio.probe is None


def test_without_a_sentence_the_cards_first_example_is_run() -> None:
    desk = Desk("")
    studio = desk.open("next-word")
    assert studio.sentence == find("next-word").card.example_sentences[0]  # type: ignore[union-attr]
    assert studio.trace is not None
    assert studio.trace.text == studio.sentence


# Nothing open yet ----------------------------------------------------------------------------------------------


def test_where_nothing_is_open_a_failure_falls_back_to_the_first_bundled_model(desk: Desk, broken: ModelSource) -> None:
    studio = desk.open(broken)
    assert studio.document is not None
    assert studio.document.source == catalogue.bundled()[0]
    # Said at once, and again when another model than the wanted one is there, since its trace takes the first away.
    first, again = desk.said
    assert first == again
    assert first.severity is Severity.ERROR


def test_where_nothing_is_open_a_name_that_is_no_model_falls_back_too(desk: Desk) -> None:
    studio = desk.open("no/such.onnx")
    assert studio.document is not None
    assert studio.document.source == catalogue.bundled()[0]


def test_where_nothing_is_open_a_wrong_name_does_not_push_out_what_is_opening(desk: Desk) -> None:
    desk.studio.open("next-word")
    desk.studio.open("no/such.onnx")
    desk.settle()
    assert desk.studio.document is not None
    assert desk.studio.document.source.name == "next-word"


def test_the_first_bundled_model_has_no_other_to_fall_back_to(desk: Desk) -> None:
    desk.studio.open(catalogue.bundled()[0])
    desk.studio.receive(Failed(desk.take(), WorkerError("The process stopped.")))
    assert desk.asked == []
    assert not desk.studio.busy
    assert desk.studio.document is None


def test_giving_up_the_first_model_does_not_leave_an_empty_screen(desk: Desk) -> None:
    desk.studio.open("next-word")
    desk.asked.clear()
    desk.studio.stop()
    desk.settle()
    assert desk.studio.document is not None
    assert desk.studio.document.source == catalogue.bundled()[0]


def test_giving_up_even_the_first_bundled_model_says_what_to_do(desk: Desk) -> None:
    desk.studio.open(catalogue.bundled()[0])
    desk.asked.clear()
    desk.studio.stop()
    assert desk.asked == []
    assert desk.said[-1].advice


# Typing --------------------------------------------------------------------------------------------------------


def test_typing_asks_for_a_trace_of_the_open_model(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    before = studio.trace
    studio.type("not good")
    assert studio.sentence == "not good"
    assert studio.busy
    assert studio.trace is before
    desk.settle()
    assert studio.trace is not None
    assert studio.trace.text == "not good"
    assert not studio.busy


def test_typing_while_a_model_opens_goes_to_it_as_well(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    studio.open("next-word")
    opening = desk.take()
    studio.type("once upon a time")
    desk.answer()
    assert studio.trace.text == "once upon a time"  # type: ignore[union-attr]
    assert studio.document.source.name == "sentiment-lstm"  # type: ignore[union-attr]
    assert studio.busy
    studio.receive(reply_to(opening))
    desk.settle()
    assert studio.document.source.name == "next-word"  # type: ignore[union-attr]
    assert studio.trace.text == studio.sentence == "once upon a time"  # type: ignore[union-attr]


def test_typing_while_a_model_runs_its_first_sentence_goes_to_it(desk: Desk) -> None:
    studio = desk.studio
    studio.open("sentiment-lstm")
    desk.answer()
    overtaken = reply_to(desk.take())
    studio.type("not good")
    studio.receive(overtaken)  # it was on its way already
    assert studio.sentence == "not good"
    desk.settle()
    assert studio.trace is not None
    assert studio.trace.text == studio.sentence == "not good"


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_empty_text_keeps_the_last_trace_and_says_so(desk: Desk, text: str) -> None:
    studio = desk.open("sentiment-lstm")
    trace = studio.trace
    studio.type(text)
    assert desk.asked == []
    assert studio.trace is trace
    assert studio.sentence == text
    assert desk.said[-1].severity is Severity.INFO
    assert not studio.busy


def test_empty_text_before_the_first_trace_is_no_fault(desk: Desk) -> None:
    desk.studio.type("")
    assert desk.said == []


def test_a_text_that_cannot_be_run_leaves_the_trace(desk: Desk, lonely: ModelSource) -> None:
    desk.studio.tokenizer_wanted.connect(lambda source: desk.studio.open_with_tokenizer(source, None))
    studio = desk.open(lonely)
    trace = studio.trace
    desk.type("99999999")
    assert studio.trace is trace
    assert desk.said[-1].severity is Severity.ERROR
    assert not studio.busy


def test_stopping_gives_up_both_lanes_and_keeps_what_is_shown(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    document, trace = studio.document, studio.trace
    studio.open("next-word")
    late = reply_to(desk.take())
    studio.stop()
    assert desk.cancelled[-2:] == ["open", "trace"]
    assert not studio.busy
    studio.receive(late)
    assert desk.asked == []
    assert (studio.document, studio.trace) == (document, trace)
    assert desk.said == []


# Without a tokenizer -------------------------------------------------------------------------------------------


@pytest.fixture
def numbers(desk: Desk, lonely: ModelSource) -> Desk:
    """A desk with the model without tokenizer open, after one with; the person chose numbers."""
    desk.studio.tokenizer_wanted.connect(lambda source: desk.studio.open_with_tokenizer(source, None))
    desk.open("sentiment-rnn")
    desk.open(lonely)
    return desk


def test_the_person_is_asked_for_the_tokenizer_first(desk: Desk, lonely: ModelSource) -> None:
    wanted: list[ModelSource] = []
    desk.studio.tokenizer_wanted.connect(wanted.append)
    desk.open("sentiment-rnn")
    document = desk.studio.document
    desk.open(lonely)
    assert wanted == [lonely]
    assert desk.studio.document is document
    assert desk.studio.busy
    desk.studio.open_with_tokenizer(lonely, find("sentiment-lstm").tokenizer)
    desk.settle()
    assert desk.studio.document.source.path == lonely.path  # type: ignore[union-attr]
    assert desk.studio.sentence == SENTENCE


def test_an_answer_that_comes_after_another_model_was_chosen_is_passed_over(desk: Desk, lonely: ModelSource) -> None:
    desk.open(lonely)
    desk.open("sentiment-lstm")
    desk.studio.open_with_tokenizer(lonely, None)
    assert desk.asked == []
    assert desk.studio.document.source.name == "sentiment-lstm"  # type: ignore[union-attr]


def test_words_become_numbers_and_come_back(numbers: Desk, lonely: ModelSource) -> None:
    studio = numbers.studio
    assert studio.document.source == lonely  # type: ignore[union-attr]
    assert studio.sentence == "0 1 2 3 4 5 6 7"
    assert [token.id for token in studio.trace.tokens] == list(range(8))  # type: ignore[union-attr]
    numbers.type("5, 12 7")
    assert [token.id for token in studio.trace.tokens] == [5, 12, 7]  # type: ignore[union-attr]
    numbers.open("next-word")
    assert studio.sentence == SENTENCE
    assert studio.trace.text == SENTENCE  # type: ignore[union-attr]


def test_no_more_numbers_than_the_table_has_rows(desk: Desk, narrow: ModelSource) -> None:
    desk.studio.tokenizer_wanted.connect(lambda source: desk.studio.open_with_tokenizer(source, None))
    assert desk.open(ModelSource(narrow.path)).sentence == "0 1 2 3"


def test_words_are_answered_with_a_notice_and_stay(numbers: Desk) -> None:
    studio = numbers.studio
    trace = studio.trace
    studio.type("5 twelve 7")
    assert numbers.asked == []
    assert studio.trace is trace
    assert numbers.said[-1].severity is Severity.ERROR
    assert "5 twelve 7" in numbers.said[-1].text
    numbers.open("next-word")
    assert studio.sentence == "5 twelve 7"


def test_the_words_survive_a_model_that_does_not_run(numbers: Desk, narrow: ModelSource) -> None:
    numbers.open(narrow)
    assert numbers.studio.sentence == "0 1 2 3 4 5 6 7"
    numbers.open("next-word")
    assert numbers.studio.sentence == SENTENCE


def test_numbers_that_were_meant_as_words_stay(desk: Desk, lonely: ModelSource) -> None:
    desk.studio.tokenizer_wanted.connect(lambda source: desk.studio.open_with_tokenizer(source, None))
    desk.open("sentiment-rnn")
    desk.studio.open(lonely)
    desk.answer()
    desk.studio.receive(Failed(desk.take(), WorkerError("The process stopped.")))  # numbers were tried, not taken
    desk.type("1 2 3")
    desk.open("next-word")
    assert desk.studio.sentence == "1 2 3"


# Where the cursor lands ----------------------------------------------------------------------------------------


def test_the_first_look_is_inside_the_sentence(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    assert 0 < studio.cursor.token < len(studio.trace) - 1  # type: ignore[arg-type]
    assert studio.cursor.token == int(FIRST_LOOK * 7)  # eight words


def test_who_stands_at_the_end_follows_it(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    studio.cursor.move(token=7)
    desk.type(SENTENCE + " and big")
    assert studio.cursor.token == 9
    desk.type("not good")
    assert studio.cursor.token == 1


def test_who_stands_elsewhere_stays_as_far_as_the_sentence_goes(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    studio.cursor.move(token=3, unit=17)
    desk.type(SENTENCE + " and big")
    assert studio.cursor.place == Place(token=3, unit=17)
    desk.type("not good")
    assert studio.cursor.place == Place(token=1, unit=17)


def test_another_model_keeps_the_place(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    studio.cursor.move(token=2)
    desk.open("sentiment-rnn")
    assert studio.cursor.token == 2


@pytest.mark.parametrize(
    ("model", "layer", "head", "unit"), [("sentiment-lstm", 1, 0, 64), ("next-word", 12, 4, 128), ("words", 0, 0, 100)]
)
def test_the_cursor_goes_as_far_as_the_model(desk: Desk, model: str, layer: int, head: int, unit: int) -> None:
    bounds = desk.open(model).cursor.bounds
    assert bounds.token == len(desk.studio.trace)  # type: ignore[arg-type]
    assert (bounds.layer, bounds.head, bounds.unit) == (layer, head, unit)


# Replies that come late, notes, probes, names -------------------------------------------------------------------


def test_replies_of_a_model_that_is_no_longer_open_are_passed_over(desk: Desk) -> None:
    studio = desk.open("sentiment-rnn")
    ref = studio.document.opened.model  # type: ignore[union-attr]
    late = [
        reply_to(TraceRequest(ref, "too late")), reply_to(VectorsRequest(ref)), reply_to(NeighboursRequest(ref, (1,))),
    ]  # fmt: skip
    desk.open("sentiment-lstm")
    shown = (*desk.shown, studio.vectors)
    heard: list[str] = []
    for signal in (studio.trace_changed, studio.vectors_changed, studio.neighbours_changed, studio.sentence_changed):
        signal.connect(lambda: heard.append("changed"))
    for reply in late:
        assert not isinstance(reply, Failed)
        studio.receive(reply)
    assert (*desk.shown, studio.vectors) == shown
    assert heard == []


def test_vectors_are_asked_for_once_and_belong_to_the_model(desk: Desk) -> None:
    desk.studio.want_vectors()
    assert desk.asked == []
    studio = desk.open("sentiment-lstm")
    studio.want_vectors()
    assert desk.lanes() == ["vectors"]
    desk.settle()
    assert isinstance(studio.vectors, Vectors)
    assert len(studio.vectors.words) == len(studio.vectors.picture) == len(studio.document.vocabulary)  # type: ignore[union-attr]
    studio.want_vectors()
    assert desk.asked == []
    desk.open("sentiment-rnn")
    assert studio.vectors is None


def test_what_a_trace_leaves_out_is_a_warning(desk: Desk) -> None:
    desk.open("next-word")
    desk.said.clear()
    desk.type("dog " * 200)
    (notice,) = desk.said
    assert notice.severity is Severity.WARNING
    assert notice.text == desk.studio.trace.notes[0]  # type: ignore[union-attr]
    assert "128" in notice.text


def test_a_model_with_a_damaged_card_opens_and_its_fault_is_said(desk: Desk, tmp_path: Path) -> None:
    whole = find("toy-rnn")
    folder = tmp_path / "toy-rnn"
    folder.mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        (folder / name).write_bytes(whole.path.with_name(name).read_bytes())
    card = whole.path.with_name("card.toml").read_text(encoding="utf-8")
    (folder / "card.toml").write_text(card.replace("title =", "name ="), encoding="utf-8")
    studio = desk.open(ModelSource(folder / "model.onnx", folder / "tokenizer.json", "toy-rnn"))
    assert studio.trace is not None
    (notice,) = desk.said
    assert "card could not be read" in notice.text
    assert str(folder / "card.toml") in notice.text


def test_a_failure_of_the_neighbours_changes_nothing_else(desk: Desk) -> None:
    studio = desk.studio
    studio.open("sentiment-lstm")
    desk.answer()
    desk.answer()
    document, trace = studio.document, studio.trace
    studio.want_neighbours()
    studio.receive(Failed(desk.take(), WorkerError("The process stopped.", advice="Go on.", detail="signal 9")))
    assert (studio.document, studio.trace) == (document, trace)
    assert desk.said == [Notice(Severity.ERROR, "The process stopped.", "Go on.", "signal 9")]


def test_what_was_typed_while_a_model_failed_to_open_is_run_by_the_one_that_stays(
    desk: Desk, broken: ModelSource
) -> None:
    studio = desk.open("sentiment-lstm")
    studio.open(broken)
    studio.type("typed meanwhile")
    desk.settle()
    assert studio.trace is not None
    assert studio.trace.text == studio.sentence == "typed meanwhile"
    assert desk.said[-1].severity is Severity.ERROR  # said again: the trace took the first away
    desk.said.clear()
    desk.type("typed later")
    assert desk.said == []


def test_a_number_too_long_to_be_an_id_is_only_a_text(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    desk.type("9" * 5000)
    desk.open("sentiment-rnn")
    assert studio.trace is not None
    assert studio.trace.text == "9" * 5000


def test_a_probe_is_dropped_when_the_sentence_is_too_short_for_it(desk: Desk) -> None:
    studio = desk.open("sentiment-lstm")
    changes: list[Probe | None] = []
    studio.probe_changed.connect(lambda: changes.append(studio.probe))
    probe = Probe("lstm.0.forward.c", (5, 17))
    studio.point_at(probe)
    studio.point_at(Probe("lstm.0.forward.c", (5, 17)))
    assert changes == [probe]
    desk.type(SENTENCE + " and big")
    assert studio.probe == probe
    desk.type("not good")
    assert changes == [probe, None]


def test_classes_and_words_have_the_names_of_the_card_and_the_tokenizer(desk: Desk) -> None:
    document = desk.open("sentiment-lstm").document
    assert document is not None
    assert document.labels == ("negative", "positive")
    token = desk.studio.trace.tokens[1]  # type: ignore[union-attr]
    assert document.word(token.id) == "dog"
    assert document.word(-1) == "#-1"
    assert document.word(10**6) == "#1000000"


def test_classes_and_words_have_numbers_where_nobody_named_them(numbers: Desk) -> None:
    document = numbers.studio.document
    assert document is not None
    assert document.labels == ("class 0", "class 1")
    assert document.vocabulary == ()
    assert document.word(12) == "#12"


def test_a_model_of_words_has_no_classes(desk: Desk) -> None:
    assert desk.open("next-word").document.labels == ()  # type: ignore[union-attr]
