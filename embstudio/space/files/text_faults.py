"""Text that holds vectors perhaps, written in a way that would be misread: what is the matter, before it is read."""

from __future__ import annotations

import re

from embstudio.space.files.reading import HEAD, Reading, head_lines

_LOOKED_AT = 20  # lines
_DECIMAL_COMMA = re.compile(rb"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")


def refuse_text(reading: Reading) -> None:
    """Raises VectorFileError."""
    head = reading.head
    if (zero := head.find(b"\0")) >= 0:
        before = head[:zero]
        if b"\n" in before and _mostly_text(before):
            reading.fail(
                "There is a zero byte in this text.", line=before.count(b"\n") + 1,
                column=zero - before.rfind(b"\n"), advice="The file is damaged here, or is no text: copy or download "
                "it again.",
            )  # fmt: skip
        return
    if b"\n" not in head:
        if b"\r" in head:
            reading.fail("The lines end with carriage returns alone, as on very old Macs.", line=1,
                         advice="Save the file with line feeds.")  # fmt: skip
        if len(head) >= HEAD:
            reading.fail(f"The first line has more than {HEAD >> 20} MB.", line=1,
                         advice="This is probably not a text file of vectors.")  # fmt: skip
    lines = [line.split() for line in head_lines(head, _LOOKED_AT) if line.strip()]
    commas = [len(fields) > 2 and all(map(_DECIMAL_COMMA.fullmatch, fields[1:])) for fields in lines]
    if commas and sum(commas) * 2 > len(commas):
        reading.fail("The numbers are written with decimal commas.", line=commas.index(True) + 1,
                     advice="Save the file with decimal points.")  # fmt: skip


def _mostly_text(some: bytes) -> bool:
    return not any(byte in some for byte in (*range(1, 9), *range(14, 32)))
