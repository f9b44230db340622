"""The rules on kinds: what goes together is let through, what does not is refused with its place."""

from __future__ import annotations

import pytest

from embstudio.stepper.watch.check import check, check_condition, check_watch
from embstudio.stepper.watch.expression_error import ExpressionError
from embstudio.stepper.watch.kinds import Kind
from embstudio.stepper.watch.parser import parse


@pytest.mark.parametrize(
    ("text", "kind", "axis"),
    [
        ("lstm.0.forward.f", Kind.NUMBER, "unit"),
        ("lstm.0.forward.f.mean", Kind.NUMBER, ""),
        ("lstm.0.forward.f < 0.5", Kind.TRUTH, "unit"),
        ("(lstm.0.forward.f < 0.5).mean", Kind.NUMBER, ""),
        ("(lstm.0.forward.f < 0.5).any", Kind.TRUTH, ""),
        ("change(lstm.0.forward.c).norm", Kind.NUMBER, ""),
        ("flips(lstm.0.forward.c).count", Kind.NUMBER, ""),
        ("blocks.1.attn.pattern", Kind.NUMBER, "key"),
        ("blocks.1.attn.pattern[2]", Kind.NUMBER, "key"),
        ('blocks.1.attn.pattern[2, "dog"]', Kind.NUMBER, ""),
        ("blocks.1.attn.pattern[2, position - 1]", Kind.NUMBER, ""),
        ("blocks.1.attn.q[0]", Kind.NUMBER, "d_head"),
        ("blocks.1.attn.pattern[0:1].max", None, ""),
        ('class == "positive"', Kind.TRUTH, ""),
        ("class == 1", Kind.TRUTH, ""),
        ('token != "but"', Kind.TRUTH, ""),
        ("class == token", Kind.TRUTH, ""),
        ("before(token)", Kind.TEXT, ""),
        ("true == false", Kind.TRUTH, ""),
        ('blocks.1.attn.pattern[2].argmax == "dog"', Kind.TRUTH, ""),
        ("position - blocks.1.attn.pattern[2].argmax", Kind.NUMBER, ""),
    ],
)
def test_what_comes_of_an_expression(text: str, kind: Kind | None, axis: str) -> None:
    if kind is None:
        with pytest.raises(ExpressionError, match="head is a whole number"):
            check(parse(text))
        return
    shape = check(parse(text))
    assert (shape.kind, shape.axis) == (kind, axis)


@pytest.mark.parametrize(
    ("text", "marked", "said"),
    [
        ("1 + true", "true", "A number is needed"),
        ("position and true", "position", "A condition is needed"),
        ('not "a"', '"a"', "A condition is needed"),
        ('position == "but"', '"but"', "never equal to a text"),
        ("true == 1", "true == 1", "never equal"),
        ('token < "b"', "token", "A number is needed"),
        ("(position > 1) + 2", "position > 1", "A number is needed"),
        ("lstm.0.forward.c + embed", "embed", "dimension"),
        ("blocks.0.attn.q.norm", "blocks.0.attn.q", "which one"),
        ("lstm.0.forward.f.entropy", "lstm.0.forward.f.entropy", "attention weights"),
        ("logits.entropy", "logits.entropy", "attention weights"),
        ("blocks.0.attn.pattern[0][0:2].entropy", "blocks.0.attn.pattern[0][0:2].entropy", "attention weights"),
        ("lstm.0.forward.f.any", "lstm.0.forward.f.any", "cannot be made"),
        ("(lstm.0.forward.f > 1).max", "lstm.0.forward.f > 1).max", "cannot be made"),
        ("lstm.0.forward.f.mean.max", "lstm.0.forward.f.mean", "one value already"),
        ("lstm.0.forward.f[0][1]", "lstm.0.forward.f[0]", "one value already"),
        ('lstm.0.forward.f["dog"]', '"dog"', "no name"),
        ("lstm.0.forward.f[1.5]", "1.5", "whole number"),
        ("lstm.0.forward.f[1, 2]", "2", "one place at most"),
        ("blocks.0.attn.pattern[0, 1, 2]", "2", "a head and a place"),
        ("blocks.0.attn.pattern[-1]", "-1", "whole number from 0"),
        ("blocks.0.attn.pattern[position].max", "position", "whole number from 0"),
        ("lstm.0.forward.f[lstm.0.forward.c]", "lstm.0.forward.c", "One number is needed"),
        ("p(position)", "position", "in quotes"),
        ("p(-1)", "-1", "in quotes"),
        ("changes_sign(class == 1)", "class == 1", "A number is needed"),
    ],
)
def test_what_does_not_go_together_is_said_with_its_place(text: str, marked: str, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        check(parse(text))
    assert said in caught.value.what
    assert text[caught.value.start : caught.value.end] == marked


def test_a_watch_is_one_value() -> None:
    with pytest.raises(ExpressionError, match="one for each unit") as caught:
        check_watch(parse("lstm.0.forward.c"))
    assert "lstm.0.forward.c.mean" in caught.value.advice
    assert check_watch(parse("lstm.0.forward.c.norm")).kind is Kind.NUMBER


@pytest.mark.parametrize(
    ("text", "offered"),
    [("position", "position < 0.5"), ("class", "flips(class)"), ("token", "flips(token)")],
)
def test_a_breakpoint_is_a_condition(text: str, offered: str) -> None:
    with pytest.raises(ExpressionError, match="A breakpoint is a condition") as caught:
        check_condition(parse(text))
    assert offered in caught.value.advice
    check_condition(parse(offered))
