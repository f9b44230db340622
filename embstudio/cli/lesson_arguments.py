"""The arguments of `embstudio lesson`."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_lesson_verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], help_of: type[argparse.HelpFormatter]
) -> None:
    """lesson list, lesson check."""
    verb = verbs.add_parser("lesson", formatter_class=help_of, help="list lessons, and check what they claim",
                            description="List lessons, and check what they claim (docs/lessons.md).")  # fmt: skip
    kinds = verb.add_subparsers(dest="what", metavar="WHAT", required=True)
    check = kinds.add_parser("check", formatter_class=help_of,
                             help="say what does not resolve or is not so, with line and column",
                             description="Check lessons: their form, the names in them, and every number, which is "
                                         "worked out anew. Exit status 0: all is so; 1: something is not.")  # fmt: skip
    check.add_argument("--values", action="store_true", help="say what each claim comes to")
    listing = kinds.add_parser("list", formatter_class=help_of, help="one line for each lesson",
                               description="One line for each lesson.")  # fmt: skip
    for each in (check, listing):
        each.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER",
                          help="lessons; without it those of the program")  # fmt: skip
