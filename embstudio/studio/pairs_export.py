"""What was trained by pairs in the lab as files, and as a set of vectors."""

from __future__ import annotations

import csv
import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from embstudio.base.errors import VectorFileError
from embstudio.base.whole_file import write_whole
from embstudio.lab.pairs.items import Items, words_of
from embstudio.lab.pairs.settings import BAG, LINEAR, LSTM, TABLE, Settings
from embstudio.session import encoder_model
from embstudio.session.encoder_model import EncoderModel
from embstudio.session.lookup_model import LookupModel
from embstudio.space.aside.job import Job, Work
from embstudio.space.aside.run import Outcome, Run
from embstudio.space.files import save
from embstudio.space.vector_set import VectorSet

_CURVES = ("epoch", "loss", "held_out_loss", "accuracy", "held_out_accuracy")


@dataclass(frozen=True)
class TrainedPairs:
    """V: vectors of the items [items, dimensions]. distances, held: of the pairs, [pairs]. weights: the encoder's, by
    name. curve: [n, 5], see `lab.pairs.bench.Facts`. settings: it was trained with; at: how many epochs."""

    items: Items
    V: np.ndarray
    distances: np.ndarray
    held: np.ndarray
    weights: dict[str, np.ndarray]
    curve: np.ndarray
    settings: Settings
    at: float

    @property
    def source(self) -> str:
        """How it came about, for people."""
        return f"trained in the Lab by pairs: {self.settings.encoder}, {self.settings.loss} loss, {self.at:.1f} epochs"

    def vector_set(self) -> VectorSet:
        """A vector for each word or sentence."""
        return VectorSet(self.items.names, self.V.astype(np.float32), {}, self.source)


def save_vectors(trained: TrainedPairs, path: Path) -> str:
    """Write the vectors as the ending says. Raises VectorFileError."""
    save(trained.vector_set(), path)
    return f"{len(trained.items.names):,} vectors are saved in {path}."


def save_encoder(trained: TrainedPairs, path: Path) -> str:
    """Write a model that makes the vectors as the trained encoder does. Raises StudioError."""
    items, weights, kind = trained.items, trained.weights, trained.settings.encoder
    others = {name: value for name, value in weights.items() if name != "E"}
    if kind == TABLE:
        whole = any(words_of(name) != [name] for name in items.names)
        _write(LookupModel(items.names, str(path), trained.source, whole), weights["E"])
        return f"A model that looks up {len(items.names):,} vectors is saved in {path}, with its tokenizer beside it."
    linear = trained.settings.layer == LINEAR
    kinds = {BAG: encoder_model.LINEAR_BAG if linear else encoder_model.BAG, LSTM: encoder_model.LSTM}
    _write(EncoderModel(kinds[kind], items.words, others, str(path), trained.source), weights["E"])
    return (
        f"The {kind} is saved as a model in {path}, with its tokenizer beside it. It knows {len(items.words):,} words; "
        "of all others it makes zeros."
    )


def save_curves(trained: TrainedPairs, path: Path) -> str:
    """Write loss and accuracy by epoch, and the settings as comments. Raises VectorFileError."""
    used = [f"# {name} = {value}" for name, value in dataclasses.asdict(trained.settings).items()]
    rows = [",".join("" if np.isnan(value) else repr(value) for value in row) for row in trained.curve.tolist()]
    _save_text("\n".join([*used, ",".join(_CURVES), *rows, ""]), path, "The loss")
    return f"Loss and accuracy over {trained.at:.1f} epochs are saved in {path}."


def save_distances(trained: TrainedPairs, path: Path) -> str:
    """Write the pairs, each with its distance and the verdict. Raises VectorFileError."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("left", "right", "label", "distance", "verdict", "held_out"))
    names, labels = trained.items.names, ("DIFFERENT", "SAME")
    for (left, right), same, distance, held in zip(
        trained.items.ends.tolist(), trained.items.same.tolist(), trained.distances.tolist(), trained.held.tolist(),
        strict=True,
    ):  # fmt: skip
        verdict = labels[distance <= trained.settings.threshold]
        writer.writerow((names[left], names[right], labels[same], repr(distance), verdict, int(held)))
    _save_text(out.getvalue(), path, "The distances")
    return f"{len(trained.distances):,} pairs with their distances are saved in {path}."


def _write(job: Job, vectors: np.ndarray) -> None:
    """Have it written by a process of its own. Raises StudioError."""
    ends: SimpleQueue[Outcome[Any]] = SimpleQueue()
    Run(lambda: Work(job, vectors), on_end=ends.put).start()
    error = ends.get().error
    if error is not None:
        raise error


def _save_text(text: str, path: Path, what: str) -> None:
    try:
        with write_whole(path) as out:
            out.write(text.encode("utf-8"))
    except OSError as error:
        raise VectorFileError(f"{what} could not be saved.", where=str(path), detail=str(error),
                              advice="Choose a folder that can be written to.") from error  # fmt: skip
