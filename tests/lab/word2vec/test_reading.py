"""Reading texts in blocks, and refusing what there is no room for while there still is some."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.lab.word2vec import reading
from embstudio.lab.word2vec.reading import read_file, read_text
from embstudio.lab.word2vec.settings import GENSIM, Settings
from tests.conftest import PROJECT

SMALL_WORLD = PROJECT / "resources" / "texts" / "small-world.txt"
DIFFERENT = " ".join(f"w{number}" for number in range(2_000))


@pytest.mark.parametrize("block", [30, 1_000])
def test_the_size_of_blocks_changes_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters of more than one byte, words and sentences that go over an end."""
    text = SMALL_WORLD.read_text(encoding="utf-8")[:3_000] + " ÄÖÜ naïve 東京 “don’t” well-known. Straße\n" * 9
    whole = read_text(text, Settings())
    monkeypatch.setattr(reading, "_BLOCK", block)
    parts = read_text(text, Settings())
    assert parts.vocabulary.words == whole.vocabulary.words
    assert np.array_equal(parts.ids, whole.ids)
    assert np.array_equal(np.diff(parts.sentences) == 0, np.diff(whole.sentences) == 0)


@pytest.mark.parametrize("block", [7, 2**20])
def test_a_file_is_read_as_its_text(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\ufeffGrüße aus Köln. Grüße aus 東京!\r\nViele Grüße.\n" * 5
    (tmp_path / "text.txt").write_bytes(text.encode("utf-8"))
    whole = read_text(text[1:], Settings())
    monkeypatch.setattr(reading, "_BLOCK", block)
    found = read_file(tmp_path / "text.txt", Settings())
    assert found.vocabulary.words == whole.vocabulary.words == ("grüße", "aus", "köln", "viele", "東京")
    assert np.array_equal(found.ids, whole.ids)


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"", "no words"), (b"\xef\xbb\xbf", "no words"), (b"a b\x00c d", "cannot be read as a text"),
     (b"\x89PNG\r\n\x1a\n\x00\x00", "cannot be read as a text"), ("word word".encode("utf-16"), "cannot be read"),
     (b"good words, then \xc3", "cannot be read as a text")],
    ids=["empty", "mark", "zero", "png", "utf-16", "cut"],
)  # fmt: skip
def test_files_that_are_no_text(raw: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "no.txt").write_bytes(raw)
    with pytest.raises(InputError, match=said):
        read_file(tmp_path / "no.txt", Settings())


def test_more_words_than_memory_has_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told after the first block, from how much of the file that is."""
    path = tmp_path / "long.txt"
    path.write_text("the cat sat on the mat. " * 5_000, encoding="utf-8")
    monkeypatch.setattr(reading, "_BLOCK", 1_000)
    monkeypatch.setattr(reading, "available_memory", lambda: 1_000_000)
    with pytest.raises(InputError, match=r"about 30,\d\d\d words takes 0.0014\d GB of memory, and 0.001 GB") as found:
        read_file(path, Settings(dimensions=10))
    assert str(path) in str(found.value)
    assert len(read_file(path, Settings(dimensions=10, trainer=GENSIM)).ids) == 30_000  # which keeps less beside


def test_more_different_words_than_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BLOCK", 1_000)
    monkeypatch.setattr(reading, "_MOST_WORDS", 1_500)
    with pytest.raises(InputError, match=r"more than 1,500 different words in the first 7\d% of the text"):
        read_text(DIFFERENT, Settings(rarest=5))


def test_tables_that_are_too_large_are_told_before_the_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    many = " ".join(f"w{number}" for number in range(300_000))
    with pytest.raises(InputError, match="tables of vectors would be too large"):
        read_text(many, Settings(dimensions=1_000))
