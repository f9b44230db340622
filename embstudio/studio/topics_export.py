"""What the topics bench found as files, and as sets of vectors."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from embstudio.base.errors import InputError, VectorFileError
from embstudio.base.whole_file import write_whole
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.documents import words_of
from embstudio.lab.topics.gibbs import topic_words
from embstudio.lab.topics.lsa import Lsa
from embstudio.lab.topics.settings import Settings
from embstudio.lab.topics.weighting import COUNTS, TF_IDF, idf
from embstudio.session.bag_model import BagModel
from embstudio.session.lookup_model import LookupModel
from embstudio.space.aside.job import Work
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.files import save
from embstudio.space.vector_set import VectorSet


@dataclass(frozen=True, eq=False)
class Sorted:
    """Where LDA is. n_dk: [documents, topics]; n_wk: [words, topics]; curve: [n, 3] epoch, perplexity, log P(w | z)."""

    settings: Settings
    n_dk: np.ndarray
    n_wk: np.ndarray
    curve: np.ndarray
    at: float

    @property
    def theta(self) -> np.ndarray:
        """[documents, topics], rows sum to 1."""
        raised = self.n_dk + self.settings.alpha
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    @property
    def phi(self) -> np.ndarray:
        """[words, topics], columns sum to 1."""
        return topic_words(self.n_wk, self.settings.beta)

    @property
    def source(self) -> str:
        return f"found in the Lab: LDA, {self.settings.topics} topics, {self.at:.1f} epochs"


@dataclass(frozen=True, eq=False)
class Found:
    """What there is to be saved. rank: how many components of LSA are kept. lda: None before it began."""

    corpus: Corpus
    lsa: Lsa | None
    rank: int
    lda: Sorted | None

    def by_lsa(self) -> Lsa:
        """Raises InputError where there is none, or nothing of it is kept."""
        if self.lsa is None or not self.rank:
            raise InputError("There is nothing of LSA to save.", advice="Keep at least one rank (LSA).")
        return self.lsa

    def by_lda(self) -> Sorted:
        """Raises InputError where there is none."""
        if self.lda is None:
            raise InputError("LDA has not begun.", advice="Press Run or Step first.")
        return self.lda

    def documents_by_lsa(self) -> VectorSet:
        lsa = self.by_lsa()
        return VectorSet(self.corpus.names, _narrow(lsa.documents(self.rank)), {}, self._lsa_source(lsa))

    def words_by_lsa(self) -> VectorSet:
        lsa = self.by_lsa()
        return VectorSet(self.corpus.words, _narrow(lsa.words(self.rank)), self._counts(), self._lsa_source(lsa))

    def documents_by_lda(self) -> VectorSet:
        lda = self.by_lda()
        topics = {"topic": tuple(str(topic + 1) for topic in lda.theta.argmax(axis=1).tolist())}
        return VectorSet(self.corpus.names, _narrow(lda.theta), topics, lda.source)

    def words_by_lda(self) -> VectorSet:
        """Each word's chance of each topic, P(topic | word) ∝ n_kw + β."""
        lda = self.by_lda()
        raised = lda.n_wk + lda.settings.beta
        chances = raised / raised.sum(axis=1, keepdims=True)
        topics = {"topic": tuple(str(topic + 1) for topic in chances.argmax(axis=1).tolist())}
        return VectorSet(self.corpus.words, _narrow(chances), {**self._counts(), **topics}, lda.source)

    def _counts(self) -> dict[str, tuple[str, ...]]:
        return {"count": tuple(f"{count:.0f}" for count in self.corpus.counts.column_sums().tolist())}

    def _lsa_source(self, lsa: Lsa) -> str:
        return f"found in the Lab: LSA of {lsa.weighting}, rank {self.rank}"


def save_set(vectors: VectorSet, path: Path) -> str:
    """Write a set as the ending says. Raises VectorFileError."""
    save(vectors, path)
    return f"{len(vectors):,} vectors are saved in {path}."


