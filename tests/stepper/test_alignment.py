"""Alignment by characters: what each cover must be, told by looking at single characters."""

from __future__ import annotations

import random
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest

from embstudio.modelfile.catalogue import find
from embstudio.modelfile.tokenizer import Tokenizer
from embstudio.modelfile.tokenizing.search import find_and_open
from embstudio.stepper.alignment import Alignment, Cover, Standing
from embstudio.stepper.common_columns import common_columns
from embstudio.stepper.reading import Reading
from embstudio.trace.token import Token

TEXTS = (
    "I expected to hate it but loved it",
    "  The film's plot… wasn't (really) good,\nbut 3,14159 people cried! ",
    "naïve café 🙂🙂 日本語 Straße",
    "a",
    "zzyzx unhappiest unbelievably antidisestablishmentarianism",
)
ZOO = ("st-mean-norm", "st-weightedmean-norm", "opt-past-gpt2", "opt-past-llama", "genai-phi3-fp32")


@lru_cache(maxsize=16)
def tokenizer_of(path: Path) -> Tokenizer:
    found = find_and_open(path.with_name("model.onnx"), path)
    assert found is not None
    return found


def tokenizers(zoo: Path) -> list[Tokenizer]:
    """Words, byte pairs with and without a space before them, pieces, word pieces in a frame."""
    paths = [find(name).path.with_name("tokenizer.json") for name in ("sentiment-lstm", "next-word")]
    return [tokenizer_of(path) for path in (*paths, *(zoo / "_deployed" / name / "tokenizer.json" for name in ZOO))]


def word(text: str, whole: str, *, start: int = 0) -> Token:
    at = whole.index(text, start)
    return Token(text.strip(), text, 1, (at, at + len(text)))


def special(text: str) -> Token:
    return Token(text, text, 2, None, special=True)


def test_a_word_covers_its_parts_and_its_parts_the_word() -> None:
    text = "so unhappy now"
    words = Reading.of([word(each, text) for each in ("so", "unhappy", "now")], text)
    parts = Reading.of([word(each, text) for each in ("so", " un", "happ", "y", " now")], text)
    there, back = Alignment(words, parts), Alignment(parts, words)
    assert [there.of(place).places for place in range(3)] == [(0,), (1, 2, 3), (4,)]
    assert [back.of(place).places for place in range(5)] == [(0,), (1,), (1,), (1,), (2,)]
    assert {back.of(place).standing for place in range(5)} == {Standing.SAME}


def test_special_tokens_meet_special_tokens_or_what_was_read_last() -> None:
    text = "not good"
    own = [word("not", text), word("good", text)]
    framed = Reading.of([special("[CLS]"), *own, special("[SEP]")], text)
    bare = Reading.of(own, text)
    other = Reading.of([special("<s>"), special("<en>"), *own, special("</s>")], text)
    assert Alignment(framed, bare).of(0) == Cover((), Standing.NOTHING)
    assert Alignment(framed, bare).of(3) == Cover((1,), Standing.BEFORE)
    assert Alignment(framed, other).of(0) == Cover((0, 1), Standing.SAME)
    assert Alignment(framed, other).of(3) == Cover((4,), Standing.SAME)


def test_bytes_of_one_character_belong_to_it_together() -> None:
    text = "a 🙂 b"
    at = text.index("🙂")
    parts = [Token(f"🙂[{turn}/3]", "", turn, (at, at + 1)) for turn in (1, 2, 3)]
    bytes_ = Reading.of([word("a", text), *parts, word("b", text)], text)
    whole = Reading.of([word(each, text) for each in ("a", "🙂", "b")], text)
    assert Alignment(whole, bytes_).of(1).places == (1, 2, 3)
    assert [Alignment(bytes_, whole).of(place).places for place in range(5)] == [(0,), (1,), (1,), (1,), (2,)]
    columns = common_columns([whole, bytes_], [[10, 10, 10], [10, 10, 10, 10, 10]])
    assert columns[0][1] == (columns[1][1][0], columns[1][3][1]) == (10, 40)


def test_white_space_that_only_one_has_is_what_the_other_read_last() -> None:
    text = "good\n\nfilm"
    with_lines = Reading.of([word("good", text), Token("⏎⏎", "\n\n", 3, (4, 6)), word("film", text)], text)
    without = Reading.of([word("good", text), word("film", text)], text)
    assert Alignment(with_lines, without).of(1) == Cover((0,), Standing.BEFORE)
    assert Alignment(without, with_lines).of(1) == Cover((2,), Standing.SAME)


