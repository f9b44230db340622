"""Matrix products. Source: the ONNX operators MatMul and Gemm, and onnxruntime's FusedMatMul."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Gradients, Pull, Rule, others, single
from embstudio.session.differentiate.scaling import summed_to
from embstudio.session.differentiate.step import Shape, Step

_MOSTLY = 0.75  # of rows or columns that are 0, at least a quarter: then it is worth leaving them out


def times_transposed(dy: np.ndarray, W: np.ndarray) -> np.ndarray:
    """dy Wᵀ for dy [seed, …, n] and W [k, n] of any float type: [seed, …, k], in float64.

    Seeds are mostly of one token or one word, so most rows or columns of dy may be 0: those are left out.
    """
    rows = dy.reshape(-1, dy.shape[-1])
    columns = rows.any(axis=0)
    if columns.mean() < _MOSTLY:
        rows, W = rows[:, columns], W[:, columns]
    kept = rows.any(axis=1)
    W = np.asarray(W, np.float64)
    if kept.mean() < _MOSTLY:
        product = np.zeros((len(rows), len(W)))
        product[kept] = rows[kept] @ W.T
    else:
        product = rows @ W.T
    return product.reshape(*dy.shape[:-1], len(W))


def product_pull(
    a: Callable[[], np.ndarray], b: Callable[[], np.ndarray], a_shape: Shape, b_shape: Shape, wanted: frozenset[int]
) -> Pull:
    """Of A B as numpy's matmul has it: dA = dY Bᵀ, dB = Aᵀ dY. a, b: the values, asked for only where needed."""
    flat = len(b_shape) == 2 and len(a_shape) > 1
    A = a() if 1 in wanted else None
    B = b() if 0 in wanted else None

    def pull(dy: np.ndarray) -> Gradients:
        found = {}
        if len(a_shape) == 1 and len(b_shape) > 1:
            dy = dy[..., None, :]
        elif len(b_shape) == 1:
            dy = dy[..., None, None] if len(a_shape) == 1 else dy[..., None]
        if B is not None and flat:
            found[0] = times_transposed(dy, B)
        elif B is not None:
            right = (B[:, None] if B.ndim == 1 else B).swapaxes(-1, -2)
            found[0] = summed_to(safe_product(dy, right), _matrix(a_shape, 0)).reshape(len(dy), *a_shape)
        if A is not None:
            left = (A[None] if A.ndim == 1 else A).swapaxes(-1, -2)
            turned = safe_product(dy.swapaxes(-1, -2), left.swapaxes(-1, -2)).swapaxes(-1, -2)
            found[1] = summed_to(turned, _matrix(b_shape, 1)).reshape(len(dy), *b_shape)
        return found

    return pull


def _matrix(shape: Shape, one_at: int) -> Shape:
    if len(shape) > 1:
        return shape
    return (1, *shape) if one_at == 0 else (*shape, 1)


def safe_product(dy: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """dy @ factor in float64, where 0 times what is infinite or undefined is 0 and all else times it is undefined."""
    factor = np.asarray(factor, np.float64)
    finite = np.isfinite(factor)
    if finite.all():
        return np.asarray(dy @ factor)
    product = dy @ np.where(finite, factor, 0.0)
    return np.where((dy != 0).astype(np.float64) @ (~finite).astype(np.float64) > 0, np.nan, product)


def _matmul(step: Step) -> Pull:
    return product_pull(lambda: step.given(0), lambda: step.given(1), step.shape(0), step.shape(1), step.wanted)


def _turned(shape: Shape, turn: bool) -> Shape:
    return (*shape[:-2], shape[-1], shape[-2]) if turn and len(shape) > 1 else shape


def _turn(values: np.ndarray, turn: bool) -> np.ndarray:
    return values.swapaxes(-1, -2) if turn and values.ndim > 1 else values


def _fused(step: Step) -> Pull:
    """α op(A) op(B)"""
    if step.integer("transBatchA", 0) or step.integer("transBatchB", 0):
        refuse(step.node, "it turns the batch too")
    turns = (bool(step.integer("transA", 0)), bool(step.integer("transB", 0)))
    return _scaled_product(step, turns, step.number("alpha", 1.0), step.wanted)


def _gemm(step: Step) -> Pull:
    """α op(A) op(B) + β C"""
    turns = (bool(step.integer("transA", 0)), bool(step.integer("transB", 0)))
    product = _scaled_product(step, turns, step.number("alpha", 1.0), step.wanted - {2})
    beta = step.number("beta", 1.0)

    def pull(dy: np.ndarray) -> Gradients:
        found = dict(product(dy))
        if 2 in step.wanted:
            found[2] = summed_to(beta * dy, step.shape(2))
        return found

    return pull


def _scaled_product(step: Step, turns: tuple[bool, bool], alpha: float, wanted: frozenset[int]) -> Pull:
    a_shape, b_shape = (_turned(step.shape(place), turns[place]) for place in (0, 1))
    product = product_pull(
        lambda: _turn(step.given(0), turns[0]), lambda: _turn(step.given(1), turns[1]), a_shape, b_shape, wanted
    )

    def pull(dy: np.ndarray) -> Gradients:
        found = product(dy if alpha == 1 else alpha * dy)
        return {place: _turn(each, turns[place] and each.ndim > 2) for place, each in found.items()}

    return pull


def _gemm_needs(node: object, wanted: frozenset[int]) -> tuple[int, ...]:
    return tuple(place for place in (0, 1) if wanted - {place, 2})


RULES: dict[str, Rule] = {
    "MatMul": single(_matmul, others),
    "Gemm": single(_gemm, _gemm_needs),
    "com.microsoft.FusedMatMul": single(_fused, others),
    "com.microsoft.TransposeMatMul": single(_fused, others),
}
