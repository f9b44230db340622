"""`embstudio lesson`: what it lists, what it finds, and its exit status."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command
from tests.lessons.conftest import SMALL


def test_lessons_of_the_program_are_listed(embstudio: Command) -> None:
    said = embstudio("lesson", "list")
    assert said.status == 0
    assert " 1  01-distances" in said.out
    assert "steps" in said.out


def test_a_lesson_in_which_all_is_so(embstudio: Command, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL, encoding="utf-8")
    said = embstudio("lesson", "check", "--values", path)
    assert (said.status, said.err) == (0, "")
    assert "line: 1.068" in said.out
    assert "mine.toml: 1 steps, 2 claims, all so" in said.out


def test_what_is_not_so_is_said_with_line_and_column(embstudio: Command, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SMALL.replace("1.0677", "1.1"), encoding="utf-8")
    (tmp_path / "b.toml").write_text("format = 1\ntitle = ", encoding="utf-8")
    (tmp_path / "c.toml").write_text(SMALL, encoding="utf-8")
    said = embstudio("lesson", "check", tmp_path)
    assert said.status == 1
    assert f"{tmp_path / 'a.toml'}:22:10: line comes to 1.0677078, not 1.1." in said.err
    assert f"{tmp_path / 'b.toml'}:2:1: This is not written as TOML is." in said.err
    assert "c.toml: 1 steps" in said.out
    assert embstudio("lesson", "list", tmp_path).status == 1


def test_a_folder_without_lessons_is_said_so(embstudio: Command, tmp_path: Path) -> None:
    said = embstudio("lesson", "check", tmp_path)
    assert said.status == 1
    assert "no lessons here" in said.err
