"""How large parts of a Jacobian are, however small or large they are."""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.linearised import AT_ONCE, Linearised, Progress
from embstudio.session.stop import Stop

# Factors of the seeds. A gradient that leaves the range of float64 is taken again, larger or smaller.
_LARGER, _SMALLER = 2.0**900, 2.0**-900
_FAINT = -200.0  # log10: what is smaller may have lost digits, or be behind something that became 0


def log_norms(
    at: Linearised,
    target: str,
    entries: np.ndarray,
    wrt: str,
    numbers: np.ndarray,
    stop: Stop,
    progress: Progress | None = None,
    at_once: int = AT_ONCE,
) -> np.ndarray:
    """log10 ‖∂ v / ∂ x_t‖ in the Frobenius norm, [pos]; −∞ where v does not hang on x_t at all.

    entries: of `target`, counted through, that v is made of. numbers: [pos, width], of `wrt`, those that x_t is.
    at_once: as in `Linearised.of_entries`. Norms from 1e-570 to 1e570 are told. Raises Cancelled.
    """

    def at_scale(scale: float) -> np.ndarray:
        norms = np.full(len(numbers), -np.inf)
        for rows in at.some_by_some(target, entries, stop, scale=scale, at_once=at_once, progress=progress):
            some = rows[wrt].reshape(len(rows[wrt]), -1)[:, numbers]
            norms = _joined(norms, _log_norms(some) - np.log10(scale))
        return norms

    norms = at_scale(1.0)
    if not (np.isfinite(norms) | np.isneginf(norms)).all():
        norms = np.where(np.isfinite(norms) | np.isneginf(norms), norms, at_scale(_SMALLER))
    if (np.isfinite(norms) & (norms < _FAINT)).any():
        norms = np.where(norms < _FAINT, at_scale(_LARGER), norms)
    return np.asarray(norms)


def _log_norms(gradients: np.ndarray) -> np.ndarray:
    """Of [row, pos, width] at each pos; its squares may leave the range of float64."""
    largest = np.abs(gradients).max(axis=(0, 2), initial=0.0)
    moderate = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rest = np.sqrt(((gradients / moderate[:, None]) ** 2).sum(axis=(0, 2)))
        return np.asarray(np.log10(moderate) + np.log10(rest))


def _joined(norms: np.ndarray, more: np.ndarray) -> np.ndarray:
    """log10 √(a² + b²) of what has the logarithms log10 a and log10 b."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.logaddexp2(2 * norms / np.log10(2), 2 * more / np.log10(2)) * np.log10(2) / 2)
