"""The examples menu: what ships is sound and offered where it suits; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.base.errors import ResourceError
from embstudio.base.examples import KINDS, load_examples
from embstudio.base.paths import resources_dir

GOOD = """
[[group]]
title = "One"
kinds = ["sentiment"]
[[group.example]]
text = "The dog was cute"
note = "look"
"""


def test_every_kind_of_model_is_offered_sentences() -> None:
    groups = load_examples(resources_dir() / "examples.toml")
    for kind in KINDS:
        assert sum(len(group.examples) for group in groups if group.suits(kind)) >= 4


def test_the_sentences_people_know_are_there() -> None:
    texts = {e.text for group in load_examples(resources_dir() / "examples.toml") for e in group.examples}
    assert {
        "The dog was cute",
        "The dog that I adopted from the pound five years ago won the pet competition.",
        "The big dog ran",
        "The cat chased the dog",
        "The dog chased the cat",
    } <= texts


def test_a_group_suits_its_kinds_and_unknown_models(tmp_path: Path) -> None:
    path = tmp_path / "examples.toml"
    path.write_text(GOOD, encoding="utf-8")
    (group,) = load_examples(path)
    assert group.suits("sentiment")
    assert group.suits("")
    assert not group.suits("next word")


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('["sentiment"]', '["poetry"]', "poetry"),
        ('"The dog was cute"', '"  "', "text"),
        ('note = "look"', "", "note"),
        ('title = "One"', "title = 1", "title"),
        ("[[group]]", "[[group]", "line"),
        ("[[group.example]]", "[group.other]", "example"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, named: str) -> None:
    path = tmp_path / "examples.toml"
    path.write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(ResourceError) as caught:
        load_examples(path)
    assert named in caught.value.detail
    assert caught.value.where == str(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ResourceError):
        load_examples(tmp_path / "none.toml")
