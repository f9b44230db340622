"""Writing on token by token, masks, and the look through the layers: the studio over the real session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import LensRequest, TraceRequest
from embstudio.stepper.layers import looked_for
from embstudio.stepper.prediction import next_words
from embstudio.studio import Studio
from tests.test_studio_with_models import Desk

STORY = "Once upon a time there was a"


@pytest.fixture
def desk() -> Desk:
    desk = Desk(STORY)
    desk.open("next-word")
    return desk


def ids(studio: Studio) -> list[int]:
    return [token.id for token in studio.trace.tokens]  # type: ignore[union-attr]


def likeliest(studio: Studio) -> int:
    trace = studio.trace
    assert trace is not None
    return next_words(trace, len(trace) - 1, 1)[0].id


def test_what_is_appended_is_that_token_and_the_cursor_is_on_it(desk: Desk) -> None:
    studio = desk.studio
    for _ in range(12):
        before, id_ = ids(studio), likeliest(studio)
        studio.writer.append(id_)
        desk.settle()
        assert ids(studio) == [*before, id_]
        assert studio.cursor.token == len(before)
        assert studio.sentence == studio.trace.text  # type: ignore[union-attr]
    assert studio.sentence.startswith(STORY + " ")
    assert not desk.said


def test_undo_takes_back_one_token_at_a_time(desk: Desk) -> None:
    studio = desk.studio
    assert not studio.writer.can_undo
    shown = []
    for _ in range(3):
        shown.append((studio.sentence, ids(studio)))
        studio.writer.append(likeliest(studio))
        desk.settle()
    while studio.writer.can_undo:
        studio.writer.undo()
        desk.settle()
        assert (studio.sentence, ids(studio)) == shown.pop()
        assert studio.cursor.token == len(ids(studio)) - 1
    assert not shown
    assert studio.sentence == STORY


def test_tokens_that_text_would_join_are_run_as_they_are(desk: Desk) -> None:
    studio = desk.studio
    document = studio.document
    assert document is not None
    # A vocabulary entry cut in two: written one after the other they would be read as the whole.
    words = {word: id_ for id_, word in enumerate(document.vocabulary)}
    whole = next(
        word for word in document.vocabulary
        if len(word) > 4 and word.startswith(" ") and word[:3] in words and word[3:] in words
    )  # fmt: skip
    before = ids(studio)
    for part in (whole[:3], whole[3:]):
        studio.writer.append(words[part])
        desk.settle()
    assert ids(studio) == [*before, words[whole[:3]], words[whole[3:]]]
    assert studio.sentence == STORY + whole
    assert "run as they are" in desk.said[-1].text
    said = len(desk.said)
    studio.writer.append(likeliest(studio))  # it goes on from the tokens, and says so once
    desk.settle()
    assert len(ids(studio)) == len(before) + 3
    assert len(desk.said) == said
    desk.type(studio.sentence)
    assert words[whole] in ids(studio)
    assert not studio.writer.can_undo


def test_typing_over_what_is_being_written_counts(desk: Desk) -> None:
    studio = desk.studio
    studio.writer.append(likeliest(studio))
    studio.type("The end")
    desk.settle()
    assert studio.trace.text == studio.sentence == "The end"  # type: ignore[union-attr]
    assert not studio.writer.can_undo


def test_a_token_in_the_place_of_the_current_one(desk: Desk) -> None:
    studio = desk.studio
    studio.cursor.move(token=3)
    before = ids(studio)
    other = next(
        id_ for id_, word in enumerate(studio.document.vocabulary) if word == " day"  # type: ignore[union-attr]
    )  # fmt: skip
    studio.writer.put(other)
    desk.settle()
    assert ids(studio) == [*before[:3], other, *before[4:]]
    assert studio.cursor.token == 3
    assert studio.writer.hidden == {}
    studio.writer.undo()
    desk.settle()
    assert ids(studio) == before


def test_a_token_that_does_not_fit_any_more_changes_nothing(desk: Desk) -> None:
    studio = desk.studio
    before = ids(studio)
    studio.writer.append(10**6)
    desk.settle()
    assert ids(studio) == before
    assert studio.sentence == STORY
    assert not studio.writer.can_undo


def test_a_look_through_the_layers_is_asked_once(desk: Desk) -> None:
    studio = desk.studio
    trace = studio.trace
    assert trace is not None
    studio.lenses.want("", 3)
    studio.lenses.want("", 3)
    assert desk.lanes() == ["lens"]
    assert studio.lenses.of("", 3) is None
    desk.settle()
    lens, look = studio.lenses.of("", 3), looked_for(trace, "", 3)
    assert lens is not None
    assert look is not None
    assert lens.words == look.words
    assert lens.ids.shape[0] == len(look.shown)
    last = max(place for place, stage in enumerate(look.shown) if stage.point.endswith("resid_post"))
    assert lens.ranks[last, 0] == 1
    assert studio.lenses.of("", 4) is None
    studio.lenses.want("", 4)
    (request, _lane) = desk.asked[0]
    assert isinstance(request, LensRequest)
    np.testing.assert_array_equal(request.vectors, looked_for(trace, "", 4).vectors)  # type: ignore[union-attr]


def test_a_look_at_a_sentence_that_is_gone_is_not_shown(desk: Desk) -> None:
    studio = desk.studio
    studio.lenses.want("", 3)
    late = desk.asked.pop()
    desk.type("The end of it all")
    desk.asked.append(late)
    desk.settle()
    assert studio.lenses.of("", 3) is None


def test_feeds_are_no_sentence_to_write_on() -> None:
    desk = Desk(STORY)
    studio = desk.open("next-word")
    assert studio.writer.writable
    studio.ran = TraceRequest(studio.document.opened.model, feeds={})  # type: ignore[union-attr]
    assert not studio.writer.writable
    studio.writer.append(3)
    assert not desk.asked


@pytest.mark.zoo
def test_an_encoder_decoder_writes_the_decoder_s_text(zoo: Path) -> None:
    desk = Desk("5 6 7 8")
    studio = desk.studio
    studio.tokenizer_wanted.connect(lambda source: studio.open_with_tokenizer(source, None))
    desk.open(ModelSource(zoo / "t5-full-ts-sdpa" / "model.onnx"))
    trace = studio.trace
    assert trace is not None
    source, target = trace.tokens, [token.id for token in trace.target]
    for _ in range(6):  # further than the source is long
        assert studio.trace is not None
        id_ = next_words(studio.trace, len(studio.trace.target) - 1, 1)[0].id
        studio.writer.append(id_)
        desk.settle()
        target.append(id_)
        assert [token.id for token in studio.trace.target] == target
        assert studio.trace.tokens == source
        assert studio.second == " ".join(map(str, target))
    while studio.writer.can_undo:
        studio.writer.undo()
        desk.settle()
    assert studio.second == ""
    assert len(studio.trace.target) == 1  # type: ignore[union-attr]


def test_a_sentence_beside_another_is_not_written_on(desk: Desk) -> None:
    studio = desk.studio
    studio.ran = replace(studio.ran, second="And so on.")  # type: ignore[type-var]
    assert not studio.writer.writable


def test_a_vocabulary_without_a_mask_says_so(desk: Desk) -> None:
    before = ids(desk.studio)
    desk.studio.writer.mask()
    assert not desk.asked
    assert ids(desk.studio) == before
    assert "no token that stands for a masked word" in desk.said[-1].text


def test_a_story_goes_on_behind_its_own_end(desk: Desk) -> None:
    studio = desk.studio
    document = studio.document
    assert document is not None
    end = document.vocabulary.index("<|endoftext|>")
    before = ids(studio)
    for id_ in (end, likeliest(studio)):
        studio.writer.append(id_)
        desk.settle()
    assert ids(studio)[:-1] == [*before, end]
    assert len(ids(studio)) == len(before) + 2
    assert studio.cursor.token == len(before) + 1
