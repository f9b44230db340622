"""docs/lessons.md: its whole example is so, and what it lists is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from embstudio.cli.lesson_verb import Workshop
from embstudio.lessons.benches import BENCHES
from embstudio.lessons.functions import FUNCTIONS
from embstudio.lessons.loader import load_lesson
from embstudio.lessons.places import PANELS, PLACES
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "lessons.md").read_text(encoding="utf-8")


def test_the_whole_example_is_so(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    path = tmp_path / "forget.toml"
    path.write_text(example[1], encoding="utf-8")
    lesson = load_lesson(path)
    assert list(Workshop().faults(lesson)) == []
    assert len(list(lesson.all_claims())) == 7


def test_every_function_is_listed_with_what_it_gives() -> None:
    listed = dict(re.findall(r"^\| `(\w+)\([^`]*\)` \| (.*) \|$", PAGE, re.MULTILINE))
    assert {name: about.replace("\\|", "|") for name, about in listed.items()} == {
        name: function.about for name, function in FUNCTIONS.items()
    }
    assert all(f"`{function.signature}`" in PAGE for function in FUNCTIONS.values())


def test_every_measure_and_place_is_listed() -> None:
    for name, bench in BENCHES.items():
        row = re.search(rf"^\| {re.escape(name)} \| (.*?) \|", PAGE, re.MULTILINE)
        assert row is not None
        assert re.findall(r"`([^`]+)`", row[1]) == list(bench.measures)
    words = re.search(r"are words: (.*?), or a panel as a whole", PAGE, re.DOTALL)
    assert words is not None
    assert words[1].split(", ") == [word for word in PLACES if word not in PANELS]
