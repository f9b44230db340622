"""Pairs of words or sentences, each labelled SAME or DIFFERENT, as one types, pastes, opens or saves them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embstudio.base.errors import InputError
from embstudio.base.whole_file import write_whole

SAME, DIFFERENT = LABELS = ("SAME", "DIFFERENT")
MOST_PAIRS = 5_000
_SEPARATORS = ("\t", ",", ";")
_MEANT = {
    SAME: ("same", "s", "1", "yes", "true", "=", "positive"),
    DIFFERENT: ("different", "diff", "d", "0", "-1", "no", "false", "≠", "!=", "negative"),
}


@dataclass(frozen=True)
class Pair:
    """Two items, and whether they are the SAME."""

    left: str
    right: str
    same: bool

    @property
    def label(self) -> str:
        """SAME or DIFFERENT."""
        return SAME if self.same else DIFFERENT


@dataclass(frozen=True)
class PairList:
    """pairs, and what else a list can bring: starts: vectors that items begin with, in a table of that width; knobs:
    the settings it is meant for, by name."""

    pairs: tuple[Pair, ...]
    starts: tuple[tuple[str, tuple[float, ...]], ...] = ()
    knobs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Lines:
    """What came of some lines. faults: in words, of those that are no pairs."""

    found: PairList
    faults: tuple[str, ...] = field(default=())


def label_of(text: str) -> bool | None:
    """Whether a label says SAME; None where it says neither SAME nor DIFFERENT."""
    meant = text.strip().lower()
    return next((label == SAME for label, said in _MEANT.items() if meant in said), None)


def read_lines(text: str) -> Lines:
    """Pairs from lines `left, right, label`, with tabs, commas or semicolons between; a first line of names is passed
    over. Lines with # are remarks, but for `# start ITEM NUMBERS…` and `# KNOB = VALUE`."""
    pairs: list[Pair] = []
    faults: list[str] = []
    starts: list[tuple[str, tuple[float, ...]]] = []
    knobs: list[tuple[str, str]] = []
    lines = text.splitlines()
    plain = [line for line in lines if line.strip() and not line.startswith("#")]
    separator = next((mark for mark in _SEPARATORS if any(mark in line for line in plain)), ",")
    first = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if line.startswith("#"):
            _remark(line[1:].strip(), starts, knobs)
            continue
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]
        is_head, first = first and len(cells) > 2 and cells[2].lower() in ("label", "same", "verdict"), False
        if is_head and cells[0].lower() in ("left", "a", "first", "one", "item", "text1", "sentence1"):
            continue
        fault = _fault(cells)
        if fault:
            faults.append(f"line {number}: {fault}")
        else:
            pairs.append(Pair(cells[0], cells[1], bool(label_of(cells[2]))))
    return Lines(PairList(tuple(pairs), tuple(starts), tuple(knobs)), tuple(faults))


def read_file(path: Path) -> Lines:
    """The pairs of a file. Raises InputError where it is no text."""
    try:
        return read_lines(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "This file cannot be read as a list of pairs.", where=str(path), detail=str(error),
            advice="Choose a CSV or TSV file in UTF-8: first item, second item, label.",
        ) from error  # fmt: skip


def save_file(pairs: Sequence[Pair], path: Path) -> None:
    """Write pairs with commas (.csv) or tabs between. Raises InputError."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="," if path.suffix.lower() == ".csv" else "\t", lineterminator="\n")
    writer.writerow(("left", "right", "label"))
    writer.writerows((pair.left, pair.right, pair.label) for pair in pairs)
    try:
        with write_whole(path) as file:
            file.write(out.getvalue().encode("utf-8"))
    except OSError as error:
        raise InputError("The pairs could not be saved.", where=str(path), detail=str(error),
                         advice="Choose a folder that can be written to.") from error  # fmt: skip


def check_pairs(pairs: Sequence[Pair]) -> None:
    """Raises InputError for pairs nothing can be learnt from. Rows are counted from 1."""
    if not pairs:
        raise InputError("There are no pairs.", advice="Add a pair, or choose a ready list.")
    if len(pairs) > MOST_PAIRS:
        raise InputError("There are too many pairs to hold them all on the screen.",
                         where=f"{len(pairs):,}", advice=f"Take {MOST_PAIRS:,} at most.")  # fmt: skip
    for row, pair in enumerate(pairs, 1):
        for side, item in (("first", pair.left), ("second", pair.right)):
            if not item.strip():
                raise InputError(f"Pair {row:,} has no {side} item.", advice="Fill it in, or remove the pair.")


def _fault(cells: list[str]) -> str:
    """Why some cells are no pair; "": they are one."""
    if len(cells) < 3:
        return "first item, second item and label are wanted, with tabs or commas between"
    if not cells[0] or not cells[1]:
        return "an item is empty"
    if label_of(cells[2]) is None:
        return f"“{cells[2]}” is neither SAME nor DIFFERENT"
    return ""


def _remark(text: str, starts: list[tuple[str, tuple[float, ...]]], knobs: list[tuple[str, str]]) -> None:
    words = text.split()
    if words[:1] == ["start"] and len(words) > 2:
        try:
            starts.append((words[1], tuple(float(word) for word in words[2:])))
        except ValueError:
            return
    elif "=" in text:
        name, _, value = text.partition("=")
        knobs.append((name.strip(), value.strip()))
