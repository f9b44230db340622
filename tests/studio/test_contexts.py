"""A word in several sentences, asked for in slices: kept, given up, gone on with; and trips to a sentence and back."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from embstudio.base.errors import WorkerError
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import (
    ContextsRequest,
    Failed,
    LensRequest,
    ModelRef,
    OpenRequest,
    Reply,
    Request,
    Traced,
    TraceRequest,
)
from embstudio.session.runner import Runner
from embstudio.studio import Studio
from embstudio.studio.context_table import centred, read, table_of
from embstudio.studio.contexts import LANE, NEAR_LANE

RIVER = "They sat on the bank of the river."
MONEY = "She put her money in the bank."
TWICE = "The Bank is not the bank of a river."
LANES = (LANE, NEAR_LANE, "open", "trace")


@lru_cache(maxsize=4)
def runner(model: ModelRef) -> Runner:
    return Runner.open(model)


class Desk:
    """A studio whose requests wait, one a lane; of sentences, one is read at a time."""

    def __init__(self, model: str = "masked-word") -> None:
        self.waiting: dict[str, Request] = {}
        self.changes = 0
        self.studio = Studio(self._keep, lambda lane: self.waiting.pop(lane, None))
        self.studio.contexts.changed.connect(self._count)
        self.studio.sentence = "The dog was cute"
        self.open(model)

    def open(self, model: str) -> None:
        self.studio.open(find(model))
        self.answer("open")
        self.answer("trace")

    def _keep(self, request: Request, lane: str) -> None:
        self.waiting[lane] = request

    def _count(self) -> None:
        self.changes += 1

    def reply_to(self, request: Request) -> Reply:
        there = runner(request.model)
        match request:
            case OpenRequest():
                return there.opened
            case TraceRequest():
                return Traced(request.model, request.text, there.trace(request), request)
            case ContextsRequest():
                return there.contexts(replace(request, sentences=request.sentences[:1]))
            case LensRequest():
                return there.lens(request)
        raise AssertionError(request)

    def answer(self, lane: str = LANE) -> None:
        self.studio.receive(self.reply_to(self.waiting.pop(lane)))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_one_sentence_after_the_other(desk: Desk) -> None:
    contexts = desk.studio.contexts
    contexts.ask(" bank ", [RIVER, MONEY, RIVER])
    assert contexts.sentences == (RIVER, MONEY)
    assert contexts.lacking == (RIVER, MONEY)
    assert contexts.running
    desk.answer()
    found = contexts.found(RIVER)
    assert found is not None
    assert len(found.occurrences) == 1
    assert contexts.found(MONEY) is None
    assert contexts.lacking == (MONEY,)
    desk.answer()
    assert not contexts.running
    assert LANE not in desk.waiting
    assert desk.changes >= 3


def test_a_further_sentence_costs_one_run(desk: Desk) -> None:
    contexts = desk.studio.contexts
    contexts.ask("bank", [RIVER])
    desk.answer()
    contexts.ask("bank", [MONEY, RIVER])
    asked = desk.waiting[LANE]
    assert isinstance(asked, ContextsRequest)
    assert asked.sentences == (MONEY,)
    contexts.ask("river", [RIVER])  # another word is another question
    asked = desk.waiting[LANE]
    assert isinstance(asked, ContextsRequest)
    assert (asked.word, asked.sentences) == ("river", (RIVER,))
    contexts.ask("bank", [RIVER])
    assert not contexts.running
    assert LANE not in desk.waiting


def test_whether_it_looks_ahead_is_asked_once(desk: Desk) -> None:
    contexts = desk.studio.contexts
    assert contexts.looks_ahead is None
    contexts.ask("bank", [MONEY, RIVER, TWICE])
    desk.answer()
    assert contexts.looks_ahead is None  # nothing stands after the word
    asked = desk.waiting[LANE]
    assert isinstance(asked, ContextsRequest)
    assert asked.order
    desk.answer()
    assert contexts.looks_ahead is True
    asked = desk.waiting[LANE]
    assert isinstance(asked, ContextsRequest)
    assert not asked.order
    desk.open("next-word")
    assert contexts.looks_ahead is None
    contexts.ask("bank", [RIVER])
    desk.answer()
    assert contexts.looks_ahead is False


def test_a_late_answer_to_another_question_is_passed_over(desk: Desk) -> None:
    contexts = desk.studio.contexts
    contexts.ask("bank", [RIVER])
    late = desk.reply_to(desk.waiting[LANE])
    contexts.ask("river", [RIVER])
    desk.studio.receive(late)
    assert contexts.found(RIVER) is None
    desk.answer()
    assert contexts.found(RIVER) is not None


def test_stopping_keeps_what_is_there_and_going_on_reads_the_rest(desk: Desk) -> None:
    contexts = desk.studio.contexts
    contexts.ask("bank", [RIVER, MONEY, TWICE])
    desk.answer()
    contexts.stop()
    assert LANE not in desk.waiting
    assert not contexts.running
    assert contexts.stopped
    assert contexts.found(RIVER) is not None
    contexts.go_on()
    desk.answer()
    desk.answer()
    assert contexts.lacking == ()


def test_the_sentence_that_is_typed_goes_first(desk: Desk) -> None:
    contexts = desk.studio.contexts
    contexts.ask("bank", [RIVER, MONEY])
    desk.studio.type("Another one")
    assert LANE not in desk.waiting
    desk.answer("trace")
    assert LANE in desk.waiting
    desk.answer()
    assert contexts.found(RIVER) is not None


def test_another_model_is_asked_anew(desk: Desk) -> None:
    contexts = desk.studio.contexts
    contexts.ask("bank", [RIVER])
    desk.answer()
    width = contexts.found(RIVER).vectors[0].shape[1]  # type: ignore[union-attr]
    desk.open("sentiment-lstm")
    assert contexts.found(RIVER) is None
    desk.answer()
    found = contexts.found(RIVER)
    assert found is not None
    assert found.vectors[0].shape[1] != width
    assert contexts.recurrent


def test_what_fails_is_kept_and_not_asked_again(desk: Desk) -> None:
    contexts = desk.studio.contexts
    contexts.ask("bank", [RIVER])
    error = WorkerError("Something broke.")
    desk.studio.receive(Failed(desk.waiting.pop(LANE), error))
    assert contexts.problem is error
    assert not contexts.running
    assert LANE not in desk.waiting
    contexts.ask("bank", [RIVER])
    desk.answer()
    assert contexts.problem is None


def test_nearest_words_are_those_of_the_layers_panel(desk: Desk) -> None:
    contexts = desk.studio.contexts
    contexts.ask("bank", [RIVER])
    desk.answer()
    found = contexts.found(RIVER)
    assert found is not None
    assert found.static is not None
    contexts.want_nearest(np.stack([found.static[0], *(vectors[0] for vectors in found.vectors)]))
    assert not contexts.has_nearest
    desk.answer(NEAR_LANE)
    table = runner(desk.studio.document.opened.model).table  # type: ignore[union-attr]
    rows = table.vectors.astype(np.float64)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    for place, vector in enumerate([found.static[0], *(vectors[0] for vectors in found.vectors)]):
        cosines = unit @ (vector / np.linalg.norm(vector)).astype(np.float64)
        near = contexts.nearest(place)
        np.testing.assert_allclose([cosine for _row, cosine in near], np.sort(cosines)[::-1][: len(near)], atol=1e-5)
    assert table.words[contexts.nearest(0)[0][0]].strip() == "bank"
    assert desk.studio.lenses.of("", 0) is None  # the panel's own answer is another


def test_why_there_are_no_nearest_words_is_kept_until_others_are_wanted(desk: Desk) -> None:
    contexts, told = desk.studio.contexts, []
    contexts.nearest_changed.connect(lambda: told.append(contexts.near_problem))
    contexts.want_nearest(np.ones((2, 4), np.float32))
    before = desk.waiting[NEAR_LANE]
    contexts.want_nearest(np.ones((1, 4), np.float32))
    error = WorkerError("Something broke.")
    desk.studio.receive(Failed(before, error))  # nobody waits for it any more
    assert told == []
    desk.studio.receive(Failed(desk.waiting.pop(NEAR_LANE), error))
    assert told == [error]
    assert not contexts.has_nearest
    contexts.want_nearest(np.ones((1, 4), np.float32))
    assert contexts.near_problem is None


# What is shown of it ------------------------------------------------------------------------------------------------


def all_of(desk: Desk, *rows: tuple[str, str]) -> None:
    desk.studio.contexts.ask("bank", [sentence for _group, sentence in rows])
    while desk.studio.contexts.running:
        desk.answer()


ROWS = (("river", RIVER), ("money", MONEY), ("", TWICE), ("", "No such thing."))


def test_a_table_holds_every_occurrence_at_every_layer(desk: Desk) -> None:
    all_of(desk, *ROWS)
    table = table_of(desk.studio.contexts, ROWS)
    assert table is not None
    assert [point.label for point in table.points] == ["1", "2", "3a", "3b"]
    assert table.groups == ("river", "money", "", "")
    assert table.stages[0] is None
    assert len(table.layers) == len(table.stages) == 1 + len(desk.studio.contexts.stages)
    assert [len(static.owners) for static in table.statics] == [3, 1]  # ‘Bank’ is two tokens to it
    model = desk.studio.document.opened.model  # type: ignore[union-attr]
    traces = [runner(model).trace(TraceRequest(model, text=sentence)) for _group, sentence in ROWS]
    last = table.stages[-2]
    assert last is not None
    tokens = np.concatenate([trace[last.points[0]].values.astype(np.float64) for trace in traces])
    layer = table.layers[-2]
    np.testing.assert_allclose(layer.mean, tokens.mean(axis=0), atol=1e-9)
    u = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
    every = u @ u.T
    off = every[~np.eye(len(u), dtype=bool)]
    assert layer.any_two == pytest.approx(off.mean(), abs=1e-9)
    expected = np.stack([traces[0][last.points[0]].values[4], traces[1][last.points[0]].values[6]])
    np.testing.assert_allclose(layer.vectors[:2], expected, rtol=1e-6)


def test_numbers_of_a_layer_are_those_of_its_vectors(desk: Desk) -> None:
    all_of(desk, *ROWS)
    plain = table_of(desk.studio.contexts, ROWS)
    assert plain is not None
    for table in (plain, centred(plain)):
        reading = read(table)
        for layer, numbers in zip(table.layers, reading.layers, strict=True):
            x = layer.vectors
            expected = x @ x.T / np.outer(np.linalg.norm(x, axis=1), np.linalg.norm(x, axis=1))
            np.testing.assert_allclose(numbers.matrix, expected, atol=1e-9)
            assert numbers.pairs.across == pytest.approx(expected[0, 1])
            assert numbers.places.shape == (4, 2)
        assert table.static is not None
        own = [
            a @ b / np.linalg.norm(a) / np.linalg.norm(b)
            for a, b in zip(table.layers[-1].vectors, table.static, strict=True)
        ]
        assert reading.layers[-1].to_static == pytest.approx(np.mean(own))
        assert reading.layers[0].to_static == pytest.approx(1)  # before the first layer it is the static one
        np.testing.assert_allclose(reading.layers[0].places[0], reading.layers[-1].static_places[0], atol=1e-9)


def test_centring_lowers_what_all_tokens_share(desk: Desk) -> None:
    all_of(desk, *ROWS)
    plain = table_of(desk.studio.contexts, ROWS)
    assert plain is not None
    less = centred(plain)
    assert less.centred
    np.testing.assert_allclose(less.layers[3].vectors, plain.layers[3].vectors - plain.layers[3].mean)


def test_states_of_a_recurrent_model_have_a_plane_of_their_own(desk: Desk) -> None:
    desk.open("sentiment-lstm")
    all_of(desk, *ROWS)
    table = table_of(desk.studio.contexts, ROWS)
    assert table is not None
    assert table.static is None
    assert not table.shared_axes
    assert len(read(table).layers) == len(desk.studio.document.opened.anatomy.recurrent)  # type: ignore[union-attr]


def test_without_an_occurrence_there_is_no_table(desk: Desk) -> None:
    all_of(desk, ("", "No such thing."))
    assert table_of(desk.studio.contexts, [("", "No such thing.")]) is None


# Trips ----------------------------------------------------------------------------------------------------------------


def test_a_sentence_is_opened_at_the_word_and_left_again(desk: Desk) -> None:
    studio = desk.studio
    studio.cursor.move(token=1)
    studio.trips.open(MONEY, MONEY.index("bank"))
    desk.answer("trace")
    assert studio.sentence == MONEY
    assert studio.trace is not None
    assert studio.trace.tokens[studio.cursor.token].text == "bank"
    studio.trips.open(RIVER, RIVER.index("bank"))
    desk.answer("trace")
    assert studio.trips.before == "The dog was cute"
    studio.trips.back()
    desk.answer("trace")
    assert studio.sentence == "The dog was cute"
    assert studio.cursor.token == 1
    assert studio.trips.before == ""


def test_what_one_types_oneself_is_no_trip_any_more(desk: Desk) -> None:
    studio = desk.studio
    studio.trips.open(MONEY, 0)
    desk.answer("trace")
    studio.type("My own sentence")
    assert studio.trips.before == ""
    desk.answer("trace")
    studio.trips.back()
    assert studio.sentence == "My own sentence"


def test_a_trip_within_the_sentence_only_moves_the_cursor(desk: Desk) -> None:
    studio = desk.studio
    studio.trips.open("The dog was cute", 4)
    assert "trace" not in desk.waiting
    assert studio.trace is not None
    assert studio.trace.tokens[studio.cursor.token].text == "dog"
    assert studio.trips.before == ""
