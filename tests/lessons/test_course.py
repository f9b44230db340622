"""Every claim of every lesson of the program, worked out anew by the bundled models; and what the check finds wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.cli.lesson_verb import Workshop
from embstudio.lessons.course import lesson_files, lessons_dir, load_shelf
from embstudio.lessons.loader import load_lesson

FILES = lesson_files(lessons_dir())


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    return Workshop()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_claims_are_so(workshop: Workshop, file: Path) -> None:
    assert [str(fault) for fault in workshop.faults(load_lesson(file))] == []


def test_lessons_stand_in_their_order() -> None:
    shelf = load_shelf([lessons_dir()])
    assert shelf.refused == ()
    numbers = [lesson.number for lesson in shelf.lessons]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("1.0677,", "1.0687,", 22, "line comes to 1.0677078, not 1.0687"),
        ("'won')\", 10]", "'won')\", 13]", 14, "steps comes to 10, not 13"),
        ("'won')\", 10]", "'wonn')\", 10]", 14, "no 'wonn' among the tokens"),
        ("The line is {line}", "The line is 1.07", 19, "typed in by hand"),
        ("The line is {line}", "The {lines} is {line}", 19, "no claim lines"),
        ("The line is {line}", "The [[lien]] is {line}", 19, "glossary has no 'lien'"),
        ("The line is {line}, the way", "The way", 22, "No text speaks of the claim line"),
        ('"toy-lstm"', '"toy-gru"', 10, "no model 'toy-gru'"),
        ("euclidean(cat, dog)", "euclidean(cat, dogs)", 22, "no dogs"),
        ('title = "Far"', 'holds = ["1 > 2"]\ntitle = "Far"', 17, "does not hold: 1 > 2"),
        ('title = "Far"', 'title = "Far"\nshow.panel = "memori"', 18, "no panel"),
        ('title = "Far"', 'title = "Far"\nshow.look = "the moon"', 18, "no place 'the moon'"),
    ],
)  # fmt: skip
def test_the_check_finds_what_is_wrong(
    workshop: Workshop, tmp_path: Path, small: str, old: str, new: str, line: int, says: str
) -> None:
    assert old in small
    path = tmp_path / "lesson.toml"
    path.write_text(small.replace(old, new), encoding="utf-8")
    faults = list(workshop.faults(load_lesson(path)))
    fault = next(fault for fault in faults if says in fault.what)
    assert fault.line == line
    assert fault.column >= 1


def test_a_small_lesson_is_so(workshop: Workshop, tmp_path: Path, small: str) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text(small, encoding="utf-8")
    assert list(workshop.faults(load_lesson(path))) == []