def test_two_texts_are_told_apart() -> None:
    first, second = "good film", "good"
    a = [word("good", first), word("film", first)]
    b = Token("good", "good", 1, (0, 4), segment=1)
    bert = Reading.of([special("[CLS]"), *a, special("[SEP]"), b, special("[SEP]")], first, second)
    plain = Token("good", "good", 1, (0, 4))
    roberta = Reading.of(
        [special("<s>"), *a, special("</s>"), special("</s>"), plain, special("</s>")], first, second
    )  # fmt: skip
    there = Alignment(bert, roberta)
    assert [there.of(place).places for place in range(6)] == [(0,), (1,), (2,), (3,), (5,), (6,)]
    assert bert.spans[4] == roberta.spans[5] == (len(first) + 1, len(first) + 1 + len(second))


def test_outside_the_window_nothing_is_read() -> None:
    text = "one two three four"
    words = [word(each, text) for each in text.split()]
    whole = Reading.of(words, text)
    part = Reading.of([special("[CLS]"), *words[1:3], special("[SEP]")], text, cut=True)
    there = Alignment(whole, part)
    assert [there.of(place).standing for place in range(4)] == [
        Standing.OUTSIDE, Standing.SAME, Standing.SAME, Standing.OUTSIDE,
    ]  # fmt: skip


def test_tokens_run_as_ids_are_found_in_the_text() -> None:
    text = "Some Body walking [MASK]"
    bare = [Token(each, each, 1) for each in ("Some", "Body", "walk", "##ing")]
    reading = Reading.of([special("[CLS]"), *bare, special("[MASK]"), special("[SEP]")], text)
    assert reading.spans == (None, (0, 4), (5, 9), (10, 14), (14, 17), (18, 24), None)


def test_numbers_stand_by_their_place() -> None:
    one, other = (Reading.of([Token(f"#{id_}", f"#{id_}", id_) for id_ in (5, 12, 7)], "5 12 7") for _ in range(2))
    assert one.numbered
    assert [Alignment(one, other).of(place).places for place in range(3)] == [(0,), (1,), (2,)]


@pytest.mark.zoo
@pytest.mark.parametrize("text", TEXTS)
def test_every_cover_is_what_its_characters_say(zoo: Path, text: str) -> None:
    readings = [Reading.of(each.encode(text), text) for each in tokenizers(zoo)]
    for ours in readings:
        for theirs in readings:
            there = Alignment(ours, theirs)
            for token, span in enumerate(ours.spans):
                cover = there.of(token)
                assert list(cover.places) == sorted(set(cover.places))
                if span is None:
                    continue
                touching = tuple(
                    place for place, other in enumerate(theirs.spans)
                    if other and any(other[0] <= character < other[1] for character in range(*span))
                )  # fmt: skip
                if touching:
                    assert cover == Cover(touching, Standing.SAME)
                else:
                    assert cover.standing in (Standing.BEFORE, Standing.NOTHING)
                    assert len(cover.places) <= 1
                    for place in cover.places:
                        assert theirs.spans[place][1] <= span[0]  # type: ignore[index]
            if ours is theirs:
                assert all(token in there.of(token).places for token in range(len(ours.tokens)))


@pytest.mark.zoo
@pytest.mark.parametrize("text", TEXTS)
def test_columns_line_up(zoo: Path, text: str) -> None:
    draw = random.Random(0)
    readings = [Reading.of(each.encode(text), text) for each in tokenizers(zoo)]
    widths = [[draw.uniform(8, 60) for _ in reading.tokens] for reading in readings]
    columns = common_columns(readings, widths)
    sides: dict[tuple[int, int], set[tuple[float, float]]] = {}
    for reading, own, needs in zip(readings, columns, widths, strict=True):
        assert all(right - left >= need - 1e-9 for (left, right), need in zip(own, needs, strict=True))
        assert all(after[0] >= before[1] - 1e-9 for before, after in pairwise(own))
        spans = [span for span in reading.spans if span]
        for span, side in zip(reading.spans, own, strict=True):
            if span and spans.count(span) == 1:
                sides.setdefault(span, set()).add(side)
    assert all(len(found) == 1 for found in sides.values())
    assert min(left for own in columns for left, _ in own) == 0


def test_a_long_text_is_laid_out_at_once() -> None:
    text = "word " * 3000
    tokens = [Token("word", "word", 1, (5 * at, 5 * at + 4)) for at in range(3000)]
    reading = Reading.of(tokens, text)
    columns = common_columns([reading] * 3, [[40.0] * 3000] * 3)
    assert columns[0][-1] == (40.0 * 2999, 40.0 * 3000)
