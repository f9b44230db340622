"""A fault of the program's own: a sentence and a file for the report, and no traceback on the screen."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from embstudio.cli.verbs import perform


def test_a_fault_ends_in_words_and_a_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    unfinished = argparse.Namespace(verb="inspect")  # what the parser never gives: no model
    assert perform(unfinished) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "Something unexpected" in said.err
    assert "Traceback" not in said.err
    (report,) = tmp_path.glob("embstudio-*.txt")
    assert str(report) in said.err
    assert "AttributeError" in report.read_text(encoding="utf-8")
