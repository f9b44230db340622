"""The bundled and the added models, and how a name or a path becomes one to open. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from embstudio.base import paths
from embstudio.base.errors import ModelFileError
from embstudio.modelfile.card import Card, load_card
from embstudio.modelfile.model_folder import is_named_by_folder, model_in

# What the picker lists first is what a newcomer should see first.
_ORDER = (
    "sentiment-lstm", "sentiment-gru", "sentiment-rnn", "sentiment-transformer", "next-word", "next-word-shared",
    "masked-word", "sentences", "words", "words-counted", "toy-rnn", "toy-lstm", "toy-attention",
)  # fmt: skip


@dataclass(frozen=True)
class ModelSource:
    """A model to open: its file, its tokenizer (None: look beside it, then do without), its card if it is ours."""

    path: Path
    tokenizer: Path | None = None
    name: str = ""  # the name of a bundled or added model, or "" for a file of the person's own

    @property
    def title(self) -> str:
        card = self.card
        if card:
            return card.title
        return (self.path.parent.name if is_named_by_folder(self.path) else "") or self.path.stem

    @property
    def card(self) -> Card | None:
        """None of a person's own file, and where there is something wrong with the card: see `card_fault`."""
        card = self._read_card()
        return card if isinstance(card, Card) else None

    @property
    def card_fault(self) -> ModelFileError | None:
        """What is wrong with the card of a model that should have one; without it the model works all the same."""
        card = self._read_card()
        return card if isinstance(card, ModelFileError) else None

    def _read_card(self) -> Card | ModelFileError | None:
        return _card(self.path.parent / "card.toml") if self.name else None


@lru_cache(maxsize=64)
def _card(path: Path) -> Card | ModelFileError:
    try:
        return load_card(path)
    except ModelFileError as error:
        return error


def bundled() -> tuple[ModelSource, ...]:
    """Every bundled model, in the order of the picker."""
    folders = [folder for folder in paths.models_dir().glob("*") if (folder / "model.onnx").is_file()]
    rank = {name: place for place, name in enumerate(_ORDER)}
    folders.sort(key=lambda folder: (rank.get(folder.name, len(rank)), folder.name))
    return tuple(ModelSource(folder / "model.onnx", folder / "tokenizer.json", folder.name) for folder in folders)


def added() -> tuple[ModelSource, ...]:
    """Every model that the person added (`embstudio add`), by name."""
    try:
        folders = sorted(folder for folder in paths.user_models_dir().glob("[!.]*") if _is_whole(folder))
    except OSError:  # a folder closed to us
        return ()
    return tuple(ModelSource(folder / "model.onnx", folder / "tokenizer.json", folder.name) for folder in folders)


def _is_whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("model.onnx", "tokenizer.json", "card.toml"))


def find(name_or_path: str) -> ModelSource:
    """A bundled or added name, an .onnx file, or a folder with a model in it. Raises ModelFileError."""
    known = (*bundled(), *added())
    for source in known:
        if source.name == name_or_path:
            return source
    try:
        path = _file(Path(name_or_path).expanduser())
    except (OSError, RuntimeError) as error:  # a name that no file can have, a folder closed to us, no such ~user
        raise ModelFileError(
            "There is no way to this model.", where=name_or_path, detail=str(error),
            advice="Check the path, and that you may read the folder.",
        ) from error  # fmt: skip
    if path is not None:
        return ModelSource(path)
    names = ", ".join(source.name for source in known)
    is_folder = bool(name_or_path) and Path(name_or_path).expanduser().is_dir()
    raise ModelFileError(
        "There is no .onnx file in this folder." if is_folder else "There is no such model.", where=name_or_path,
        advice=f"Give the path of an .onnx file, or one of these models: {names}.",
    )  # fmt: skip


def _file(path: Path) -> Path | None:
    """The model at a path: the file itself, or the one in the folder."""
    if path.is_file():
        return path
    return model_in(path) if path.is_dir() else None
