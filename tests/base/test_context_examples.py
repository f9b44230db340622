"""The example words: those that are shipped, and files with something wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.base.context_examples import load_context_examples
from embstudio.base.errors import ResourceError
from embstudio.base.paths import resources_dir
from embstudio.trace.occurrences import spans_of


def test_every_word_stands_in_its_sentences_in_two_groups() -> None:
    examples = load_context_examples(resources_dir() / "contexts.toml")
    assert [example.word for example in examples][:4] == ["bank", "light", "spring", "bat"]
    for example in examples:
        groups = {group for group, _sentence in example.sentences}
        assert len(groups) == 2
        for _group, sentence in example.sentences:
            assert len(spans_of(example.word, sentence)) == 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nothing = 1", "word"),
        ('[[word]]\nword = "bank"\nnote = "x"\n[[word.group]]\nname = "a"\nsentences = ["no such", "bank"]', "no such"),
        ('[[word]]\nword = "bank"\nnote = "x"\n[[word.group]]\nname = "a"\nsentences = ["bank"]', "two sentences"),
        ('[[word]]\nword = " "\nnote = "x"\ngroup = []', "word must be words"),
        ("[[word", "Expected"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "contexts.toml"
    path.write_text(text)
    with pytest.raises(ResourceError) as raised:
        load_context_examples(path)
    assert named in raised.value.detail
    assert str(path) in raised.value.where
