"""card.toml: what a bundled model is. The recipe rewrites the measured tables; the written ones (title,
summary, examples, data, failures) are kept as they stand in the file."""

from __future__ import annotations

import datetime
import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

TOLERANCE = 1e-3
HARDWARE = "2 shared x86-64 cores, no GPU"


def check(text: str, ids: list[int], output: str, last: np.ndarray) -> dict[str, Any]:
    """A ``[[check]]``: the last position's first 8 numbers of ``output``, by the trainer's own arithmetic."""
    numbers = [round(float(value), 6) for value in last[:8]]
    return {
        "text": text,
        "ids": [int(i) for i in ids],
        "output": output,
        "last": numbers,
        "tolerance": TOLERANCE,
    }


def training(seed: int, length: str, minutes: float, recipe: str) -> dict[str, Any]:
    """A ``[training]`` table, dated today."""
    return {
        "seed": seed,
        "length": length,
        "minutes": round(minutes, 1),
        "hardware": HARDWARE,
        "recipe": recipe,
        "date": datetime.date.today(),
    }


def quality(name: str, value: float, unit: str, split: str, note: str = "") -> dict[str, Any]:
    """A ``[[quality]]`` figure, to four significant digits; a figure above 1,000 as a whole number."""
    value = round(value) if abs(value) >= 1000 else float(f"{value:.4g}")
    return {"name": name, "value": value, "unit": unit, "split": split, "note": note}


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def update(path: Path, **tables: Any) -> None:
    """Replace the given tables of the card at ``path`` and keep the rest."""
    card = (read(path) if path.exists() else {}) | tables
    path.write_text(render(card), encoding="utf-8")


def render(card: dict[str, Any]) -> str:
    """TOML, plain keys first, tables in the order in which a reader asks for them."""
    order = ["architecture", "data", "training", "quality", "failure", "check"]
    lines = [f"{_key(key)} = {_value(value)}" for key, value in card.items() if key not in order]
    for name in order:
        table = card.get(name, [])
        for entry in table if isinstance(table, list) else [table]:
            lines += ["", f"[[{name}]]" if isinstance(table, list) else f"[{name}]"]
            lines += [f"{_key(key)} = {_value(value)}" for key, value in entry.items()]
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        if sum(len(_value(item)) for item in value) > 100 and isinstance(value[0], str):
            return "[\n" + "".join(f"    {_value(item)},\n" for item in value) + "]"
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return str(value)
