"""From the text of an expression to its tree, by recursive descent. Raises ExpressionError with the place.

    or   := and ("or" and)*                      sum     := product (("+" | "-") product)*
    and  := not ("and" not)*                     product := sign (("*" | "/") sign)*
    not  := "not" not | compare                  sign    := ("-" | "+") sign | power
    compare := sum (("<" | … | "!=") sum)?       power   := postfix ("**" sign)?
    postfix := atom ("[" entry ("," entry)* "]" | "." reducer)*
    atom := number | text | "true" | "false" | point | variable | function "(" or ("," or)* ")" | "(" or ")"

A name may stand in front: `memory: lstm.0.forward.c.norm`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isinf

from embstudio.stepper.watch.expression_error import ExpressionError
from embstudio.stepper.watch.lexeme import Lexeme, cut
from embstudio.stepper.watch.names import FUNCTIONS, KEYWORDS, REDUCERS, VARIABLES
from embstudio.stepper.watch.suggest import advice, summary
from embstudio.stepper.watch.tree import (
    COMPARISONS,
    Binary,
    Call,
    Expression,
    Index,
    Node,
    Number,
    PointValue,
    Reduction,
    Span,
    Text,
    Truth,
    Unary,
    Variable,
)
from embstudio.trace import points

DEEPEST = 40  # parentheses, signs and powers within each other
MOST_PARTS = 120  # nodes of a tree
_NAMED = re.compile(r"\s*([^\W\d][\w ]{0,39}?)\s*:(?=\s*\S)")


def parse(text: str, known: Sequence[str] = ()) -> Expression:
    """Read an expression. known: points of the open model, to suggest what could have been meant."""
    name = _NAMED.match(text)
    skipped = name.end() if name else 0
    parser = _Parser(text, " " * skipped + text[skipped:], known)
    return Expression(text, parser.whole(), name[1] if name else "")


class _Parser:
    def __init__(self, text: str, body: str, known: Sequence[str]) -> None:
        self._text = text
        self._lexemes = cut(body)
        self._at = 0
        self._depth = 0
        self._parts = 0
        self._known = known

    def whole(self) -> Node:
        if self._next.kind == "end":
            raise self._error("There is nothing to work out.", self._next, "For example: lstm.0.forward.c.norm")
        root = self._or()
        if self._next.kind != "end":
            what = f"{self._next.text!r} was not expected here."
            if self._next.kind == "text":
                what = "A quoted text was not expected here."
            hint = "Close what was opened before, or put an operator between." if self._next.kind != "sign" else ""
            raise self._error(what, self._next, hint)
        return root

    # From the loosest to the tightest ----------------------------------------------------------------------------

    def _or(self) -> Node:
        self._enter()
        left = self._and()
        while self._is_name("or"):
            self._take()
            left = self._binary("or", left, self._and())
        self._depth -= 1
        return left

    def _and(self) -> Node:
        left = self._not()
        while self._is_name("and"):
            self._take()
            left = self._binary("and", left, self._not())
        return left

    def _not(self) -> Node:
        if not self._is_name("not"):
            return self._compare()
        self._enter()
        sign = self._take()
        of = self._not()
        self._depth -= 1
        return self._count(Unary(sign.start, of.end, "not", of))

    def _compare(self) -> Node:
        left = self._sum()
        if self._next.text not in COMPARISONS or self._next.kind != "sign":
            return left
        operator = self._take().text
        middle = self._sum()
        if self._next.kind == "sign" and self._next.text in COMPARISONS:
            once, again = (self._text[node.start : node.end] for node in (left, middle))
            raise self._error(
                "Comparisons cannot be chained.", self._next,
                f"Write {once} {operator} {again} and {again} {self._next.text} …",
            )  # fmt: skip
        return self._binary(operator, left, middle)

    def _sum(self) -> Node:
        left = self._product()
        while self._is_sign("+", "-"):
            left = self._binary(self._take().text, left, self._product())
        return left

    def _product(self) -> Node:
        left = self._sign()
        while self._is_sign("*", "/"):
            left = self._binary(self._take().text, left, self._sign())
        return left

    def _sign(self) -> Node:
        if not self._is_sign("+", "-"):
            return self._power()
        self._enter()
        sign = self._take()
        of = self._sign()
        self._depth -= 1
        return self._count(Unary(sign.start, of.end, sign.text, of))

    def _power(self) -> Node:
        left = self._postfix()
        if not self._is_sign("**"):
            return left
        self._enter()
        self._take()
        right = self._sign()
        self._depth -= 1
        return self._binary("**", left, right)

    def _postfix(self) -> Node:
        node = self._atom()
        while self._is_sign("[", "."):
            if self._take().text == "[":
                entries = [self._entry()]
                while self._is_sign(","):
                    self._take()
                    entries.append(self._entry())
                node = self._count(Index(node.start, self._expect("]").end, node, tuple(entries)))
            else:
                if self._next.kind != "name":
                    raise self._error("After a dot comes what to make of the values.", self._next, _REDUCERS)
                node = self._reduced(node, self._take())
        return node

    def _entry(self) -> Node:
        """What stands within brackets: a place, a text, or `first:last`."""
        start = self._next.start
        first = None if self._is_sign(":") else self._or()
        if not self._is_sign(":"):
            assert first is not None
            return first
        colon = self._take()
        last = None if self._is_sign("]", ",") else self._or()
        end = last.end if last else colon.end
        return self._count(Span(start, end, self._whole(first), self._whole(last)))

    def _whole(self, node: Node | None) -> int | None:
        if node is None:
            return None
        number = whole_number(node)
        if number is None:
            raise self._error("A slice goes from one whole number to another, as in [0:8].", node)
        return number

    # The smallest ------------------------------------------------------------------------------------------------

    def _atom(self) -> Node:
        found = self._take()
        if found.kind == "number":
            value = float(found.text)
            if isinf(value):
                raise self._error("This number is too large.", found)
            return self._count(Number(found.start, found.end, value))
        if found.kind == "text":
            return self._count(Text(found.start, found.end, found.text))
        if found.kind == "name":
            return self._named(found)
        if found.text == "(":
            inside = self._or()
            self._expect(")")
            return inside
        if found.kind == "end":
            raise self._error("Something is missing at the end.", found, "A value is expected here.")
        raise self._error(f"{found.text!r} was not expected here.", found, "A value is expected here.")

    def _named(self, found: Lexeme) -> Node:
        if self._is_sign("("):
            return self._call(found)
        if found.text in ("true", "false"):
            return self._count(Truth(found.start, found.end, found.text == "true"))
        if found.text in KEYWORDS:
            raise self._error(f"{found.text!r} was not expected here.", found, "A value is expected here.")
        if found.text in VARIABLES:
            return self._count(Variable(found.start, found.end, found.text))
        if found.text in FUNCTIONS:
            raise self._error(f"{found.text} is a function: what of?", found, f"Write {found.text}(…).")
        parts = found.text.split(".")
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if _is_point(name):
                node: Node = self._count(PointValue(found.start, found.start + len(name), name))
                return self._reduced(node, Lexeme("name", ".".join(parts[length:]), node.end + 1, found.end))
            if name in VARIABLES:
                raise self._error(f"{name} is one value: nothing can be made of it with a dot.", found)
        known = (*self._known, *VARIABLES, *FUNCTIONS)
        has = f"This model has {summary(self._known)}." if self._known else ""
        raise self._error(f"There is no {found.text}.", found, advice(found.text, known) or has, has)

    def _call(self, name: Lexeme) -> Node:
        if name.text not in FUNCTIONS:
            raise self._error(f"There is no function {name.text}.", name, advice(name.text, FUNCTIONS) or _FUNCTIONS)
        self._take()
        arguments = [] if self._is_sign(")") else [self._or()]
        while self._is_sign(","):
            self._take()
            arguments.append(self._or())
        end = self._expect(")").end
        fewest, most, _ = FUNCTIONS[name.text]
        # min and max of one thing are its reducers.
        if name.text in ("min", "max") and len(arguments) == 1:
            return self._count(Reduction(name.start, end, arguments[0], name.text))
        if not fewest <= len(arguments) <= most:
            takes = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            raise self._error(
                f"{name.text} takes {takes} {'value' if takes == '1' else 'values'}, not {len(arguments)}.",
                Lexeme("name", name.text, name.start, end),
            )  # fmt: skip
        return self._count(Call(name.start, end, name.text, tuple(arguments)))

    def _reduced(self, node: Node, names: Lexeme) -> Node:
        """The reducers behind a dot, one or several: `mean`, or `max.mean`."""
        at = names.start
        for name in filter(None, names.text.split(".")):
            if name not in REDUCERS:
                raise self._error(
                    f"Nothing is called .{name}.", Lexeme("name", name, at, at + len(name)),
                    advice(name, REDUCERS) or _REDUCERS,
                )  # fmt: skip
            node = self._count(Reduction(node.start, at + len(name), node, name))
            at += len(name) + 1
        return node

    # The reader --------------------------------------------------------------------------------------------------

    @property
    def _next(self) -> Lexeme:
        return self._lexemes[self._at]

    def _take(self) -> Lexeme:
        found = self._next
        if found.kind != "end":
            self._at += 1
        return found

    def _is_sign(self, *signs: str) -> bool:
        return self._next.kind == "sign" and self._next.text in signs

    def _is_name(self, name: str) -> bool:
        return self._next.kind == "name" and self._next.text == name

    def _expect(self, sign: str) -> Lexeme:
        if not self._is_sign(sign):
            raise self._error(f"Here a {sign} is missing.", self._next)
        return self._take()

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(f"This goes more than {DEEPEST} levels deep.", self._next, "Make several watches of it.")

    def _binary(self, operator: str, left: Node, right: Node) -> Node:
        return self._count(Binary(left.start, right.end, operator, left, right))

    def _count(self, node: Node) -> Node:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise self._error(f"This has more than {MOST_PARTS} parts.", node, "Make several watches of it.")
        return node

    def _error(self, what: str, at: Lexeme | Node, hint: str = "", detail: str = "") -> ExpressionError:
        return ExpressionError(what, self._text, at.start, at.end, advice=hint, detail=detail)


def whole_number(node: Node) -> int | None:
    """The whole number that a node is as it stands, or None."""
    if isinstance(node, Unary) and node.operator == "-" and isinstance(node.of, Number):
        return None if node.of.value % 1 else -int(node.of.value)
    if isinstance(node, Number) and node.value % 1 == 0:
        return int(node.value)
    return None


_REDUCERS = f"There are {', '.join('.' + name for name in REDUCERS)}."
_FUNCTIONS = f"There are {', '.join(FUNCTIONS)}."


def _is_point(name: str) -> bool:
    try:
        points.parse(name)
    except ValueError:
        return False
    return True
