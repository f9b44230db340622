"""A model's card: what it is, how good it is, on what it was trained, under what licence. Reads card.toml only."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embstudio.base.errors import ModelFileError


@dataclass(frozen=True)
class Figure:
    """One measured quality, with the split it was measured on."""

    name: str
    value: float
    unit: str
    split: str
    note: str


@dataclass(frozen=True)
class Check:
    """Figures stored at training time that an installation must reproduce: the first numbers of an output's last
    position for a text, worked out outside onnxruntime."""

    text: str
    ids: tuple[int, ...]
    output: str
    last: tuple[float, ...]
    tolerance: float


@dataclass(frozen=True)
class Card:
    """What the person is told of a bundled model."""

    title: str
    kind: str
    summary: str
    licence: str
    example_sentences: tuple[str, ...]
    labels: tuple[str, ...]
    max_tokens: int | None
    architecture: dict[str, str | int | float]
    data: tuple[dict[str, str], ...]
    training: dict[str, str | int | float]
    quality: tuple[Figure, ...]
    failures: tuple[tuple[str, str], ...]  # (text, what goes wrong)
    checks: tuple[Check, ...]


def load_card(path: Path) -> Card:
    """Read a card.toml. Raises ModelFileError, naming the field that is missing or of the wrong sort."""
    try:
        with path.open("rb") as file:
            raw: dict[str, Any] = tomllib.load(file)
        return Card(
            title=str(raw["title"]),
            kind=str(raw["kind"]),
            summary=str(raw["summary"]).strip(),
            licence=str(raw["licence"]),
            example_sentences=tuple(map(str, raw.get("example_sentences", ()))),
            labels=tuple(map(str, raw.get("labels", ()))),
            max_tokens=int(raw["max_tokens"]) if "max_tokens" in raw else None,
            architecture=dict(raw.get("architecture", {})),
            data=tuple(dict(entry) for entry in raw.get("data", ())),
            training=dict(raw.get("training", {})),
            quality=tuple(
                Figure(str(f["name"]), float(f["value"]), str(f.get("unit", "")), str(f.get("split", "")),
                       str(f.get("note", "")))
                for f in raw.get("quality", ())
            ),
            failures=tuple((str(f["text"]), str(f["note"])) for f in raw.get("failure", ())),
            checks=tuple(
                Check(str(c["text"]), tuple(map(int, c["ids"])), str(c["output"]), tuple(map(float, c["last"])),
                      float(c["tolerance"]))
                for c in raw.get("check", ())
            ),
        )  # fmt: skip
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(
            "The model's card could not be read.", where=str(path), detail=repr(error),
            advice="Reinstall embstudio, or correct the field named in the details.",
        ) from error  # fmt: skip
