"""Cards: the bundled ones load as they are written, and a broken one says which field is to blame."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from embstudio.base.errors import ModelFileError
from embstudio.base.paths import models_dir
from embstudio.modelfile.card import Card, load_card

CARDS = sorted(models_dir().glob("*/card.toml"))
LEAST = """
title = "A model"
kind = "next word"
summary = "It guesses.\\n"
licence = "MIT"
"""
WHOLE = (
    LEAST
    + """
example_sentences = ["one", "two"]
labels = ["no", "yes"]
max_tokens = 12
[architecture]
family = "LSTM"
layers = 2
dropout = 0.1
[training]
date = 2025-06-01
[[data]]
name = "Reviews"
licence = "CC0"
[[quality]]
name = "accuracy"
value = 88
split = "held out"
[[failure]]
text = "oh great"
note = "takes irony at its word"
[[check]]
text = "one"
ids = [1, 2]
output = "logits"
last = [0.5, 1]
tolerance = 1e-3
"""
)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """write(text) is the path of a card with that text."""

    def put(text: str) -> Path:
        path = tmp_path / "card.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.mark.parametrize("path", CARDS, ids=[path.parent.name for path in CARDS])
def test_each_bundled_card_loads_as_it_is_written(path: Path) -> None:
    raw, card = tomllib.loads(path.read_text(encoding="utf-8")), load_card(path)
    assert (card.title, card.kind, card.summary) == (raw["title"], raw["kind"], raw["summary"].strip())
    assert card.example_sentences == tuple(raw["example_sentences"])
    assert card.labels == tuple(raw.get("labels", ()))
    assert card.max_tokens == raw.get("max_tokens")
    assert card.architecture == raw["architecture"]
    assert card.training == {name: value if name != "date" else str(value) for name, value in raw["training"].items()}
    assert [entry["licence"] for entry in card.data] == [entry["licence"] for entry in raw["data"]]
    assert [(figure.name, figure.value) for figure in card.quality] == [(f["name"], f["value"]) for f in raw["quality"]]
    assert card.failures == tuple((each["text"], each["note"]) for each in raw["failure"])
    assert [(check.text, list(check.ids)) for check in card.checks] == [(c["text"], c["ids"]) for c in raw["check"]]
    assert [list(check.last) for check in card.checks] == [c["last"] for c in raw["check"]]


def test_there_are_bundled_cards() -> None:
    assert {path.parent.name for path in CARDS} >= {"sentiment-lstm", "sentiment-rnn", "next-word", "words"}


def test_the_least_card_has_nothing_of_the_rest(write: Any) -> None:
    assert load_card(write(LEAST)) == Card(
        "A model", "next word", "It guesses.", "MIT", (), (), None, {}, (), {}, (), (), ()
    )


def test_a_whole_card(write: Any) -> None:
    card = load_card(write(WHOLE))
    assert (card.max_tokens, card.labels) == (12, ("no", "yes"))
    assert card.architecture == {"family": "LSTM", "layers": 2, "dropout": 0.1}
    assert card.training == {"date": "2025-06-01"}
    (figure,) = card.quality
    assert (figure.value, type(figure.value), figure.unit, figure.split) == (88.0, float, "", "held out")
    (check,) = card.checks
    assert (check.ids, check.last, check.tolerance) == ((1, 2), (0.5, 1.0), 1e-3)


@pytest.mark.parametrize("field", ["title", "kind", "summary", "licence"])
def test_a_missing_field_is_named(write: Any, field: str) -> None:
    lines = [line for line in LEAST.splitlines() if not line.startswith(field)]
    path = write("\n".join(lines))
    with pytest.raises(ModelFileError) as caught:
        load_card(path)
    assert field in caught.value.detail
    assert caught.value.where == str(path)
    assert caught.value.advice


@pytest.mark.parametrize("field", ["name", "value", "text", "note", "ids", "output", "last", "tolerance"])
def test_a_missing_field_of_an_entry_is_named(write: Any, field: str) -> None:
    lines = [line for line in WHOLE.splitlines() if not line.startswith(f"{field} =") or "Reviews" in line]
    with pytest.raises(ModelFileError) as caught:
        load_card(write("\n".join(lines)))
    assert f"'{field}'" in caught.value.detail


@pytest.mark.parametrize(
    ("was", "now", "field"),
    [
        ('title = "A model"', "title = 5", "title"),
        ('labels = ["no", "yes"]', 'labels = "no"', "labels"),
        ('labels = ["no", "yes"]', "labels = [0, 1]", "labels"),
        ('example_sentences = ["one", "two"]', 'example_sentences = "one"', "example_sentences"),
        ("max_tokens = 12", 'max_tokens = "many"', "max_tokens"),
        ("max_tokens = 12", "max_tokens = true", "max_tokens"),
        ("layers = 2", "layers = []", "layers"),
        ('licence = "CC0"', "licence = 0", "licence"),
        ("value = 88", 'value = "88 %"', "value"),
        ("ids = [1, 2]", 'ids = "1, 2"', "ids"),
        ("ids = [1, 2]", "ids = [1.5]", "ids"),
        ("last = [0.5, 1]", 'last = ["0.5"]', "last"),
        ("[[failure]]", "[failure]", "failure"),
        ("[training]", "[[training]]", "training"),
    ],
)
def test_a_field_of_the_wrong_sort_is_named(write: Any, was: str, now: str, field: str) -> None:
    assert was in WHOLE
    with pytest.raises(ModelFileError) as caught:
        load_card(write(WHOLE.replace(was, now)))
    assert field in caught.value.detail


@pytest.mark.parametrize("content", [b"title = ", b"\xff\xfe", b"= 3", b'title = "a"\ntitle = "b"'])
def test_what_is_no_toml_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "card.toml"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="card could not be read"):
        load_card(path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="nowhere"):
        load_card(tmp_path / "nowhere" / "card.toml")