def save_topics(found: Found, path: Path) -> str:
    """A line for each of LDA's topics (words' chances) and LSA's components (words' weights). Raises StudioError."""
    rows: list[list[object]] = []
    if found.lda is not None:
        rows += [["LDA", topic, *chances.tolist()] for topic, chances in enumerate(found.lda.phi.T, 1)]
    if found.lsa is not None:
        rows += [["LSA", at, *weights.tolist()] for at, weights in enumerate(found.lsa.V[:, : found.rank].T, 1)]
    if not rows:
        found.by_lsa()
    _write(path, [["method", "topic", *found.corpus.words]], rows)
    return f"{len(rows):,} topics and components are saved in {path}."


def save_documents(found: Found, path: Path) -> str:
    """A line for each document: its shares of topics by LDA, its coordinates by LSA. Raises StudioError."""
    heads, parts = ["document"], []
    if found.lda is not None:
        parts.append(found.lda.theta)
        heads += [f"LDA {topic + 1}" for topic in range(found.lda.settings.topics)]
    if found.lsa is not None and found.rank:
        parts.append(found.lsa.documents(found.rank))
        heads += [f"LSA {at + 1}" for at in range(found.rank)]
    if not parts:
        found.by_lsa()
    numbers = np.hstack(parts).tolist()
    _write(path, [heads], ([name, *row] for name, row in zip(found.corpus.names, numbers, strict=True)))
    return f"{len(found.corpus.names):,} documents are saved in {path}."


def save_matrix(found: Found, path: Path) -> str:
    """The counts, as they can be opened again. Raises StudioError."""
    corpus = found.corpus
    rows = ([name, *corpus.counts.dense(at, at + 1)[0].tolist()] for at, name in enumerate(corpus.names))
    _write(path, [["document", *corpus.words]], rows)
    return f"{len(corpus.names):,} × {len(corpus.words):,} counts are saved in {path}."


def save_curve(found: Found, path: Path) -> str:
    """LDA's curve, and the settings as comments. Raises StudioError."""
    lda = found.by_lda()
    used = [[f"# {name} = {value}"] for name, value in dataclasses.asdict(lda.settings).items()]
    _write(path, [*used, ["epoch", "perplexity", "log P(w | z)"]], lda.curve.tolist())
    return f"The curve over {lda.at:.1f} epochs is saved in {path}."


def save_model(found: Found, path: Path) -> str:
    """A model that gives the latent vector of any text of these words. Raises StudioError."""
    lsa, corpus = found.by_lsa(), found.corpus
    table = lsa.V[:, : found.rank]
    if lsa.weighting == TF_IDF:
        table = table * idf(corpus)[:, None]
    about = f"LSA of {lsa.weighting}, rank {found.rank}, {len(corpus.names):,} documents, from the Lab"
    job = BagModel(corpus.words, str(path), lsa.weighting != COUNTS, about)
    ends: SimpleQueue[Outcome[LookupModel.Written]] = SimpleQueue()
    Run(lambda: Work(job, np.ascontiguousarray(table)), on_end=ends.put).start()
    error = ends.get().error
    if error is not None:
        raise error
    said = (
        f"A model that turns texts of {len(corpus.words):,} words into {found.rank} numbers is saved in {path}, with "
        "its tokenizer beside it."
    )
    lost = sum(words_of(word) != [word] for word in corpus.words)
    return (
        f"{said} {lost:,} of its words are not found in texts: they are no single words in lower case."
        if lost
        else said
    )


def _narrow(numbers: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(numbers, dtype=np.float32)


def _write(path: Path, heads: Iterable[Sequence[object]], rows: Iterable[Sequence[object]]) -> None:
    try:
        with write_whole(path) as out:
            text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
            writer = csv.writer(text, lineterminator="\n")
            writer.writerows(heads)
            writer.writerows(rows)
            text.detach()
    except OSError as error:
        raise VectorFileError("The table could not be saved.", where=str(path), detail=str(error),
                              advice="Choose a folder that can be written to.") from error  # fmt: skip
