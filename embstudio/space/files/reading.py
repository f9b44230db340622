"""One file being read: its bytes in whole lines, how far it has got, and what had to be decided on the way."""

from __future__ import annotations

import gzip
import io
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

from embstudio.base.errors import VectorFileError
from embstudio.space.files.options import LoadOptions
from embstudio.space.files.unpacking import UNPACKED_AT_ONCE, Unpacking

Progress = Callable[[float], None]
Check = Callable[[], None]

GZIP = b"\x1f\x8b"
HEAD = 1 << 20  # bytes that a format is recognised by
_BLOCK = 1 << 19  # bytes of text at a time; with what is worked out from them they stay in the processor's cache
_LONGEST_LINE = 1 << 26
CUT_SHORT = "The file may be cut short: copy or download it again, or take what is there with --skip-bad."
SKIP = "Leave out what cannot be read with --skip-bad."


class Reading:
    """path: the file. options: what was asked for. progress: told the share read, 0 to 1. check: called often; what it
    raises ends the reading."""

    def __init__(
        self, path: Path, options: LoadOptions, progress: Progress | None = None, check: Check | None = None
    ) -> None:
        self.path, self.options = path, options
        self._progress, self._check = progress, check
        self._bad: dict[str, int] = {}
        self._first_bad: dict[str, str] = {}
        self.notices: list[str] = []
        self.share = 0.0  # read so far
        with self.faults():
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                self.fail("This is a folder, not a file of vectors.", advice="Give the file inside it.")
            if not stat.S_ISREG(status.st_mode):
                self.fail("This is no ordinary file: it cannot be read from its beginning twice.",
                          advice="Save what comes out of it in a file first.")  # fmt: skip
            self.size = status.st_size
            with path.open("rb") as file:
                self.packed = file.read(2) == GZIP
            with path.open("rb") as file:
                self.head = self._unpacking(file, lenient=True).read(HEAD)
            if self.packed and not self.head:
                with path.open("rb") as file:  # nothing, or damaged from the start
                    self._unpacking(file, lenient=False).read(1)

    @contextmanager
    def faults(self) -> Iterator[None]:
        """What the system or the packing has to say, as VectorFileError."""
        try:
            yield
        except FileNotFoundError as error:
            raise VectorFileError("There is no such file.", where=str(self.path), detail=str(error)) from error
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise VectorFileError(
                "The packed file is damaged or incomplete.", where=str(self.path), detail=str(error),
                advice=CUT_SHORT,
            ) from error  # fmt: skip
        except OSError as error:
            raise VectorFileError("The file could not be read.", where=str(self.path), detail=str(error)) from error

    def of(self, path: Path, options: LoadOptions) -> Reading:
        """The reading of a file that belongs to this one, stopped as this one is. Raises VectorFileError."""
        return Reading(path, options, self._progress, self._check)

    def unpacked(self, file: BinaryIO) -> BinaryIO:
        """The file's bytes, unpacked where it is packed with gzip; with skip_bad a damaged one ends, with a notice,
        where the damage is."""
        return self._unpacking(file, lenient=self.options.skip_bad, told=self._tell_damage)

    def _unpacking(
        self, file: BinaryIO, *, lenient: bool, told: Callable[[int], object] = lambda _nbytes: None
    ) -> BinaryIO:
        if not self.packed:
            return file
        return cast(BinaryIO, io.BufferedReader(Unpacking(file, told if lenient else None), UNPACKED_AT_ONCE))

    def _tell_damage(self, nbytes: int) -> None:
        said = (
            f"The packed file is damaged or incomplete: what came before, {nbytes / 1e6:,.1f} MB unpacked, was taken."
        )
        if said not in self.notices:
            self.notices.append(said)

    def step(self, share: float) -> None:
        """So much of it is done; raises what `check` raises."""
        self.share = min(1.0, share)
        if self._check is not None:
            self._check()
        if self._progress is not None:
            self._progress(self.share)

    def place(self, line: int | None = None, column: int | None = None) -> str:
        """A place in the file, for people."""
        parts = [str(self.path), f"line {line}" if line else "", f"column {column}" if column else ""]
        return ", ".join(filter(None, parts))

    def fault(
        self, what: str, *, line: int | None = None, column: int | None = None, advice: str = "", detail: str = ""
    ) -> VectorFileError:
        """What is wrong with this file, to be raised."""
        return VectorFileError(what, where=self.place(line, column), advice=advice, detail=detail)

    def fail(
        self, what: str, *, line: int | None = None, column: int | None = None, advice: str = "", detail: str = ""
    ) -> NoReturn:
        """Raises VectorFileError."""
        raise self.fault(what, line=line, column=column, advice=advice, detail=detail)

    def bad(
        self, what: str, reason: str, *, line: int | None = None, column: int | None = None, place: str = ""
    ) -> None:
        """A row that cannot be read. Raises VectorFileError; with skip_bad it is counted by its reason instead.

        what: a sentence on this row. reason: words that follow "1 row was left out: ". place: where, if not in a line.
        """
        if not self.options.skip_bad:
            self.fail(what, line=line, column=column, advice=SKIP)
        self._bad[reason] = self._bad.get(reason, 0) + 1
        self._first_bad.setdefault(reason, place or (f"line {line}" if line else ""))

    def noted(self) -> tuple[str, ...]:
        """All notices, with those on rows left out."""
        skipped = [
            f"{count_of(count, 'row')} left out: {reason}"
            + (f" (the first: {first})" if (first := self._first_bad[reason]) else "")
            + "."
            for reason, count in self._bad.items()
        ]
        return (*self.notices, *skipped)

    def line_blocks(self) -> Iterator[tuple[int, bytes]]:
        """Whole lines, each ending with a line feed, many at a time, with the number of the first of them, from 1.
        A byte order mark is left out.
        """
        with self.faults(), self.path.open("rb") as file:
            line, rest, done, text = 1, b"", 0, self.unpacked(file)
            while block := text.read(_BLOCK):
                self.step(file.tell() / self.size)
                if not done:
                    block = block.removeprefix(b"\xef\xbb\xbf")
                done += len(block)
                end = block.rfind(b"\n") + 1
                if end:
                    lines = rest + block[:end]
                    yield line, lines
                    line, rest = line + lines.count(b"\n"), block[end:]
                else:
                    rest += block
                    if len(rest) > _LONGEST_LINE:
                        self.fail(f"A line has more than {_LONGEST_LINE >> 20} MB.", line=line,
                                  advice="This is probably not a text file of vectors.")  # fmt: skip
            if rest:
                yield line, rest + b"\n"


def tidy(lines: bytes) -> bytes:
    """Lines without what some programs write at the end of a line."""
    for end in (b"\r\n", b" \n"):
        if end in lines:
            lines = lines.replace(end, b"\n")
    return lines


def count_of(count: int, noun: str) -> str:
    """ "1 row was", "12 rows were"."""
    return f"1 {noun} was" if count == 1 else f"{count:,} {noun}s were"


def head_lines(head: bytes, most: int) -> list[bytes]:
    """The first whole lines of a file's beginning, without line ends; of a file with one line, that."""
    lines = tidy(head.removeprefix(b"\xef\xbb\xbf")).split(b"\n")
    whole = lines[:-1] if len(lines) > 1 else lines
    return whole[:most]
