"""Marks in texts, and numbers nobody worked out."""

from __future__ import annotations

import pytest

from embstudio.lessons.prose import Span, read_prose


def test_marks_become_spans() -> None:
    prose = read_prose(
        "A **{left: percent}** of *dog*, {'GPT-2'}, {noted: 0.055}, [[forget gate|gates]], [[LSTM]], `w^13`"
    )
    (block,) = prose.blocks
    assert not prose.flaws
    kinds = [(span.kind, span.text, span.key) for span in block.spans if span.text.strip(" ,") or span.key]
    assert kinds == [
        ("text", "A ", ""), ("claim", "", "left"), ("text", " of ", ""), ("text", "dog", ""), ("literal", "GPT-2", ""),
        ("noted", "0.055", ""), ("term", "gates", "forget gate"), ("term", "LSTM", "LSTM"), ("code", "w^13", ""),
    ]  # fmt: skip
    assert block.spans[1] == Span("claim", "", "left", "percent", strong=True)
    assert next(span for span in block.spans if span.text == "dog").emphasis
    assert prose.terms == ("forget gate", "LSTM")


def test_paragraphs_points_and_quotations() -> None:
    prose = read_prose("One\nline.\n\n- a\n- b\n  goes on\n\n> said\n\nEnd")
    assert [(block.kind, block.spans[0].text) for block in prose.blocks] == [
        ("paragraph", "One line."), ("point", "a"), ("point", "b goes on"), ("quote", "said"), ("paragraph", "End"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("about 0.8 of it", "0.8"), ("in 2014.", "2014"), ("GPT-2 says", "2"), ("12th", "12th"), ("50%", "50%"),
        ("**3** times", "3"), ("*4*", "4"),
    ],
)  # fmt: skip
def test_a_number_in_the_text_is_a_flaw(text: str, fragment: str) -> None:
    (flaw,) = read_prose(text).flaws
    assert flaw.fragment == fragment
    assert "by hand" in flaw.what


@pytest.mark.parametrize("text", ["{left", "left}", "{}", "{'open}", "`code", "[[term", "{a b}", "**strong"])
def test_a_mark_that_is_not_closed_is_a_flaw(text: str) -> None:
    assert read_prose(text).flaws


def test_products_and_apostrophes_are_no_marks() -> None:
    prose = read_prose("a * b * c, don't")
    assert not prose.flaws
    assert prose.blocks[0].spans == (Span("text", "a * b * c, don't"),)
