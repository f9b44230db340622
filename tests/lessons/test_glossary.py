"""The glossary: each entry whole, every name found, every reference resolved."""

from __future__ import annotations

from collections import Counter

import pytest

from embstudio.base.paths import resources_dir
from embstudio.lessons.glossary import Glossary, load_glossary


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return load_glossary(resources_dir() / "glossary.toml")


def test_every_name_is_one_entry_s_alone(glossary: Glossary) -> None:
    names = Counter(name.lower() for entry in glossary.entries for name in (entry.term, *entry.aliases))
    assert [name for name, count in names.items() if count > 1] == []


def test_every_reference_resolves(glossary: Glossary) -> None:
    lost = [(entry.term, name) for entry in glossary.entries for name in entry.see if glossary.find(name) is None]
    assert lost == []
    assert not [entry.term for entry in glossary.entries if glossary.find(entry.term) is not entry]


def test_there_is_enough_and_no_entry_is_long(glossary: Glossary) -> None:
    assert len(glossary.entries) >= 70
    assert [entry.term for entry in glossary.entries if not 15 <= len(entry.meaning) <= 330] == []
    assert [entry.term for entry in glossary.entries if not entry.kind] == []


@pytest.mark.parametrize(
    ("asked", "term"),
    [("forget gates", "forget gate"), ("KEYS", "key"), ("cosine", "cosine similarity"), ("skip gram", "word2vec"),
     ("Back-Propagation", "back-propagation"), ("losses", "loss")],
)  # fmt: skip
def test_terms_are_found_by_other_names(glossary: Glossary, asked: str, term: str) -> None:
    found = glossary.find(asked)
    assert found is not None
    assert found.term == term


def test_what_begins_so_is_found_first(glossary: Glossary) -> None:
    found = [entry.term for entry in glossary.search("gate")]
    assert found[0] == "gate"
    assert {"forget gate", "input gate", "output gate"} <= set(found[:6])
    assert glossary.search("no such thing at all") == ()
    assert "softmax" in glossary.advice("sofmax")
