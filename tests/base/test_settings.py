"""Settings survive a round trip; what cannot be used falls back and is told; the file is always whole."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from embstudio.base.settings import MAX_RECENT, Settings, load_settings, save_settings


def test_a_round_trip_in_a_folder_that_was_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "settings.json"
    settings = Settings(theme="light", recent=["/ä b.onnx"], speed=5.5, sentence="שלום\n \ud800")
    save_settings(settings, path)
    assert load_settings(path) == (settings, [])


def test_no_file_is_no_complaint(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.json") == (Settings(), [])


@pytest.mark.parametrize("contents", [b"", b"{", b"\xff\xfe\x00", b"[1]", b'"x"', b"null", b"[" * 100_000])
def test_a_corrupt_file_gives_the_defaults_and_says_so(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(contents)
    settings, complaints = load_settings(path)
    assert settings == Settings()
    assert len(complaints) == 1
    assert str(path) in complaints[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("theme", 3), ("recent", "x"), ("recent", [1]), ("speed", "fast"), ("speed", True), ("speed", None),
     ("font_scale", [])],
)  # fmt: skip
def test_one_wrong_type_costs_only_that_setting(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({name: value, "sentence": "kept", "of a later version": 1}))
    settings, complaints = load_settings(path)
    assert settings == Settings(sentence="kept")
    assert len(complaints) == 1
    assert name in complaints[0]


def test_a_whole_number_serves_as_a_speed(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"speed": 3}')
    settings, complaints = load_settings(path)
    assert (settings.speed, type(settings.speed), complaints) == (3.0, float, [])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1" + 400 * "0"])
def test_a_number_that_is_no_speed_costs_only_that_setting(tmp_path: Path, number: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(f'{{"speed": {number}, "sentence": "kept"}}')
    settings, complaints = load_settings(path)
    assert settings == Settings(sentence="kept")
    assert len(complaints) == 1


def test_a_place_that_cannot_be_written_to_raises_and_stays(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("not a folder")
    with pytest.raises(OSError, match="a file"):
        save_settings(Settings(), blocked / "settings.json")
    assert blocked.read_text() == "not a folder"


def test_recent_files_newest_first_without_repeats() -> None:
    settings = Settings()
    for number in range(MAX_RECENT + 3):
        settings.remember_recent(f"{number}")
    settings.remember_recent("8")
    assert settings.recent[0] == "8"
    assert settings.recent.count("8") == 1
    assert len(settings.recent) == MAX_RECENT


def test_every_setting_says_what_it_means() -> None:
    assert all(each.metadata["help"].endswith(".") for each in fields(Settings))
