"""Clusters of a set of vectors as they are shown: which rows each holds, and the words that name it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embstudio.gui.plots.scatter.colouring import OTHERS, Categories
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.point_colours import MOST
from embstudio.space.cluster_traits import Trait, traits
from embstudio.space.clusters import Clustering
from embstudio.space.prepared_set import PreparedSet

TITLE = "clusters of the vectors"
NAMING = 3  # words that name a cluster
LISTED = 8  # words of each that are listed
_NUMBERED = re.compile(r"#\d+")  # what vectors without words are called
_LONG = 24  # letters of a word in a name


@dataclass(frozen=True, eq=False)
class Grouping:
    """clustering: of `rows` of the prepared vectors, those whose numbers are all finite. by: the distance."""

    prepared: PreparedSet
    clustering: Clustering
    rows: np.ndarray
    by: str

    @property
    def count(self) -> int:
        return len(self.clustering.centres)

    @cached_property
    def of_row(self) -> np.ndarray:
        """The cluster of each vector, −1 where it has none: [n] int64."""
        of_row = np.full(len(self.prepared.vectors), -1, np.int64)
        of_row[self.rows] = self.clustering.groups
        return of_row

    def members(self, cluster: int) -> np.ndarray:
        """Rows of the set."""
        return np.asarray(self.rows[self.clustering.groups == cluster])

    @cached_property
    def typical(self) -> list[list[str]]:
        """Of each cluster the words that speak for it, none twice."""
        words = self.prepared.set.words
        found = []
        for near in self.clustering.typical(LISTED):
            named = (visible_text(words[row]).strip() for row in self.rows[near].tolist())
            found.append(list(dict.fromkeys(filter(None, named))))
        return found

    @cached_property
    def traits(self) -> list[list[Trait]]:
        """Of each cluster what its members have in common in the metadata."""
        return traits(self.of_row, self.count, self.prepared.set.metadata)

    @cached_property
    def sentences(self) -> list[list[str]]:
        """The same for people."""
        return [
            [f"{each.column}: {each.value} in {percent(each.share)}, of all in {percent(each.usual)}" for each in told]
            for told in self.traits
        ]

    @property
    def words(self) -> list[list[str]]:
        """What is listed of each: its words, or its name where vectors have only numbers."""
        return [
            words if any(not _NUMBERED.fullmatch(word) for word in words) else [name, *words]
            for words, name in zip(self.typical, self.names, strict=True)
        ]

    @cached_property
    def names(self) -> list[str]:
        """A name of a few words for each; of vectors that have only numbers, what their metadata tell of them."""
        names = []
        for place, (words, told) in enumerate(zip(self.typical, self.traits, strict=True)):
            if all(_NUMBERED.fullmatch(word) for word in words):
                words = [f"{trait.value} {percent(trait.share)}" for trait in told[:1]] or [f"cluster {place + 1}"]
            names.append(", ".join(_cut(word) for word in words[:NAMING]))
        return names

    def title_of(self, row: int) -> str:
        """The cluster of a row for people; "" where it has none."""
        cluster = int(self.of_row[row])
        return f"{cluster + 1}: {self.names[cluster]}" if cluster >= 0 else ""

    @cached_property
    def colouring(self) -> Categories:
        """The ten largest in colours of their own."""
        own = min(self.count, MOST)
        codes = np.where((self.of_row < 0) | (self.of_row >= own), own, self.of_row)
        names = tuple(self.names[:own])
        return Categories(TITLE, codes.astype(np.uint8), names if codes.max() < own else (*names, OTHERS), named=True)

    @property
    def sentence(self) -> str:
        """How it came about, and what it is not."""
        clustering, width = self.clustering, self.prepared.vectors.shape[1]
        how = f", {self.prepared.transform.words}" if self.prepared.transform.words else ""
        said = f"{self.count} clusters of the vectors themselves{how}, in all {width:,} dimensions, not of this picture"
        said += f": k-means by {self.by}"
        if not clustering.finished:
            return f"{said}."
        if clustering.fitted < len(self.rows):
            said += f", centres found on {clustering.fitted:,} of {len(self.rows):,}, drawn at random"
        return f"{said}. It divides what has no groups too."

    @property
    def caption(self) -> str:
        """The same in a few words, for the plot."""
        return f"{self.count} clusters of the vectors, not of the picture (k-means, {self.by})"


def _cut(word: str) -> str:
    return word if len(word) <= _LONG else f"{word[: _LONG - 1]}…"


class ClusterColumn(Sequence[str]):
    """The cluster of each row as a column of metadata; worked out where it is looked at."""

    def __init__(self, grouping: Grouping) -> None:
        self._grouping = grouping

    def __len__(self) -> int:
        return len(self._grouping.of_row)

    def __getitem__(self, row):  # type: ignore[no-untyped-def]
        if isinstance(row, slice):
            return [self._grouping.title_of(each) for each in range(*row.indices(len(self)))]
        return self._grouping.title_of(row)
