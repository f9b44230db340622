"""Documents as counts of words: the document × word matrix, and the words in their order where there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from embstudio.base.errors import InputError
from embstudio.lab.topics.sparse import Sparse

EDITABLE = 250_000  # cells of a matrix that is changed by hand
_MOST_TOKENS = 5_000_000  # that are sorted one by one


@dataclass(frozen=True, eq=False)
class Corpus:
    """names: of the documents. counts: [documents, words] whole numbers. order: [tokens] int32, the words as they
    stand in the documents; None where only the counts are known. left_out: tokens that are not counted."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    counts: Sparse
    order: np.ndarray | None = None
    left_out: int = 0

    @property
    def tokens(self) -> int:
        """How many words all documents have together."""
        return int(self.counts.values.sum())

    @property
    def empty(self) -> tuple[int, ...]:
        """The documents in which no word is counted."""
        return tuple(np.flatnonzero(np.diff(self.counts.starts) == 0).tolist())

    @property
    def editable(self) -> bool:
        """Whether cells can be changed one by one."""
        return len(self.names) * len(self.words) <= EDITABLE

    def check(self) -> None:
        """Raises InputError where there is nothing to find topics in."""
        if not self.tokens:
            raise InputError(
                "There are no words in these documents.", where=f"{len(self.names):,} documents",
                advice="Type or paste some documents, one a line, open a file, or put counts into the matrix.",
            )  # fmt: skip
        used = np.unique(self.counts.columns)
        if len(used) == 1:
            raise InputError(
                f"“{self.words[int(used[0])]}” is the only word in these documents.",
                advice="Topics are found from which words stand together: take documents of different words.",
            )  # fmt: skip
        if len(self.names) - len(self.empty) < 2:
            raise InputError(
                "There is only one document with words in it.",
                advice="Topics are found from what documents share and where they differ: put one document on a line.",
            )  # fmt: skip

    def check_tokens(self) -> None:
        """Raises InputError where there are too many words to sort one by one."""
        if self.tokens > _MOST_TOKENS:
            raise InputError(
                f"LDA sorts word by word, and these are more than {_MOST_TOKENS:,}.", where=f"{self.tokens:,} words",
                advice="Take fewer documents, or leave rare words out.",
            )  # fmt: skip

    def token_words(self) -> np.ndarray:
        """[tokens] int32: the word of each token, document by document."""
        if self.order is not None:
            return self.order
        return np.repeat(self.counts.columns, self.counts.values.astype(np.int64))

    def token_starts(self) -> np.ndarray:
        """[documents + 1]: where each document's tokens begin."""
        return np.concatenate([[0], np.cumsum(self.counts.row_sums())]).astype(np.int64)

    # By hand --------------------------------------------------------------------------------------------------------

    def with_count(self, document: int, word: int, count: int) -> Corpus:
        """Another count in one cell."""
        dense = self.counts.dense()
        dense[document, word] = count
        return self._of(dense)

    def with_document(self, name: str) -> Corpus:
        """One more document, of which nothing is counted yet."""
        dense = np.vstack([self.counts.dense(), np.zeros((1, len(self.words)), np.int64)])
        return replace(self._of(dense), names=(*self.names, name))

    def with_word(self, word: str) -> Corpus:
        """One more word. Raises InputError where it is there."""
        if word in self.words:
            raise InputError(f"“{word}” is in the matrix.", where=f"column {self.words.index(word) + 1}")
        dense = np.hstack([self.counts.dense(), np.zeros((len(self.names), 1), np.int64)])
        return replace(self._of(dense), words=(*self.words, word))

    def without_document(self, document: int) -> Corpus:
        """One document less."""
        dense = np.delete(self.counts.dense(), document, axis=0)
        return replace(self._of(dense), names=(*self.names[:document], *self.names[document + 1 :]))

    def without_word(self, word: int) -> Corpus:
        """One word less."""
        dense = np.delete(self.counts.dense(), word, axis=1)
        return replace(self._of(dense), words=(*self.words[:word], *self.words[word + 1 :]))

    def _of(self, dense: np.ndarray) -> Corpus:
        return Corpus(self.names, self.words, Sparse.of_dense(dense.astype(np.int64)))


def count_of(text: str) -> int:
    """What somebody wrote into a cell. Raises InputError for what is no count."""
    written = text.strip().replace(",", "")
    if not written:
        return 0
    try:
        value = float(written)
    except ValueError:
        raise InputError(f"“{text.strip()}” is not a number.", advice="Write how often the word occurs: 0, 1, 2 …"
                         ) from None  # fmt: skip
    if value < 0 or value != value:
        raise InputError("A count cannot be less than 0." if value < 0 else "This is no count.", where=text.strip())
    if value != int(min(value, 2**53)) or value > 10**9:
        raise InputError("A count is a whole number, up to a thousand million.", where=text.strip())
    return int(value)
