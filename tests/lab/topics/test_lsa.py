"""LSA against numpy's own decomposition, small and large, and the stages before it against sums written out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.lab.topics import svd
from embstudio.lab.topics.books import books
from embstudio.lab.topics.concepts import Concepts, why_not_as_noted
from embstudio.lab.topics.corpus import Corpus
from embstudio.lab.topics.lsa import lsa_of
from embstudio.lab.topics.sparse import Sparse
from embstudio.lab.topics.svd import truncated_svd
from embstudio.lab.topics.weighting import COUNTS, SHARES, TF_IDF, weighted


def corpus_of(dense: np.ndarray) -> Corpus:
    names, words = (f"d{at}" for at in range(len(dense))), (f"w{at}" for at in range(dense.shape[1]))
    return Corpus(tuple(names), tuple(words), Sparse.of_dense(dense.astype(np.int64)))


def test_the_notes_concepts_of_book_a() -> None:
    corpus = books()
    concepts = Concepts.of(corpus.words)
    assert concepts.documents(corpus)[0].tolist() == [1.5, 2.5]
    assert concepts.sum_of(0, corpus, 0) == "1·1 + 0.5·1 = 1.5"
    assert concepts.sum_of(1, corpus, 0) == "1·2 + 0.5·1 = 2.5"
    said = why_not_as_noted(concepts, corpus)
    assert "Catness 1.9 and Dogness 1.5" in said
    assert "No split" in said
    assert "No split" not in why_not_as_noted(concepts.with_weight(1, 0, 0.5), corpus)
    assert why_not_as_noted(concepts, corpus.with_count(0, 0, 3)) == ""


def test_counts_shares_and_tf_idf() -> None:
    corpus = books()
    counts = corpus.counts.dense()
    assert np.array_equal(weighted(corpus, COUNTS).dense(), counts)
    shares = weighted(corpus, SHARES).dense()
    assert shares[0].tolist() == [0.5, 0.25, 0, 0, 0.25]
    assert np.allclose(shares.sum(axis=1), 1)
    both = weighted(corpus, TF_IDF).dense()
    for document in range(6):
        for word in range(5):
            having = sum(counts[other, word] > 0 for other in range(6))
            expected = counts[document, word] / counts[document].sum() * math.log(6 / having)
            assert math.isclose(both[document, word], expected, abs_tol=1e-15)


def test_a_word_of_all_documents_gets_nothing_and_an_empty_document_stays_empty() -> None:
    corpus = corpus_of(np.array([[1, 2, 0], [1, 0, 3], [0, 0, 0]]))
    assert np.isfinite(weighted(corpus, TF_IDF).dense()).all()
    assert not weighted(corpus, SHARES).dense()[2].any()
    everywhere = corpus_of(np.array([[1, 2], [1, 1]]))
    with pytest.raises(InputError, match="All of this matrix is 0"):
        lsa_of(everywhere, TF_IDF)


@pytest.mark.parametrize("weighting", [COUNTS, SHARES, TF_IDF])
def test_each_rank_rebuilds_what_numpy_s_does(weighting: str) -> None:
    corpus = books()
    A = weighted(corpus, weighting).dense()
    U, values, Vt = np.linalg.svd(A.astype(float))
    found = lsa_of(corpus, weighting)
    assert np.allclose(found.values, values[: found.ranks], rtol=1e-12)
    rows, columns = np.arange(6), np.arange(5)
    for rank in range(found.ranks + 1):
        expected = (U[:, :rank] * values[:rank]) @ Vt[:rank]
        rebuilt = found.rebuilt(rank, rows, columns)
        assert np.allclose(rebuilt, expected, atol=1e-12)
        assert math.isclose(found.lost(rank), np.linalg.norm(A - expected), abs_tol=1e-7)
        assert math.isclose(found.kept(rank), 1 - np.linalg.norm(A - expected) ** 2 / np.linalg.norm(A) ** 2,
                            abs_tol=1e-12)  # fmt: skip
    assert np.allclose(found.documents(found.ranks), A @ found.V, atol=1e-12)
    documents, words = found.plotted()
    assert np.allclose(documents @ words.T, A, atol=1e-12)  # a dot product in the plot is a cell


def test_the_largest_weight_of_each_component_is_positive() -> None:
    found = lsa_of(books(), COUNTS)
    for component in range(found.ranks):
        weights = found.V[:, component]
        assert weights[np.abs(weights).argmax()] > 0
        above, below = found.top_words(component, 3)
        assert (np.diff(weights[above]) <= 0).all()
        assert (weights[below] < 0).all()
        assert (np.diff(weights[below]) >= 0).all()
    assert len(found.top_words(0, 5)[1]) == 0  # of a matrix without negative cells (Perron and Frobenius)


@pytest.mark.parametrize("shape", [(90, 260), (260, 90)])
def test_by_blocks_it_finds_what_numpy_finds_whole(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    A = random.poisson(0.1, shape) * random.gamma(1.0, 1.0, shape)
    monkeypatch.setattr(svd, "WHOLE", 0)
    found = truncated_svd(Sparse.of_dense(A), 8)
    U, values, Vt = np.linalg.svd(A, full_matrices=False)
    assert found.blocks > 1
    assert np.allclose(found.values, values[:8], rtol=1e-4)
    assert np.allclose(found.U.T @ found.U, np.eye(8), atol=1e-8)
    assert np.allclose(found.V.T @ found.V, np.eye(8), atol=1e-8)
    rebuilt, best = (found.U * found.values) @ found.V.T, (U[:, :8] * values[:8]) @ Vt[:8]
    assert np.linalg.norm(A - rebuilt) < np.linalg.norm(A - best) * (1 + 1e-5)


def test_by_blocks_a_matrix_of_low_rank_has_no_more_values(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(6)
    A = random.random((80, 4)) @ random.random((4, 200))
    monkeypatch.setattr(svd, "WHOLE", 0)
    found = truncated_svd(Sparse.of_dense(A), 20)
    assert len(found.values) == 4
    assert np.allclose(found.values, np.linalg.svd(A, compute_uv=False)[:4], rtol=1e-7)


def test_sparse_products_are_those_of_the_whole_matrix() -> None:
    random = np.random.default_rng(7)
    dense = random.poisson(0.3, (11, 17))
    A, X = Sparse.of_dense(dense), random.normal(size=(17, 3))
    assert np.allclose(A.times(X), dense @ X)
    assert np.array_equal(A.transposed().dense(), dense.T)
    assert np.array_equal(A.row_sums(), dense.sum(axis=1))
    assert np.array_equal(A.column_sums(), dense.sum(axis=0))
    assert np.array_equal(A.dense(3, 7), dense[3:7])
    assert [A.at(row, column) for row in range(11) for column in range(17)] == dense.ravel().tolist()
