"""Two sets compared over shared words, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.space.comparison import compare_more, compare_sets, neighbour_overlap
from embstudio.space.vector_set import VectorSet


def nearest(vectors: np.ndarray, row: int, count: int) -> set[int]:
    apart = np.linalg.norm(vectors - vectors[row], axis=1)
    apart[row] = np.inf
    return set(np.argsort(apart)[:count].tolist())


def test_the_overlap_is_that_of_plain_loops() -> None:
    random = np.random.default_rng(0)
    a = random.normal(size=(700, 6))
    b = a + 0.3 * random.normal(size=a.shape)
    expected = [len(nearest(a, row, 9) & nearest(b, row, 9)) / 9 for row in range(700)]
    np.testing.assert_allclose(neighbour_overlap(a, b, 9, "euclidean"), expected)


def test_shared_words_are_found_whatever_their_place_and_only_finite_ones() -> None:
    random = np.random.default_rng(2)
    words = tuple(f"w{number}" for number in range(60))
    table = random.normal(size=(60, 5))
    turn = np.linalg.qr(random.normal(size=(5, 5)))[0]
    order = random.permutation(60)
    first = VectorSet(("mine", *words, "w3"), np.vstack([random.normal(size=5), table, random.normal(size=5)]))
    moved = table.copy()
    moved[10] = -table[10]
    moved[20] = np.nan
    second = VectorSet(
        (*(words[row] for row in order), "yours"), np.vstack([moved[order] @ turn, random.normal(size=5)])
    )
    found = compare_sets(first, second, 5)
    assert set(found.words) == set(words) - {"w20"}
    assert [first.words[row] for row in found.first_rows] == [second.words[row] for row in found.second_rows]
    assert found.words[found.most_moved[0]] == "w10"
    assert found.overlap.mean() > 0.9
    assert found.overlap[found.words.index("w10")] < 0.5
    assert found.by_chance == pytest.approx(5 / 58)
    some = compare_sets(first, second, 5, most=7)
    assert len(some.asked) == len(some.overlap) == 7
    np.testing.assert_array_equal(some.overlap, found.overlap[some.asked])
    np.testing.assert_array_equal(some.asked, compare_sets(first, second, 5, most=7).asked)


def test_special_tokens_of_either_set_are_left_out_everywhere_and_counted() -> None:
    random = np.random.default_rng(8)
    words = (*(f"w{number}" for number in range(30)), "[UNK]", "</s>")
    a, b = random.normal(size=(2, 32, 5))
    first = VectorSet(words, a, special=frozenset({30}))
    second = VectorSet((*words[::-1], "[MASK]"), np.vstack([b, b[:1]]), special=frozenset({0, 32}))
    found = compare_sets(first, second, 4)
    plain = compare_sets(VectorSet(words[:30], a[:30]), VectorSet(words[29::-1], b[2:]), 4)
    assert (found.special, len(found.shared), found.words) == (2, 32, words[:30])
    assert not found.is_sample
    np.testing.assert_array_equal(found.overlap, plain.overlap)
    np.testing.assert_array_equal(found.alignment.moved, plain.alignment.moved)
    assert (plain.special, plain.words) == (0, words[:30])


def test_strangers() -> None:
    first, second = (VectorSet((word, "the"), np.eye(2)) for word in ("cat", "Katze"))
    with pytest.raises(InputError, match="1 shared"):
        compare_sets(first, second)


def test_what_was_asked_before_it_was_enough_is_a_random_sample() -> None:
    random = np.random.default_rng(4)
    words = tuple(f"w{number}" for number in range(900))
    first, second = (VectorSet(words, random.normal(size=(900, 4)).astype(np.float32)) for _ in range(2))
    told: list[tuple[str, float]] = []
    some = compare_sets(first, second, 5, progress=lambda *what: told.append(what), enough=lambda: len(told) > 4)
    whole = compare_sets(first, second, 5)
    assert 0 < len(some.asked) < 900
    assert (np.diff(some.asked) > 0).all()
    assert some.asked[-1] > len(some.asked)  # not the first ones
    np.testing.assert_array_equal(some.overlap, whole.overlap[some.asked])
    assert np.isnan(some.overlaps).sum() == 900 - len(some.asked)
    error = abs(some.overlap.mean() - whole.overlap.mean())
    assert 0 < some.overlap_error < 0.05
    assert error < 4 * some.overlap_error
    assert whole.overlap_error == 0
    assert {said for said, _ in told} == {"matching words", "aligning", "comparing neighbours"}


def test_shuffled_words_say_what_chance_can_do() -> None:
    random = np.random.default_rng(6)
    words = tuple(f"w{number}" for number in range(20))
    first, second = (VectorSet(words, random.normal(size=(20, 40)).astype(np.float32)) for _ in range(2))
    found = compare_sets(first, second, 3)
    # Twenty words in forty dimensions: any two such sets can be laid on each other rather well.
    assert found.alignment.moved.mean() == pytest.approx(found.shuffled, rel=0.1)
    assert found.shuffled < 1
    turned = VectorSet(words, first.vectors @ np.linalg.qr(random.normal(size=(40, 40)))[0].astype(np.float32))
    same = compare_sets(first, turned, 3)
    assert same.alignment.moved.mean() < 0.01 < same.shuffled


def test_the_nearest_of_a_word_in_both() -> None:
    random = np.random.default_rng(8)
    words = tuple(f"w{number}" for number in range(50))
    first = VectorSet((*words, "mine"), random.normal(size=(51, 3)).astype(np.float32))
    second = VectorSet(("yours", *words), random.normal(size=(51, 6)).astype(np.float32))
    found = compare_sets(first, second, 4, "euclidean")
    (near, apart), (also, _) = found.nearest(7)
    a, b = (table.astype(np.float64) for table in found.tables)
    assert set(near.tolist()) == nearest(a, 7, 4)
    assert set(also.tolist()) == nearest(b, 7, 4)
    np.testing.assert_allclose(apart, np.linalg.norm(a[near] - a[7], axis=1))
    assert found.overlaps[7] == len(set(near) & set(also)) / 4
    assert (found.shared.only_first, found.shared.only_second) == (1, 1)
    assert not found.is_sample


def test_more_of_the_sample_is_what_all_at_once_would_be() -> None:
    random = np.random.default_rng(9)
    words = tuple(f"w{number}" for number in range(300))
    first, second = (VectorSet(words, random.normal(size=(300, 4)).astype(np.float32)) for _ in range(2))
    told: list[float] = []
    some = compare_sets(first, second, 5, most=80)
    more = compare_more(some, 250, progress=lambda _said, share: told.append(share))
    whole = compare_sets(first, second, 5, most=250)
    np.testing.assert_array_equal(more.asked, whole.asked)
    np.testing.assert_array_equal(more.overlap, whole.overlap)
    assert told[0] == 80 / 250
    assert more.alignment is some.alignment
    stopped = compare_more(some, 250, enough=lambda: True)
    assert 80 < len(stopped.asked) < 250
    assert set(some.asked) < set(stopped.asked) < set(whole.asked)
