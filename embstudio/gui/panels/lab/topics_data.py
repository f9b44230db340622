"""The documents of the topics bench, and what LSA makes of them: read and worked out beside the window."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal

from embstudio.base.errors import StudioError
from embstudio.gui.panels.space.answers import Answers
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.lsa import Lsa, LsaJob, lsa_of
from embstudio.lab.topics.sources import ReadJob, Source
from embstudio.space.aside.job import Job, Work
from embstudio.space.aside.run import Outcome, Run

SMALL_TEXT = 200_000  # letters, or bytes of a file, that are read in this process
SMALL_MATRIX = 60_000  # cells that are taken apart in it
_LOOK = 0.1  # seconds between two looks at whether the answer is still wanted


class TopicsData(QObject):
    """corpus_changed(): other documents, or none; lsa_changed(): what LSA made of them, or that it could not.

    corpus: None while it is read, or where `error` says why there is none. lsa: None while it is worked out, or where
    `lsa_error` says why there is none.
    """

    corpus_changed = Signal()
    lsa_changed = Signal()

    def __init__(self, weighting: str, parent: QObject) -> None:
        super().__init__(parent)
        self.corpus: Corpus | None = None
        self.lsa: Lsa | None = None
        self.error: StudioError | None = None
        self.lsa_error: StudioError | None = None
        self.weighting = weighting
        self._readings, self._decompositions = Answers(self), Answers(self)
        self._readings.answered.connect(self.take)
        self._readings.failed.connect(self._on_unread)
        self._decompositions.answered.connect(self._on_lsa)
        self._decompositions.failed.connect(self._on_no_lsa)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close)

    @property
    def reading(self) -> bool:
        """Whether documents are being read."""
        return self._readings.busy

    @property
    def working(self) -> bool:
        """Whether LSA is being worked out."""
        return self._decompositions.busy

    def read(self, source: Source) -> None:
        """Take other documents; small ones are there at once."""
        self._readings.forget()
        if not _is_small(source):
            self._set(None, None)
            self._readings.ask(lambda check: _aside(ReadJob(source), check).corpus)
            self.corpus_changed.emit()
            self.lsa_changed.emit()
            return
        try:
            self.take(source.corpus())
        except StudioError as error:
            self._on_unread(error)

    def take(self, corpus: Corpus) -> None:
        """Take documents that are read, or a matrix that was changed by hand."""
        self._readings.forget()
        self._set(corpus, None)
        self.corpus_changed.emit()
        self.decompose()

    def set_weighting(self, weighting: str) -> None:
        """Have LSA take the matrix as counts, shares or tf-idf."""
        if weighting != self.weighting:
            self.weighting = weighting
            self.decompose()

    def close(self) -> None:
        """Nothing is wanted any more."""
        self._readings.forget()
        self._decompositions.forget()

    def stop(self) -> None:
        """Have LSA given up."""
        self._decompositions.forget()
        self.lsa_changed.emit()

    def decompose(self) -> None:
        """Have LSA worked out; small matrices are taken apart at once."""
        corpus, weighting = self.corpus, self.weighting
        self._decompositions.forget()
        self.lsa, self.lsa_error = None, None
        if corpus is not None and len(corpus.names) * len(corpus.words) <= SMALL_MATRIX:
            try:
                self.lsa = lsa_of(corpus, weighting)
            except StudioError as error:
                self.lsa_error = error
        elif corpus is not None:
            job = LsaJob(corpus, weighting)
            self._decompositions.ask(lambda check: _aside(job, check))
        self.lsa_changed.emit()

    def _set(self, corpus: Corpus | None, error: StudioError | None) -> None:
        self.corpus, self.error = corpus, error
        self.lsa = self.lsa_error = None
        self._decompositions.forget()

    def _on_unread(self, error: StudioError) -> None:
        self._set(None, error)
        self.corpus_changed.emit()
        self.decompose()

    def _on_lsa(self, lsa: Lsa) -> None:
        self.lsa = lsa
        self.lsa_changed.emit()

    def _on_no_lsa(self, error: StudioError) -> None:
        self.lsa_error = error
        self.lsa_changed.emit()


def _is_small(source: Source) -> bool:
    if source.path is None:
        return len(source.text) <= SMALL_TEXT
    try:
        return source.path.stat().st_size <= SMALL_TEXT
    except OSError:
        return True  # which the reading will say


def _aside(job: Job, check: Callable[[], None]) -> Any:
    """What a job in a process of its own comes to. Raises StudioError, and what `check` raises."""
    ends: SimpleQueue[Outcome[Any]] = SimpleQueue()
    run: Run[Any] = Run(lambda: Work(job, np.zeros((1, 1))), on_end=ends.put)
    run.start()
    try:
        while True:
            check()
            try:
                outcome = ends.get(timeout=_LOOK)
            except Empty:
                continue
            if outcome.error is not None:
                raise outcome.error
            return outcome.result
    finally:
        run.close()
