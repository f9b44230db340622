"""The recurrent cells that were trained in the lab, as files and as sets of vectors."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from embstudio.base.errors import InputError, VectorFileError
from embstudio.base.whole_file import write_whole
from embstudio.lab.recurrent.course import HELD, TRAIN
from embstudio.lab.recurrent.facts import About, Facts
from embstudio.lab.recurrent.network import Network
from embstudio.lab.recurrent.settings import Settings
from embstudio.session.recurrent_model import RecurrentModel
from embstudio.space.aside.job import Work
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.vector_set import VectorSet


@dataclass(frozen=True)
class TrainedCells:
    """thetas: all numbers of each cell, in the order of `about.cells`. at: how many epochs they were trained."""

    about: About
    thetas: tuple[np.ndarray, ...]
    facts: Facts
    settings: Settings
    at: float

    def source(self, kind: str) -> str:
        """How a cell came about, for people."""
        used = self.settings
        return f"{kind} trained in the Lab: {used.task}, distance {used.distance}, {self.at:.1f} epochs"

    def network(self, kind: str) -> Network:
        """One cell as it is now. Raises InputError where it was not ticked."""
        if kind not in self.about.cells:
            raise InputError(f"No {kind} was trained.", advice=f"Tick {kind} and press Reset.")
        about = self.about
        network = Network(kind, len(about.words), len(about.answers), self.settings.units)
        network.theta[...] = self.thetas[about.cells.index(kind)]
        return network

    def vector_set(self, kind: str) -> VectorSet:
        """What a cell has for its words."""
        return VectorSet(self.about.words, self.network(kind).parts["E"].copy(), {}, self.source(kind))


def save_cell(trained: TrainedCells, path: Path, kind: str) -> str:
    """Write one cell as a model. Raises StudioError."""
    parts = dict(trained.network(kind).parts)
    vectors = parts.pop("E")
    about = trained.about
    job = RecurrentModel(kind, about.words, about.answers, parts, str(path), trained.source(kind))
    ends: SimpleQueue[Outcome[RecurrentModel.Written]] = SimpleQueue()
    Run(lambda: Work(job, vectors), on_end=ends.put).start()
    error = ends.get().error
    if error is not None:
        raise error
    return f"The {kind} is saved in {path}, with its tokenizer and the names of its answers beside it."


def save_curves(trained: TrainedCells, path: Path) -> str:
    """Write how all cells have fared, and the settings as comments. Raises VectorFileError."""
    lines = [f"# {name} = {value}" for name, value in dataclasses.asdict(trained.settings).items()]
    lines.append(",".join(("cell", "epoch", *(f"train {name}" for name in TRAIN[1:]),
                           *(f"held-out {name}" for name in HELD[1:]))))  # fmt: skip
    for cell in trained.facts.cells:
        train = {row[0]: [repr(value) for value in row[1:]] for row in cell.train.tolist()}
        held = {row[0]: [repr(value) for value in row[1:]] for row in cell.held.tolist()}
        for at in sorted({*train, *held}):
            numbers = (*train.get(at, [""] * (len(TRAIN) - 1)), *held.get(at, [""] * (len(HELD) - 1)))
            lines.append(",".join((cell.kind, repr(at), *numbers)))
    try:
        with write_whole(path) as out:
            out.write("\n".join([*lines, ""]).encode("utf-8"))
    except OSError as error:
        raise VectorFileError("The curves could not be saved.", where=str(path), detail=str(error),
                              advice="Choose a folder that can be written to.") from error  # fmt: skip
    return f"Loss and accuracy over {trained.at:.1f} epochs are saved in {path}."
