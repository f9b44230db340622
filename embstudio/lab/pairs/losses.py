"""The losses of the bench, of many pairs or triplets at once, each with its slope at every vector.

Vectors are rows: A, B [n, width]; y [n], whether they are the SAME; losses [n]; slopes as the vectors.
"""

from __future__ import annotations

import numpy as np


def distance(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """D = ‖a − b‖, [n]."""
    return np.asarray(np.linalg.norm(A - B, axis=1))


def cosine_distance(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """D = 1 − a·b / (‖a‖ ‖b‖), [n], from 0 to 2; with a vector of zeros, which has no direction, 1."""
    return 1 - _cosine(A, B)[0]


def contrastive(A: np.ndarray, B: np.ndarray, y: np.ndarray, margin: float) -> tuple[np.ndarray, np.ndarray]:
    """Hadsell, Chopra and LeCun 2006, equation 4, with the names of labels turned round: here y = 1 is SAME.

        L = y ½ D² + (1 − y) ½ max(0, m − D)²        dL/da = y (a − b) − (1 − y) max(0, m − D) (a − b) / D

    dL/db = −dL/da. Where D = 0 there is no direction to push in, and nothing moves. Returns losses and dL/da.
    """
    D = distance(A, B)
    short = np.maximum(0, margin - D)
    losses = np.where(y, 0.5 * D**2, 0.5 * short**2)
    push = np.divide(short, D, out=np.zeros_like(D), where=D > 0)
    return losses, np.where(y, 1.0, -push)[:, None] * (A - B)


def cosine(
    A: np.ndarray, B: np.ndarray, y: np.ndarray, margin: float
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The cosine embedding loss, written with the distance D = 1 − cos; its margin for cosines is 1 − m.

        L = y D + (1 − y) max(0, m − D)        dD/da = −(b / (‖a‖ ‖b‖) − cos · a / ‖a‖²)

    Returns losses, and dL/da and dL/db.
    """
    cos, a, b = _cosine(A, B)
    D = 1 - cos
    losses = np.where(y, D, np.maximum(0, margin - D))
    slope = np.where(y, 1.0, np.where(margin > D, -1.0, 0.0))[:, None]
    by_a = -(b[1] * a[0] - cos[:, None] * a[1] * a[0])
    by_b = -(a[1] * b[0] - cos[:, None] * b[1] * b[0])
    return losses, (slope * by_a, slope * by_b)


def triplet(
    A: np.ndarray, P: np.ndarray, N: np.ndarray, margin: float
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Schroff, Kalenichenko and Philbin 2015 (FaceNet), equation 3: anchor, positive, negative. There vectors have
    length 1; here they have the length they have.

        L = max(0, ‖a − p‖² − ‖a − n‖² + α)        dL/da = 2 (n − p)    dL/dp = 2 (p − a)    dL/dn = 2 (a − n)

    Returns losses, and dL/da, dL/dp and dL/dn.
    """
    short = ((A - P) ** 2).sum(axis=1) - ((A - N) ** 2).sum(axis=1) + margin
    on = (short > 0).astype(A.dtype)[:, None]
    return np.maximum(0, short), (2 * on * (N - P), 2 * on * (P - A), 2 * on * (A - N))


def _cosine(
    A: np.ndarray, B: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """cos [n], and of each side 1 / length [n, 1] and the direction [n, width]; both 0 where the length is."""
    found = []
    for each in (A, B):
        length = np.linalg.norm(each, axis=1, keepdims=True)
        inverse = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
        found.append((inverse, each * inverse))
    a, b = found
    return (a[1] * b[1]).sum(axis=1), a, b
