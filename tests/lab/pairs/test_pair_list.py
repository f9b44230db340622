"""Lists of pairs as text and as files, and labels that contradict each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.base.errors import InputError
from embstudio.lab.pairs.conflicts import conflicts
from embstudio.lab.pairs.items import Items
from embstudio.lab.pairs.pair_list import Pair, read_file, read_lines, save_file
from embstudio.lab.pairs.ready import ready_list
from embstudio.lab.pairs.settings import BAG, LSTM, TABLE


@pytest.mark.parametrize("mark", ["\t", ",", ";"])
def test_lines_are_read_with_tabs_or_commas(mark: str) -> None:
    text = "left|right|label\ncat|dog|DIFFERENT\n\ncat|kitten|same\na b|c|0".replace("|", mark)
    lines = read_lines(text)
    assert lines.faults == ()
    assert lines.found.pairs == (Pair("cat", "dog", False), Pair("cat", "kitten", True), Pair("a b", "c", False))


def test_a_comma_stands_in_quotes_or_beside_tabs() -> None:
    assert read_lines('"I came, I saw",I was there,SAME').found.pairs == (Pair("I came, I saw", "I was there", True),)
    assert read_lines("I came, I saw\tI was there\tSAME").found.pairs[0].left == "I came, I saw"


def test_lines_that_are_no_pairs_are_named() -> None:
    lines = read_lines("cat\tdog\tmaybe\ncat\tdog\n\tdog\tSAME\ncat\tdog\tSAME")
    assert lines.found.pairs == (Pair("cat", "dog", True),)
    assert lines.faults[0] == "line 1: “maybe” is neither SAME nor DIFFERENT"
    assert lines.faults[1].startswith("line 2: first item, second item and label are wanted")
    assert lines.faults[2] == "line 3: an item is empty"


def test_a_list_brings_vectors_to_begin_with_and_knobs() -> None:
    lines = read_lines("# about cats\n# start cat 0.2 0.8 0.1\n# start dog x\n# rate = 0.5\ncat\tdog\tSAME")
    assert lines.found.starts == (("cat", (0.2, 0.8, 0.1)),)
    assert lines.found.knobs == (("rate", "0.5"),)


@pytest.mark.parametrize("name", ["pairs.csv", "pairs.tsv"])
def test_a_file_comes_back_as_it_was_saved(tmp_path: Path, name: str) -> None:
    pairs = (Pair("He said “no”, twice", 'a "quoted" one', True), Pair("cat", "dog", False))
    save_file(pairs, tmp_path / name)
    assert read_file(tmp_path / name).found.pairs == pairs
    with pytest.raises(InputError, match="could not be saved"):
        save_file(pairs, tmp_path / "no" / name)
    (tmp_path / "bytes.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read as a list"):
        read_file(tmp_path / "bytes.tsv")


def told(
    pairs: list[tuple[str, str, bool]], encoder: str = TABLE
) -> list[tuple[int, list[str], tuple[int, ...], bool]]:
    items = Items.of([Pair(*pair) for pair in pairs], encoder)
    return [
        (each.pair, [items.names[item] for item in each.way], each.by, each.direct)
        for each in conflicts(items, encoder)
    ]  # fmt: skip


def test_the_same_pair_with_both_labels() -> None:
    assert told([("cat", "dog", True), ("Dog", "cat", False)]) == [(1, ["dog", "cat"], (0,), True)]


def test_labels_that_contradict_by_way_of_others() -> None:
    pairs = [("a", "b", True), ("c", "b", True), ("c", "d", True), ("a", "d", False), ("e", "a", False)]
    assert told(pairs) == [(3, ["a", "b", "c", "d"], (0, 1, 2), False)]
    assert told([*pairs, ("b", "d", True)]) == [(3, ["a", "b", "d"], (0, 5), False)]


def test_items_an_encoder_cannot_tell_apart() -> None:
    pairs = [("the cat chased the dog", "the dog chased the cat", False)]
    assert told(pairs, TABLE) == told(pairs, LSTM) == []
    assert told(pairs, BAG)[0][2:] == ((), True)
    assert told([("big big dog dog", "Dog, big!", False)], BAG)[0][2:] == ((), True)  # the same shares
    assert told([("cat!", "cat?", False)], LSTM)[0][2:] == ((), True)
    assert told([("cat!", "cat?", False)], TABLE) == []
    assert told([("cat", " CAT", False)], TABLE)[0][1] == ["cat", "cat"]


def test_the_contradictory_list_is_contradictory() -> None:
    found = ready_list("contradictory").pairs
    contradicting = conflicts(Items.of(found, TABLE), TABLE)
    assert [each.direct for each in contradicting] == [True, False, True]
    for name in ("cat-and-dog", "words-by-kinds", "sentences"):
        assert not conflicts(Items.of(ready_list(name).pairs, TABLE), TABLE)
    assert len(conflicts(Items.of(ready_list("sentences").pairs, BAG), BAG)) == 1
