"""Columns that the tokens of several readings share, so that what covers the same characters stands in one column.

Every boundary of a token is a place between characters. A boundary stands as far to the left as the tokens to its left
allow, each of which needs its width: the longest path through the boundaries, as in tables whose cells span columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from embstudio.stepper.reading import Reading

_Boundary = tuple[float, int]
# A boundary at a character: first where those before it end, last where it begins itself. Tokens without characters
# stand between the two.
_BEGIN = 2**30


def common_columns(readings: Sequence[Reading], widths: Sequence[Sequence[float]]) -> list[list[tuple[float, float]]]:
    """(left, right) of each token of each reading, from 0 on.

    widths: the least that each token needs, a gap beside it included. Tokens with the same characters get the same
    sides, those of one reading never overlap, and none is narrower than its width.
    """
    length = max((reading.length for reading in readings), default=0)
    boxes = [_boxes(reading, length) for reading in readings]
    marks = sorted({mark for own in boxes for box in own for mark in box})
    number = {mark: at for at, mark in enumerate(marks)}
    ending: list[list[tuple[int, float]]] = [[] for _ in marks]  # (where it begins, width) of the tokens that end here
    for own, needs in zip(boxes, widths, strict=True):
        for (start, end), need in zip(own, needs, strict=True):
            ending[number[end]].append((number[start], need))
    x: list[float] = []
    for at in range(len(marks)):
        left = x[-1] if x else 0.0
        x.append(max([left, *(x[start] + need for start, need in ending[at])]))
    return [[(x[number[start]], x[number[end]]) for start, end in own] for own in boxes]


def _boxes(reading: Reading, length: int) -> list[tuple[_Boundary, _Boundary]]:
    """The boundaries of each token. length: of the text, the longest of all readings'."""
    first = next((span[0] for span in reading.spans if span), 0) if reading.cut else 0
    boxes: list[tuple[_Boundary, _Boundary]] = []
    end, inserted = 0.0, 0  # of the characters so far, and how many tokens without any stand there
    for span, group in groupby(range(len(reading.spans)), key=lambda place: reading.spans[place]):
        places = list(group)
        if span is not None and span[1] > end:  # several tokens of one character share it
            start, inserted = max(end, float(span[0])), 0
            # The same characters and turns give the same numbers in all readings, so that sides are the same too.
            cuts = [start + (span[1] - start) * turn / len(places) for turn in range(len(places))] + [float(span[1])]
            boxes += [((begin, _BEGIN), (end, 0)) for begin, end in pairwise(cuts)]
            end = cuts[-1]
            continue
        for place in places:
            if place < reading.leading:
                rank = _BEGIN - (reading.leading - place)
                boxes.append(((float(first), rank), (float(first), rank + 1)))
                continue
            if place == reading.trailing and not reading.cut:
                end, inserted = float(length), 0
            boxes.append(((end, inserted), (end, inserted + 1)))
            inserted += 1
    return boxes
