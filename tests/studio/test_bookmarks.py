"""Bookmarks are kept as text, and what cannot be read costs only itself."""

from __future__ import annotations

import pytest

from embstudio.studio.bookmarks import MOST, Bookmark, Bookmarks

ONE = Bookmark("king & queen", file="/a b/ü.vec", options={"choice": "x"}, total=9, row=3, word="k\ud800ing",
               comparison={"metric": "cosine", "unit": True}, picture="t-SNE", colour="clusters", clusters=12,
               selected="0-3,7", spelling=77)  # fmt: skip


def test_a_round_trip() -> None:
    kept = Bookmarks()
    kept.add(ONE)
    kept.add(Bookmark("at the current token", model="words"))
    again = Bookmarks()
    assert again.restore(kept.texts) == []
    assert again.all == kept.all


@pytest.mark.parametrize(
    "text",
    ["", "[", "[1]", "{}", '{"name": 3}', '{"name": "a", "row": "b"}', '{"name": "a", "row": true}',
     '{"name": "a", "options": []}', '{"name": "a", "file": null}', "[" * 100_000],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_left_out(text: str) -> None:
    bookmarks = Bookmarks()
    (said,) = bookmarks.restore([ONE.text, text])
    assert "could not be read" in said
    assert bookmarks.all == (ONE,)


def test_fields_of_a_later_version_are_no_obstacle() -> None:
    assert Bookmark.of('{"name": "a", "of a later version": 1}') == Bookmark("a")


def test_names_are_told_apart_and_the_oldest_goes() -> None:
    bookmarks, heard = Bookmarks(), []
    bookmarks.changed.connect(lambda: heard.append(len(bookmarks.all)))
    bookmarks.add(ONE)
    bookmarks.add(Bookmark("king & queen", model="words"))
    assert bookmarks.all == (Bookmark("king & queen", model="words"),)
    bookmarks.remove(bookmarks.all[0])
    assert heard == [1, 1, 0]
    for number in range(MOST + 5):
        bookmarks.add(Bookmark(str(number)))
    assert (len(bookmarks.all), bookmarks.all[0].name) == (MOST, "5")
