"""From texts and tables to counts, and what is said of those that cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.lab.topics.books import books
from embstudio.lab.topics.corpus import count_of
from embstudio.lab.topics.documents import Reading, read_documents
from embstudio.lab.topics.sources import Source

ALL = Reading(stop_words=False)


def test_a_document_a_line_in_lower_case() -> None:
    corpus = read_documents("The cat saw the dog.\nA dog's day\tis not a dog’s life, well-known", ALL)
    assert corpus.words[:2] == ("the", "a")  # the most frequent first, then by the alphabet
    assert corpus.names == ("1: The cat saw", "A dog's day")  # a title stands before a tab
    assert "well-known" in corpus.words
    assert "dog’s" in corpus.words
    assert corpus.order is not None
    assert [corpus.words[word] for word in corpus.order[:5]] == ["the", "cat", "saw", "the", "dog"]
    counts = corpus.counts.dense()
    assert counts[0, corpus.words.index("the")] == 2
    assert counts.sum() == corpus.tokens == len(corpus.order)
    assert corpus.token_starts().tolist() == [0, 5, corpus.tokens]


def test_where_there_are_blank_lines_paragraphs_are_documents() -> None:
    corpus = read_documents("one two\nthree\n\n  \nfour\r\n\r\nfive", ALL)
    assert corpus.names == ("1: one two three", "2: four", "3: five")


def test_stop_words_own_ones_and_rare_ones_are_left_out_and_counted() -> None:
    text = "the cat and the dog\nthe cat barks\nof the and"
    corpus = read_documents(text, Reading(also=("barks",)))
    assert corpus.words == ("cat", "dog")
    assert corpus.left_out == 8
    assert corpus.empty == (2,)  # it stays, and is told of
    assert read_documents(text, Reading(rarest=2)).words == ("cat",)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no documents yet"), (" \n\n ", "no documents yet"), ("the\nand of", "stop words or too rare"),
     ("!?\n…", "no letters or digits")],
    ids=["nothing", "blank", "stop words", "signs"],
)  # fmt: skip
def test_texts_without_words_are_told_of(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_documents(text, Reading())


def test_a_table_of_counts(tmp_path: Path) -> None:
    file = tmp_path / "books.csv"
    file.write_text('book,dog,cat,pet\nA,2,1,1\n\n"B, the second",,3,0\n', encoding="utf-8-sig")
    corpus = Source(path=file).corpus()
    assert corpus.names == ("A", "B, the second")
    assert corpus.words == ("dog", "cat", "pet")
    assert corpus.counts.dense().tolist() == [[2, 1, 1], [0, 3, 0]]
    assert [corpus.words[word] for word in corpus.token_words()] == ["dog", "dog", "cat", "pet", "cat", "cat", "cat"]
    tabs, semicolons = tmp_path / "books.tsv", tmp_path / "semicolons.csv"
    tabs.write_text("\tdog\tcat\nA\t2\t1\n", encoding="utf-8")
    semicolons.write_text("x;dog;cat\nA;2;1\n", encoding="utf-8")
    assert Source(path=tabs).corpus().words == Source(path=semicolons).corpus().words == ("dog", "cat")


@pytest.mark.parametrize(
    ("table", "said", "where"),
    [
        ("x,dog,cat\nA,2,-1\n", "cannot be less than 0", "line 2, “cat”: -1"),
        ("x,dog,cat\nA,2,1\nB,two,1\n", "“two” is not a number", "line 3, “dog”: two"),
        ("x,dog,cat\nA,2,1.9\n", "whole number", "line 2, “cat”: 1.9"),
        ("x,dog,cat\nA,nan,1\n", "no count", "line 2, “dog”: nan"),
        ("x,dog,cat\nA,1e30,1\n", "whole number", "line 2, “dog”: 1e30"),
        ("x,dog,cat\nA,2\n", "Line 2 has 2 cells; the first line has 3", ""),
        ("x,dog,dog\nA,2,1\n", "twice", "dog"),
        ("1,2,3\n4,5,6\n", "only numbers", ""),
        ("x,dog,\nA,2,1\n", "has to name the words", ""),
        ("x,dog,cat\n", "no documents", ""),
        ("", "no documents", ""),
        ("x,dog\nA,\"2\"3\n", "cannot be read", "table.csv"),
    ],
    ids=["negative", "word", "part", "nan", "huge", "short", "twice", "numbers", "unnamed", "header", "empty",
         "quotes"],
)  # fmt: skip
def test_what_is_wrong_in_a_table_is_said_with_its_place(tmp_path: Path, table: str, said: str, where: str) -> None:
    file = tmp_path / "table.csv"
    file.write_text(table, encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        Source(path=file).corpus()
    assert caught.value.where == where


def test_files_that_cannot_be_read_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("Käse\n".encode("latin-1"))
    for name in ("latin.txt", "gone.txt", "gone.csv"):
        with pytest.raises(InputError, match="cannot be read"):
            Source(path=tmp_path / name).corpus()


def test_what_is_written_into_a_cell() -> None:
    assert [count_of(text) for text in ("", " 3 ", "1,000", "2.0")] == [0, 3, 1000, 2]
    for text in ("x", "-1", "0.5", "inf", "nan", "1e12"):
        with pytest.raises(InputError):
            count_of(text)


def test_a_matrix_is_changed_by_hand() -> None:
    corpus = books()
    more = corpus.with_word("tail").with_document("G").with_count(6, 5, 4)
    assert more.words[-1] == "tail"
    assert more.counts.at(6, 5) == 4
    assert np.array_equal(more.counts.dense()[:6, :5], corpus.counts.dense())
    less = more.without_document(0).without_word(0)
    assert less.names[0] == "Book B"
    assert less.words == ("cat", "feline", "canine", "pet", "tail")
    assert np.array_equal(less.counts.dense(), more.counts.dense()[1:, 1:])
    with pytest.raises(InputError, match="is in the matrix"):
        corpus.with_word("dog")
