"""The verbs about files of vectors and their arguments. Imports nothing heavy."""

from __future__ import annotations

import argparse
from pathlib import Path

_FILE = "word2vec, GloVe, fastText, TSV, CSV, projector config, npy, npz, Parquet, Arrow, safetensors or idx"


def add_vector_file_verbs(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], formatter: type[argparse.HelpFormatter]
) -> None:
    """vectors and convert."""
    vectors = verbs.add_parser(
        "vectors", formatter_class=formatter, help="say what is in a file of vectors",
        description="Say what is in a file of vectors: its format, rows, width, words and metadata, and what is odd.",
    )  # fmt: skip
    vectors.add_argument("file", type=Path, metavar="FILE", help=_FILE)
    vectors.add_argument("--json", action="store_true", help="the same as JSON (docs/command-line.md lists the keys)")
    add_reading_options(vectors)
    convert = verbs.add_parser(
        "convert", formatter_class=formatter, help="save a file of vectors in another format",
        description="Read a file of vectors and save it in the format that the ending of OUT names: .npz, .parquet, or "
                    ".tsv with the words in a second file beside it.",
    )  # fmt: skip
    convert.add_argument("file", type=Path, metavar="FILE", help=_FILE)
    convert.add_argument("--out", type=Path, required=True, metavar="OUT", help="where to save them")
    add_reading_options(convert)


def add_reading_options(verb: argparse.ArgumentParser) -> None:
    """What LoadOptions has."""
    read = verb.add_argument_group("reading a file of vectors")
    read.add_argument("--rows", type=whole_number, metavar="N", help="only the first N")
    read.add_argument("--skip-bad", action="store_true", help="leave out rows that cannot be read, and count them")
    read.add_argument("--encoding", default="utf-8", metavar="E", help="of the words (utf-8)")
    read.add_argument("--choice", metavar="NAME", help="which array, tensor or column, where the file has several")
    read.add_argument("--metadata", type=Path, metavar="FILE", help="a TSV or CSV file with a row for each vector")


def whole_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"a whole number from 1 on is wanted, not {text!r}")
    return int(text)
