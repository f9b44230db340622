"""com.microsoft.FusedMatMul with its batch transposed, against onnxruntime's kernel of it."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.session.rewrite.open_up import open_up
from tests.session.rewrite.kernels import check_same, one_node, opened, operators


def operand(rows: int, columns: int, *, rank: int, batch: bool, turned: bool) -> np.ndarray:
    """Numbers for a matrix [rows, columns] for each of a batch, stored as the flags say."""
    shape = [2, 3][: rank - 2] + ([columns, rows] if turned else [rows, columns])
    if batch:  # what is last but one in the product is first in store
        shape = [shape[-2], *shape[:-2], shape[-1]]
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("rank", [3, 4])
@pytest.mark.parametrize("batches", [(1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("turns", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("alpha", [1.0, 0.35])
def test_every_combination_of_flags(rank: int, batches: tuple, turns: tuple, alpha: float) -> None:
    feeds = {
        "a": operand(5, 8, rank=rank, batch=bool(batches[0]), turned=bool(turns[0])),
        "b": operand(8, 7, rank=rank, batch=bool(batches[1]), turned=bool(turns[1])),
    }
    model = one_node(
        "FusedMatMul", ["a", "b"], ["y"], feeds, {}, alpha=alpha,
        transBatchA=batches[0], transBatchB=batches[1], transA=turns[0], transB=turns[1],
    )  # fmt: skip
    check_same(model, feeds)
    assert "MatMul" in operators(opened(model))


def test_a_product_without_such_a_batch_stays() -> None:
    feeds = {name: operand(5, 5, rank=3, batch=False, turned=False) for name in "ab"}
    assert not open_up(one_node("FusedMatMul", ["a", "b"], ["y"], feeds, {}, transB=1, alpha=0.5)).repairs
