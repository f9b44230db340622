"""The nouns of an expression. Every node knows which part [start, end) of the text it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Node:
    """Any part of an expression."""

    start: int
    end: int

    def children(self) -> Iterator[Node]:
        """The nodes directly below."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                yield from value

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True)
class Number(Node):
    """`0.5`"""

    value: float


@dataclass(frozen=True)
class Text(Node):
    """`"dog"`"""

    value: str


@dataclass(frozen=True)
class Truth(Node):
    """`true` or `false`"""

    value: bool


@dataclass(frozen=True)
class Variable(Node):
    """`token`, `position`, `class`, `entropy`"""

    name: str


@dataclass(frozen=True)
class PointValue(Node):
    """A point at the current token: `lstm.0.forward.f`"""

    name: str


@dataclass(frozen=True)
class Span(Node):
    """`0:8` within brackets; None where a side is left out."""

    first: int | None
    last: int | None


@dataclass(frozen=True)
class Index(Node):
    """`of[3]`, `of[2, "dog"]`, `of[0:8]`"""

    of: Node
    entries: tuple[Node, ...]


@dataclass(frozen=True)
class Reduction(Node):
    """`of.mean`: one number of many"""

    of: Node
    name: str


@dataclass(frozen=True)
class Call(Node):
    """`before(x)`"""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Unary(Node):
    """`-x`, `not x`"""

    operator: str
    of: Node


@dataclass(frozen=True)
class Binary(Node):
    """Two things with an operator between: arithmetic, a comparison, `and`, `or`."""

    operator: str
    left: Node
    right: Node


ARITHMETIC = frozenset(("+", "-", "*", "/", "**"))
COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))
LOGIC = frozenset(("and", "or"))


@dataclass(frozen=True)
class Expression:
    """A whole expression: its text, the tree, and a name that a person gave it (may be empty)."""

    text: str
    root: Node
    name: str = ""

    def part(self, node: Node) -> str:
        """The text of a node."""
        return self.text[node.start : node.end]

    @property
    def points(self) -> tuple[str, ...]:
        """Names of the points it reads, each once."""
        return tuple(dict.fromkeys(node.name for node in self.root.walk() if isinstance(node, PointValue)))
