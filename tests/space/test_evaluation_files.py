"""Files of questions, in the forms in which they are handed about."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest

from embstudio.base.errors import InputError
from embstudio.space.evaluation_files import AnalogyFile, SimilarityFile, read_evaluation

GOOGLE = (
    ": capital-common-countries\nAthens Greece Baghdad Iraq\n\n: gram8-plural\ncat cats dog dogs\nant ants rat rats\n"
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_analogies(pack, tmp_path: Path) -> None:
    file = tmp_path / "questions"
    file.write_bytes(pack(GOOGLE.encode()))
    assert read_evaluation(file) == AnalogyFile({
        "capital-common-countries": (("Athens", "Greece", "Baghdad", "Iraq"),),
        "gram8-plural": (("cat", "cats", "dog", "dogs"), ("ant", "ants", "rat", "rats")),
    })  # fmt: skip


def test_analogies_without_sections(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("cat cats dog dogs\n")
    assert read_evaluation(tmp_path / "a.txt") == AnalogyFile({"": (("cat", "cats", "dog", "dogs"),)})


@pytest.mark.parametrize(
    "text",
    [
        "# from somewhere\n# Word 1\tWord 2\tHuman (mean)\nice cream\tsun\t6.77\nb\tc\t.5\n",
        "Word 1\tWord 2\tHuman (mean)\r\nice cream\tsun\t6.77\r\nb\tc\t0.5\r\n",
        "word1\tword2\tPOS\tSimLex999\tother\nice cream\tsun\tN\t6.77\t3\nb\tc\tA\t0.5\t1\n",
        '\ufeffWord 1,Word 2,Human (mean)\n"ice cream",sun,6.77\nb,c,0.5\n',
        "ice cream;sun;6.77\nb;c;0.5",
    ],
)
def test_ratings(text: str, tmp_path: Path) -> None:
    (tmp_path / "ratings").write_bytes(text.encode())
    assert read_evaluation(tmp_path / "ratings") == SimilarityFile((("ice cream", "sun", 6.77), ("b", "c", 0.5)))


def test_ratings_with_spaces_between_and_four_columns(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("old new 1.58 0.2\nsmart dumb 0.55 0.1\n")
    assert read_evaluation(tmp_path / "r") == SimilarityFile((("old", "new", 1.58), ("smart", "dumb", 0.55)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no questions"),
        (b"# only a comment\n", "no questions"),
        (b": gram\na b c d\na b c\n", "four words, and here are 3.*line 3"),
        (b"a\tb\t1\n\nc\td\n", "two words and a number.*line 3"),
        (b"a\tb\t1\nc\td\tnan\n", "two words and a number.*line 2"),
        (b"some prose, as anybody writes it\nand more of it\n", "two words and a number.*line 2"),
        (b"caf\xe9\tbar\t1\n", "not UTF-8"),
        (b"\x1f\x8bbroken", "could not be read"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(InputError, match=reason):
        read_evaluation(tmp_path / "bad")
    with pytest.raises(InputError, match="could not be read"):
        read_evaluation(tmp_path / "not there")
