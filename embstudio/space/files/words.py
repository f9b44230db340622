"""The words of a file, as they come in: decoded, and each only once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.space.files.reading import Reading, count_of

_NAMED = 3  # words that a notice names


class Words:
    """once: a word that comes again is left out with its vector, and that is said; else it stays."""

    def __init__(self, reading: Reading, *, once: bool = True) -> None:
        self._reading, self._once = reading, once
        self._words: list[str] = []
        self._seen: set[str] = set()
        self._again: list[str] = []
        self._escaped = 0

    def __len__(self) -> int:
        return len(self._words)

    def add(
        self, names: Sequence[bytes] | Sequence[str], lines: Sequence[int] | range | None = None
    ) -> np.ndarray | None:
        """Names without line feeds. Returns which of them to keep, [n] bool; None for all of them.

        lines: where each stands, for errors. Raises VectorFileError for one that is not in the encoding.
        """
        kept: np.ndarray | None = None
        words = self._decoded(names, lines)
        if self._once:
            fresh = set(words)
            if len(fresh) < len(words) or not self._seen.isdisjoint(fresh):
                kept = self._without_again(words)
            else:
                self._seen |= fresh
        self._words += words if kept is None else [word for word, keep in zip(words, kept, strict=True) if keep]
        return kept

    def done(self) -> tuple[str, ...]:
        """All of them; a notice says which came again."""
        if self._again:
            names = list(dict.fromkeys(self._again))
            said = ", ".join(map(repr, names[:_NAMED])) + (", ..." if len(names) > _NAMED else "")
            self._reading.notices.append(
                f"{count_of(len(self._again), 'row')} left out whose word had come before: {said}. The first counts."
            )
        if self._escaped:
            encoding = self._reading.options.encoding
            self._reading.notices.append(
                f"{count_of(self._escaped, 'word')} not {encoding}: bytes that are not are written as \\x97."
            )
        return tuple(self._words)

    def _decoded(self, names: Sequence[bytes] | Sequence[str], lines: Sequence[int] | range | None) -> list[str]:
        plain = [name for name in names if isinstance(name, bytes)]
        if not plain:
            return [name for name in names if isinstance(name, str)]
        try:
            words = b"\n".join(plain).decode(self._reading.options.encoding).split("\n")
        except UnicodeDecodeError:
            return self._one_by_one(plain, lines)
        if len(words) != len(plain):  # an encoding in which a line feed is not one byte
            self._reading.fail(f"Words cannot be told apart in the encoding {self._reading.options.encoding}.",
                               advice="Save the file as UTF-8.")  # fmt: skip
        return words

    def _one_by_one(self, names: Sequence[bytes], lines: Sequence[int] | None) -> list[str]:
        encoding, words = self._reading.options.encoding, list[str]()
        for index, name in enumerate(names):
            try:
                words.append(name.decode(encoding))
            except UnicodeDecodeError as error:
                line = lines[index] if lines is not None else None
                escaped = name.decode(encoding, "backslashreplace")
                if not self._reading.options.skip_bad:
                    self._reading.fail(
                        f"The word '{_shown(escaped[:40])}' is not {encoding}.", line=line, column=error.start + 1,
                        advice="Name its encoding with --encoding (latin-1 takes any), or write such bytes as \\x97 "
                               "with --skip-bad.",
                    )  # fmt: skip
                words.append(escaped)
                self._escaped += 1
        return words

    def _without_again(self, words: Sequence[str]) -> np.ndarray:
        kept = np.ones(len(words), bool)
        for index, word in enumerate(words):
            if word in self._seen:
                self._again.append(word)
                kept[index] = False
            self._seen.add(word)
        return kept


def _shown(word: str) -> str:
    """What is not printed as its escape; backslashes of escapes that are there already stay single."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in word)
