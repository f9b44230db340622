"""Every distance measured one by one in float64, by other means than the program's, for tests to hold against."""

from __future__ import annotations

import numpy as np


def measured(metric: str, query: np.ndarray, table: np.ndarray) -> np.ndarray:
    """The distances [rows] of a query [width] to a table [rows, width]; dot turned round, so that smaller is nearer."""
    q, t = query.astype(np.float64), table.astype(np.float64)
    if metric == "correlation":
        q, t = q - np.sum(q) / len(q), t - np.sum(t, axis=1, keepdims=True) / t.shape[1]
    if metric in ("cosine", "correlation", "angular"):
        q, t = (x / np.abs(x).max(axis=-1, keepdims=True).clip(1e-320) for x in (q, t))
        sizes = np.linalg.norm(t, axis=1) * np.linalg.norm(q)
        cosines = np.einsum("ij,j->i", t, q) / np.where(sizes > 0, sizes, 1)
        return np.arccos(cosines.clip(-1, 1)) / np.pi if metric == "angular" else 1 - cosines
    if metric == "dot":
        return -np.einsum("ij,j->i", t, q)
    order = {"euclidean": 2, "squared-euclidean": 2, "manhattan": 1, "chebyshev": np.inf}[metric]
    return np.linalg.norm(t - q, ord=order, axis=1) ** (2 if metric.startswith("squared") else 1)


def hold(
    metric: str, query: np.ndarray, table: np.ndarray, rows: np.ndarray, distances: np.ndarray, own: int | None = None
) -> None:
    """Assert that `rows` are all the nearest there are, in order, ties by rule, with `distances` their measures."""
    expected = measured(metric, query, table)
    signed = -distances if metric == "dot" else distances
    # What float64 itself rounds: of the terms of a sum where they cancel, and of the root near an angle of 0 or π.
    terms = np.abs(table.astype(np.float64)) @ np.abs(query.astype(np.float64)) if metric == "dot" else expected
    digits = 1e-7 if metric == "angular" else 1e-12
    loss = digits * np.maximum(np.abs(terms), 1 if metric in ("cosine", "angular", "correlation") else 0)
    assert len(set(rows.tolist())) == len(rows)
    assert own not in rows
    np.testing.assert_array_less(np.abs(signed - expected[rows]), loss[rows] + 1e-300)
    assert np.all(np.diff(signed) >= 0)
    assert np.all((np.diff(signed) > 0) | (np.diff(rows) > 0)), "ties go to the lower row"
    others = np.delete(np.arange(len(table)), own) if own is not None else np.arange(len(table))
    last = np.sort(expected[others])[len(rows) - 1]
    surely = others[expected[others] < last - 2 * loss[others]]
    assert set(surely.tolist()) <= set(rows.tolist()), "recall"
    assert np.all(expected[rows] <= last + 2 * loss[rows])
