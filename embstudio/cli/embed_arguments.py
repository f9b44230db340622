"""The verb embed and its arguments. Imports nothing heavy."""

from __future__ import annotations

import argparse
from pathlib import Path

from embstudio.cli.parity_arguments import add_provider

MOST_TOGETHER = 256


def add_embed_verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], formatter: type[argparse.HelpFormatter], model: str
) -> None:
    """model: what a MODEL is, in words."""
    verb = verbs.add_parser(
        "embed", formatter_class=formatter, help="make a vector of each of many texts",
        description="Make one vector of each text with a model for sentences, and save them with the texts. What was "
                    "begun and stopped is gone on with by the same command.",
        epilog="Example: embstudio embed sentences reviews.csv --column text --out reviews.npz",
    )  # fmt: skip
    verb.add_argument("model", metavar="MODEL", help=model)
    verb.add_argument("input", metavar="INPUT", help="one text a line, CSV, TSV, JSON lines or Parquet; - reads what "
                                                     "is piped in")  # fmt: skip
    verb.add_argument("--out", type=Path, required=True, metavar="OUT", help="where to save them: .npz, .tsv, .parquet")
    verb.add_argument("--column", metavar="NAME", help="the column of a table that has the texts; the others are kept")
    verb.add_argument("--batch", type=_batch, default=32, metavar="N", help="texts that are run at once (32)")
    verb.add_argument("--pooling", metavar="MODE",
                      help="how the tokens' vectors become one: mean, cls, max, lasttoken, weightedmean, "
                           "mean_sqrt_len_tokens, or several with + between; without it, as the files say")  # fmt: skip
    verb.add_argument("--normalise", action="store_true", help="give the vectors of --pooling length 1")
    verb.add_argument("--encoding", default="utf-8", metavar="E", help="of a file of text (utf-8)")
    add_provider(verb)
    verb.add_argument("--json", action="store_true", help="say what was done as JSON (docs/command-line.md)")


def _batch(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_TOGETHER:
        raise argparse.ArgumentTypeError(f"texts at once are a number from 1 to {MOST_TOGETHER}, not {text!r}")
    return int(text)
