"""Replacements as they are written: read, written back, and refused at the character where they go wrong."""

from __future__ import annotations

import pytest

from embstudio.base.errors import InputError
from embstudio.session.replacement import Replacement, say_replacements
from embstudio.session.replacement_grammar import parse_replacement


@pytest.mark.parametrize(
    ("text", "replacement"),
    [
        ("lstm.0.forward.f[17]@3:=1.0", Replacement("lstm.0.forward.f", (17,), 3, 4, "set", 1.0)),
        ("lstm.0.forward.f:=1", Replacement("lstm.0.forward.f", None, 0, None, "set", 1.0)),
        ("gru.0.reverse.h[0-2,12]@4..*=.5", Replacement("gru.0.reverse.h", (0, 1, 2, 12), 4, None, "scale", 0.5)),
        ("lstm.1.forward.c@2..5+=-1e-3", Replacement("lstm.1.forward.c", None, 2, 6, "add", -0.001)),
        ("rnn.0.forward.a[3]@..4:=-2.", Replacement("rnn.0.forward.a", (3,), 0, 5, "set", -2.0)),
        ("rnn.0.forward.h@0:=0", Replacement("rnn.0.forward.h", None, 0, 1, "set", 0.0)),
    ],
)
def test_what_is_written_is_read(text: str, replacement: Replacement) -> None:
    assert parse_replacement(text) == replacement
    assert parse_replacement(str(replacement)) == replacement


@pytest.mark.parametrize(
    ("text", "character", "words"),
    [
        ("", 1, "the name of a point"),
        ("logits:=1", 1, "no gate or state"),
        ("lstm.0.forward.q:=1", 1, "no gate or state"),
        ("blocks.0.attn.pattern:=1", 1, "no gate or state"),
        ("lstm.0.forward.f", 17, "expected :=, "),
        ("lstm.0.forward.f=1", 17, "expected :=, "),
        ("lstm.0.forward.f[:=1", 18, "expected units"),
        ("lstm.0.forward.f[3:=1", 19, "expected ]"),
        ("lstm.0.forward.f[5-3]:=1", 18, "no range of units"),
        ("lstm.0.forward.f[0-99999999]:=1", 18, "no range of units"),
        ("lstm.0.forward.f[1]@:=1", 21, "expected a token"),
        ("lstm.0.forward.f@..:=1", 18, "expected a token"),
        ("lstm.0.forward.f@5..2:=1", 18, "the last token comes before"),
        ("lstm.0.forward.f@-1:=1", 18, "expected a token"),
        ("lstm.0.forward.f@3:=one", 21, "expected a number"),
        ("lstm.0.forward.f@3:=nan", 21, "expected a number"),
        ("lstm.0.forward.f@3:=1e999", 21, "too large"),
        ("lstm.0.forward.f@3:=1 2", 22, "nothing more"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_goes_wrong(text: str, character: int, words: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_replacement(text)
    assert words in raised.value.what
    assert f"at character {character}." in raised.value.what
    assert raised.value.where == text


def test_no_replacements_need_no_sentence() -> None:
    assert say_replacements(()) == ""
