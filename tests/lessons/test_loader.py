"""Files that are lessons, and the places of what is wrong in those that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.lessons.lesson import Run
from embstudio.lessons.lesson_error import LessonError
from embstudio.lessons.loader import load_lesson
from tests.lessons.conftest import Read

SHOW = """
[step.show]
run = "noted"
at = "won"
panel = "memory"
page = "Units"
unit = 2
put = [["metric", "dot"], ["factor w", 0.8], ["keep T", true]]
press = "run"
look = "forget gate"
[step.ask]
question = "Which?"
choices = ["a", "b"]
answer = 2
after = "b."
"""


def test_a_lesson_is_read_whole(small: str, read: Read) -> None:
    lesson = read(small + SHOW)
    (step,) = lesson.steps
    assert (lesson.title.source, lesson.name, lesson.number) == ("Small", "lesson", 0)
    assert lesson.vectors["dog"] == (0.7, 0.3, 0.9)
    assert step.show.run == lesson.runs["noted"] == Run("toy-lstm", lesson.runs["noted"].text)
    assert step.show.put == (("metric", "dot"), ("factor w", 0.8), ("keep T", True))
    assert (step.show.at, step.show.press, step.show.unit, step.show.head) == ("won", ("run",), 2, None)
    assert step.ask is not None
    assert step.ask.right == 1
    assert [claim.name for _, claim in lesson.all_claims()] == ["steps", "line"]
    assert step.claims["line"].expected == 1.0677


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "says"),
    [
        ("format = 1", "format = 2", 1, 1, "does not say that it is a lesson"),
        ('summary = "One step."', 'sumary = "One step."', 3, 1, "Did you mean summary?"),
        ('summary = "One step."', 'summary = "x"\nminute = 3', 4, 1, "Did you mean minutes?"),
        ("cat = [0.2, 0.8, 0.1]", 'cat = [0.2, "a"]', 6, 1, "list of numbers"),
        ("cat = [0.2, 0.8, 0.1]", "steps = [1, 2]", 14, 1, "is both"),
        ('title = "Far"', "title = 7", 17, 1, "title must be a text"),
        ("euclidean(cat, dog)", "euclidean(cat; dog)", 22, 23, "no formula"),
        ("euclidean(cat, dog)", "cat.shape", 22, 10, "no place in a formula"),
        ('"4 digits"', '"4 numbers"', 22, 41, "no way to print"),
        ("line = [", "line = [1, ", 22, 1, "line is not whole"),
        ('[[step]]\ntitle = "Far"', '[[step]]\ntitle = "Far', 17, 13, "not written as TOML"),
        ("[[step]]", "[[steps]]", 16, 1, "Did you mean step?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(
    small: str, read: Read, old: str, new: str, line: int, column: int, says: str
) -> None:
    assert old in small
    with pytest.raises(LessonError) as raised:
        read(small.replace(old, new))
    error = raised.value
    assert says in f"{error.what} {error.advice}"
    assert (error.line, error.column) == (line, column)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("answer = 2", "answer = 3", "number of a choice"),
        ('choices = ["a", "b"]', 'choices = ["a"]', "two choices"),
        ('run = "noted"', 'run = "nobody"', "There is no run nobody"),
        ("unit = 2", "unit = -1", "whole number"),
        ('put = [["metric", "dot"]', 'put = [["metric"]', "put is a list of controls"),
        ('look = "forget gate"', "looks = 1", "Did you mean look?"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_step_is_said_on_its_line(small: str, read: Read, old: str, new: str, says: str) -> None:
    text = (small + SHOW).replace(old, new)
    with pytest.raises(LessonError) as raised:
        read(text)
    assert says in f"{raised.value.what} {raised.value.advice}"
    assert new.split()[0] in text.splitlines()[raised.value.line - 1]


def test_a_second_step_is_counted(small: str, read: Read) -> None:
    with pytest.raises(LessonError) as raised:
        read(small + '\n[[step]]\ntitle = "Two"\ntext = "x"\n[step.show]\npage = 3\n')
    assert (raised.value.line, raised.value.what) == (28, "page must be a text.")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"x" * 100, b"[" * 5000])
def test_a_file_that_is_none_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "none.toml"
    path.write_bytes(content)
    with pytest.raises(LessonError) as raised:
        load_lesson(path)
    assert raised.value.line >= 1
    assert "none.toml" in raised.value.where


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match="could not be read"):
        load_lesson(tmp_path / "nothing.toml")
