"""The verbs about sets of vectors and their arguments. Imports nothing heavy."""

from __future__ import annotations

import argparse
from pathlib import Path

from embstudio.cli.vector_file_arguments import add_reading_options, whole_number

# As in formulas.distances, space.analogies and space.transforms, which are too heavy to import for a help text.
METRICS = (
    "cosine", "euclidean", "squared-euclidean", "dot", "angular", "manhattan", "chebyshev", "correlation",
)  # fmt: skip
RULES = ("3cosadd", "3cosmul")
WHITENINGS = ("zca", "pca")

_SET = "a file of vectors, or a model, whose embedding table it is then"
_JSON = "the same as JSON (docs/command-line.md lists the keys)"


def add_space_verbs(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], formatter: type[argparse.HelpFormatter]
) -> None:
    """neighbours, analogy, evaluate and compare."""
    neighbours = verbs.add_parser(
        "neighbours", formatter_class=formatter, help="say which words lie nearest to one",
        description="Say which words lie nearest to one: exactly, by any metric, of all vectors there are.",
    )  # fmt: skip
    neighbours.add_argument("set", metavar="SET", help=_SET)
    neighbours.add_argument("word", metavar="WORD")
    _add_count(neighbours)
    neighbours.add_argument("--metric", choices=[*METRICS, "all"], default="cosine", metavar="M",
                            help=f"{', '.join(METRICS)}; all: side by side, and how far they agree")  # fmt: skip
    neighbours.add_argument("--approximate", action="store_true",
                            help="of a million vectors and more: search by an index, and say how many of the true "
                                 "nearest it finds")  # fmt: skip
    _finish(neighbours)

    analogy = verbs.add_parser(
        "analogy", formatter_class=formatter, help="work out A - B + C",
        description="Say which words come nearest to A - B + C, such as king man woman.",
    )  # fmt: skip
    analogy.add_argument("set", metavar="SET", help=_SET)
    for name in "abc":
        analogy.add_argument(name, metavar=name.upper())
    _add_count(analogy)
    _add_rule(analogy)
    _finish(analogy)

    evaluate = verbs.add_parser(
        "evaluate", formatter_class=formatter, help="ask a set of vectors questions with known answers",
        description="Ask a set of vectors a file of questions with known answers: analogies, or pairs of words that "
                    "people have rated.",
    )  # fmt: skip
    evaluate.add_argument("set", metavar="SET", help=_SET)
    evaluate.add_argument("file", type=Path, metavar="FILE",
                          help="four words a line (analogies), or two words and a number (ratings)")  # fmt: skip
    _add_rule(evaluate)
    _add_metric(evaluate)
    _finish(evaluate)

    compare = verbs.add_parser(
        "compare", formatter_class=formatter, help="compare two sets of vectors, or two models over texts",
        description="Compare two sets of vectors over the words they share: whose neighbours stay the same, and which "
                    "words moved. With --texts, compare two models by the vectors they make of the same texts.",
        epilog="Example: embstudio compare words words-counted --questions questions-words.txt",
    )  # fmt: skip
    compare.add_argument("set", metavar="SET", help=_SET)
    compare.add_argument("other", metavar="SET")
    _add_count(compare)
    _add_metric(compare)
    compare.add_argument("--most", type=whole_number, default=10_000, metavar="N",
                         help="compare the neighbours of so many words, drawn at random (10,000)")  # fmt: skip
    compare.add_argument("--questions", type=Path, metavar="FILE",
                         help="also ask both a file of questions with known answers, as evaluate does")  # fmt: skip
    _add_rule(compare)
    compare.add_argument("--texts", metavar="FILE",
                         help="compare two models over texts: one a line, CSV, TSV, JSON lines or Parquet")  # fmt: skip
    compare.add_argument("--column", metavar="NAME", help="the column of --texts that has the texts")
    _finish(compare)


def _add_count(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("-k", type=whole_number, default=10, metavar="K", dest="count", help="how many (10)")


def _add_metric(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--metric", choices=METRICS, default="cosine", metavar="M", help=", ".join(METRICS))


def _add_rule(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--rule", choices=RULES, default=RULES[0], metavar="R",
                      help="3cosadd: nearest to the sum; 3cosmul: product of likenesses")  # fmt: skip


def _finish(verb: argparse.ArgumentParser) -> None:
    """What all of these verbs take."""
    verb.add_argument("--json", action="store_true", help=_JSON)
    changed = verb.add_argument_group("what is done to the vectors first")
    changed.add_argument("--centre", action="store_true", help="take off their mean")
    changed.add_argument("--whiten", nargs="?", const=WHITENINGS[0], default="", choices=WHITENINGS, metavar="HOW",
                         help="give all directions the same variance: zca (the default) or pca")  # fmt: skip
    changed.add_argument("--unit", action="store_true", help="give each length 1")
    add_reading_options(verb)
