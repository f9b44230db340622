"""What must hold between the gates and states of one direction of a recurrent layer, whatever its weights.

c = f c₋₁ + i g and h = o tanh(c) (Hochreiter & Schmidhuber 1997 with Gers et al. 2000), h = (1 − z) n + z h₋₁
(Cho et al. 2014), h = tanh(a) (Elman 1990); ₋₁ is the token that is read before. All in float64; differences are
relative to the largest magnitude of the expected value, or absolute where that is below 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from embstudio.formulas.activations import Activation
from embstudio.formulas.kept_steps import kept_steps
from embstudio.trace.axes import NamedArray

_Gates = Mapping[str, np.ndarray]
_TANH = Activation.named("Tanh")


def recurrent_laws(
    values: Mapping[str, NamedArray], prefix: str, exposure: Activation | None = _TANH, *, masked: bool = False
) -> dict[str, float]:
    """How far each law of the direction at `prefix` ("lstm.0.reverse") is from holding.

    exposure: the activation of an LSTM's memory, or of an RNN's sum; None where it is not known. Laws whose points are
    not all there, or that need a token before and have none, are left out. Tokens at which every value is 0 are past
    the end of a sequence and count for nothing; nor do those, if the layer is masked, that left its states alone.
    """
    kind, _, direction = prefix.split(".")
    gates = {
        name.removeprefix(prefix + "."): array.values.astype(np.float64)
        for name, array in values.items() if name.startswith(prefix + ".")
    }  # fmt: skip
    if not gates:
        return {}
    if direction == "reverse":
        gates = {name: value[::-1] for name, value in gates.items()}
    there = np.any([value.any(axis=-1) for value in gates.values()], axis=0)
    if masked and "h" in gates:
        there &= ~kept_steps(gates)
    gates = {name: value[there] for name, value in gates.items()}
    differences = {}
    for law, (of, needed, difference) in _LAWS.items():
        if of != kind or not set(needed) <= set(gates):
            continue
        apart = difference(gates, exposure)
        if apart is not None:
            differences[law.format(act=_symbol(exposure))] = float("inf") if np.isnan(apart) else apart
    return differences


def _kept(gates: _Gates, exposure: Activation | None) -> float | None:
    f, i, g, c = (gates[name] for name in "figc")
    return _apart(c[1:], f[1:] * c[:-1] + i[1:] * g[1:]) if len(c) > 1 else None


def _exposed(gates: _Gates, exposure: Activation | None) -> float | None:
    return _apart(gates["h"], gates["o"] * exposure.of(gates["c"])) if exposure is not None else None


def _blended(gates: _Gates, exposure: Activation | None) -> float | None:
    z, n, h = (gates[name] for name in "znh")
    return _apart(h[1:], (1 - z[1:]) * n[1:] + z[1:] * h[:-1]) if len(h) > 1 else None


def _activated(gates: _Gates, exposure: Activation | None) -> float | None:
    return _apart(gates["h"], exposure.of(gates["a"])) if exposure is not None else None


_LAWS: dict[str, tuple[str, str, Callable[[_Gates, Activation | None], float | None]]] = {
    "c = f c₋₁ + i g": ("lstm", "figc", _kept),
    "h = o {act}(c)": ("lstm", "och", _exposed),
    "h = (1 − z) n + z h₋₁": ("gru", "znh", _blended),
    "h = {act}(a)": ("rnn", "ah", _activated),
}


def _symbol(activation: Activation | None) -> str:
    return activation.name.lower() if activation is not None else "act"


def _apart(found: np.ndarray, expected: np.ndarray) -> float:
    finite = np.abs(expected[np.isfinite(expected)])
    return float(np.abs(found - expected).max(initial=0.0) / max(1.0, finite.max(initial=0.0)))
