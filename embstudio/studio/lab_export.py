"""What was trained in the lab as files, and as a set of vectors."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from embstudio.base.errors import VectorFileError
from embstudio.base.whole_file import write_whole
from embstudio.lab.word2vec.settings import Settings
from embstudio.session.lookup_model import LookupModel
from embstudio.space.aside.job import Work
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.files import save
from embstudio.space.vector_set import VectorSet


@dataclass(frozen=True)
class Trained:
    """words, counts: of the text, [words]. V, U: both tables [words, width]. curve: [n, 2], epochs and losses.
    settings: it was trained with; at: how many epochs."""

    words: tuple[str, ...]
    counts: np.ndarray
    V: np.ndarray
    U: np.ndarray
    curve: np.ndarray
    settings: Settings
    at: float

    @property
    def source(self) -> str:
        """How it came about, for people."""
        used = self.settings
        return f"trained in the Lab: {used.model}, {used.loss}, window {used.window}, {self.at:.1f} epochs"

    def vector_set(self, *, output: bool = False) -> VectorSet:
        """The input vectors, or the output vectors, with how often each word occurs."""
        counts = tuple(str(count) for count in self.counts.tolist())
        return VectorSet(self.words, self.U if output else self.V, {"count": counts}, self.source)


def save_vectors(trained: Trained, path: Path, *, output: bool) -> str:
    """Write one of the tables as the ending says. Raises VectorFileError."""
    save(trained.vector_set(output=output), path)
    return f"{len(trained.words):,} vectors are saved in {path}."


def save_model(trained: Trained, path: Path) -> str:
    """Write a model that gives the input vectors of words. Raises StudioError."""
    ends: SimpleQueue[Outcome[LookupModel.Written]] = SimpleQueue()
    Run(lambda: Work(LookupModel(trained.words, str(path), trained.source), trained.V), on_end=ends.put).start()
    error = ends.get().error
    if error is not None:
        raise error
    return f"A model that looks up {len(trained.words):,} words is saved in {path}, with its tokenizer beside it."


def save_loss(trained: Trained, path: Path) -> str:
    """Write the curve, and the settings as comments. Raises VectorFileError."""
    used = [f"# {name} = {value}" for name, value in dataclasses.asdict(trained.settings).items()]
    rows = [f"{at!r},{loss!r}" for at, loss in trained.curve.tolist()]
    try:
        with write_whole(path) as out:
            out.write("\n".join([*used, "epoch,loss", *rows, ""]).encode("utf-8"))
    except OSError as error:
        raise VectorFileError("The loss could not be saved.", where=str(path), detail=str(error),
                              advice="Choose a folder that can be written to.") from error  # fmt: skip
    return f"The loss over {trained.at:.1f} epochs is saved in {path}."
