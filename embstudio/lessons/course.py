"""The lessons there are: those of the program in their order, and those of a person's own folder or file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embstudio.base.paths import resources_dir
from embstudio.lessons.lesson import Lesson
from embstudio.lessons.lesson_error import LessonError
from embstudio.lessons.loader import load_lesson

ENDING = ".toml"


@dataclass(frozen=True)
class Shelf:
    """lessons: in order. refused: what is wrong with the files that are none."""

    lessons: tuple[Lesson, ...]
    refused: tuple[LessonError, ...] = ()


def lessons_dir() -> Path:
    """Where the program's own lessons are."""
    return resources_dir() / "lessons"


def lesson_files(path: Path) -> list[Path]:
    """A file itself, or the lessons in a folder."""
    return sorted(path.glob(f"*{ENDING}")) if path.is_dir() else [path]


def load_shelf(paths: Sequence[Path]) -> Shelf:
    """The lessons of files and folders, by their numbers, then by their names. Nothing is raised."""
    lessons, refused = list[Lesson](), list[LessonError]()
    for path in (file for each in paths for file in lesson_files(each)):
        try:
            lessons.append(load_lesson(path))
        except LessonError as error:
            refused.append(error)
    lessons.sort(key=lambda lesson: (lesson.number or 1_000, lesson.path.name))
    return Shelf(tuple(lessons), tuple(refused))
