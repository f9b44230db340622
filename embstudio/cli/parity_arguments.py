"""The verb parity and its arguments, and --provider, which many verbs take. Imports nothing heavy."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from embstudio.base.errors import InputError
from embstudio.session.execution.way import Way


def add_provider(verb: argparse.ArgumentParser) -> None:
    """--provider, for a verb that runs a model."""
    verb.add_argument("--provider", type=_way, default="", metavar="WAY",
                      help="run it on this provider of onnxruntime (cpu, cuda, directml, openvino, …), with :N for one "
                           "of several devices; -unoptimised leaves the graph as it is in the file, -fp16 rounds "
                           "to half precision; without it the best one that is there")  # fmt: skip


def add_parity_verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    formatter: type[argparse.HelpFormatter],
    model: str,
    ids: Callable[[str], tuple[int, ...]],
) -> None:
    """model: what a MODEL is, in words. ids: reads token numbers."""
    verb = verbs.add_parser(
        "parity", formatter_class=formatter, help="run a model in two ways and say where they part",
        description="Run one text in two ways (providers, precisions, with and without optimisation, two files) and "
                    "say how far they are apart at every point, layer by layer.",
        epilog="Example: embstudio parity next-word --text 'The dog ran' --a cpu --b cpu-fp16",
    )  # fmt: skip
    verb.add_argument("model", metavar="MODEL", help=model)
    given = verb.add_mutually_exclusive_group(required=True)
    given.add_argument("--text", metavar="T", help="a sentence, for the model's tokenizer")
    given.add_argument("--ids", type=ids, metavar="1,2,3", help="token ids")
    verb.add_argument(
        "--second", metavar="T", help="the other sentence of a pair, or what a decoder has written so far"
    )
    verb.add_argument("--a", type=_way, default="cpu", metavar="WAY", help="the first way, as for --provider (cpu)")
    verb.add_argument("--b", required=True, metavar="WAY|FILE",
                      help="the second way, or another file of the same model, run as the first is")  # fmt: skip
    verb.add_argument("--tolerance", type=_share, metavar="X",
                      help="from which difference on the two part, as a share of the values (0.0001; 0.01 where one "
                           "is of half precision, or another file)")  # fmt: skip
    verb.add_argument("--json", action="store_true", help="the same as JSON (docs/command-line.md lists the keys)")


def _way(text: str) -> str:
    try:
        return str(Way.parse(text))
    except InputError as error:
        raise argparse.ArgumentTypeError(f"{error.what} {error.advice}") from None


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share < math.inf:
        raise argparse.ArgumentTypeError(f"a share is a number of at least 0, not {text!r}")
    return share
