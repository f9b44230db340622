"""Reading expressions: what binds how tightly, and what is said of those that cannot be read, and where."""

from __future__ import annotations

import pickle

import pytest

from embstudio.stepper.watch.expression_error import ExpressionError
from embstudio.stepper.watch.lexeme import LONGEST
from embstudio.stepper.watch.parser import parse
from embstudio.stepper.watch.tree import Binary, Call, Index, Node, Number, PointValue, Reduction, Unary, Variable


def bracketed(node: Node) -> str:
    """The tree with every pair of parentheses written out."""
    match node:
        case Number(value=value):
            return f"{value:g}"
        case Variable(name=name) | PointValue(name=name):
            return name
        case Unary(operator=operator, of=of):
            return f"({operator} {bracketed(of)})"
        case Binary(operator=operator, left=left, right=right):
            return f"({bracketed(left)} {operator} {bracketed(right)})"
        case Reduction(of=of, name=name):
            return f"{bracketed(of)}.{name}"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(bracketed, arguments))})"
        case Index(of=of, entries=entries):
            return f"{bracketed(of)}[{', '.join(map(bracketed, entries))}]"
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("8 / 4 / 2", "((8 / 4) / 2)"),
        ("2 ** 3 ** 2", "(2 ** (3 ** 2))"),
        ("-2 ** 2", "(- (2 ** 2))"),
        ("2 ** -1", "(2 ** (- 1))"),
        ("position < 3 and position > 1 or position == 0",
         "(((position < 3) and (position > 1)) or (position == 0))"),
        ("not position < 3 and position > 1", "((not (position < 3)) and (position > 1))"),
        ("position + 1 < 2 * 3", "((position + 1) < (2 * 3))"),
        ("lstm.0.forward.f.mean", "lstm.0.forward.f.mean"),
        ("blocks.3.attn.pattern[2].entropy", "blocks.3.attn.pattern[2].entropy"),
        ("blocks.0.attn.sum.sum", "blocks.0.attn.sum.sum"),
        ("blocks.0.attn.norm.norm", "blocks.0.attn.norm.norm"),
        ("min(lstm.0.forward.c)", "lstm.0.forward.c.min"),
        ("max(position, 3)", "max(position, 3)"),
        ("position ≤ 3", "(position <= 3)"),
        ("3 × position − 1", "((3 * position) - 1)"),
        (".5e1", "5"),
    ],
)  # fmt: skip
def test_what_binds_tighter(text: str, tree: str) -> None:
    assert bracketed(parse(text).root) == tree


def test_every_node_knows_its_part_of_the_text() -> None:
    expression = parse("gap: (lstm.0.forward.f.mean - 1) ** 2 < before(position)")
    assert expression.name == "gap"
    parts = {expression.part(node) for node in expression.root.walk()}
    assert {"lstm.0.forward.f", "lstm.0.forward.f.mean", "before(position)", "position", "1", "2"} <= parts
    assert expression.points == ("lstm.0.forward.f",)


def test_a_slice_is_no_name() -> None:
    assert parse("lstm.0.forward.c[0:8].mean").name == ""


@pytest.mark.parametrize(
    ("text", "marked", "said"),
    [
        ("", 0, "nothing to work out"),
        ("1 +", 3, "missing at the end"),
        ("1 + * 2", 4, "'*' was not expected"),
        ("(1 + 2", 6, "a ) is missing"),
        ("1 + 2)", 5, "')' was not expected"),
        ("0 < position < 3", 13, "cannot be chained"),
        ("position = 3", 9, "'=' has no meaning"),
        ("position && 3", 9, "'&' has no meaning"),
        ("position ^ 2", 9, "'^' has no meaning"),
        ('token == "but', 9, "has no meaning"),
        ("lstm.0.foward.f", 0, "There is no lstm.0.foward.f"),
        ("lstm.0.forward.f.men", 17, "Nothing is called .men"),
        ("lstm.0.forward.f[1.5:3]", 17, "whole number"),
        ("sin(1)", 0, "no function sin"),
        ("before()", 0, "takes 1 value, not 0"),
        ("rises_above(1)", 0, "takes 2 values, not 1"),
        ("before", 0, "is a function"),
        ("position.max", 0, "one value"),
        ("1e999", 0, "too large"),
        ("1 2", 2, "'2' was not expected"),
        ("and", 0, "'and' was not expected"),
        ("lstm.0.forward.f[", 17, "missing at the end"),
        ("position.", 9, "a dot"),
        ("__import__('os')", 0, "no function __import__"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, marked: int, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert said in caught.value.what
    assert caught.value.start == marked
    line, caret = caught.value.caret.split("\n")
    assert line == text
    assert caret.index("^") == marked
    assert f"column {marked + 1}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("lstm.0.foward.f", "lstm.0.forward.f"),
        ("lstm.0.forward", "lstm.0.forward.f"),
        ("lstm.0.forward.f.meen", "mean"),
        ("postion", "position"),
        ("changessign(1)", "changes_sign"),
    ],
)
def test_what_could_have_been_meant_is_offered(text: str, meant: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, ("embed", "lstm.0.forward.f", "lstm.0.forward.c", "logits"))
    assert meant in caught.value.advice


def test_the_points_of_the_model_are_told_where_nothing_is_near() -> None:
    with pytest.raises(ExpressionError, match="nonsense") as caught:
        parse("nonsense", ("embed", "lstm.0.forward.f", "lstm.0.forward.c", "lstm.1.forward.c"))
    assert caught.value.detail == "This model has embed, lstm.0–1.forward.{f, c}."


@pytest.mark.parametrize(
    "text",
    ["(" * 200 + "1" + ")" * 190, "-" * 300 + "1", "not " * 99 + "true", "**".join("2" * 90), "+".join("1" * 199),
     "1" * (LONGEST + 1)],
)  # fmt: skip
def test_what_is_too_deep_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_an_error_survives_the_way_between_processes() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("1 +")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), again.caret) == (ExpressionError, str(caught.value), caught.value.caret)
