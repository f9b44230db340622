"""What is kept and what is new, against the cells in float64: both directions, and starts that are not zero."""

from __future__ import annotations

import numpy as np
import pytest

from embstudio.formulas import cells
from embstudio.stepper.recurrent_flow import flow, recurrent_cells
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

LENGTH, INPUT, UNITS = 7, 5, 4
rng = np.random.default_rng(3)


def weights(gates: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        rng.normal(size=(gates * UNITS, INPUT)),
        rng.normal(size=(gates * UNITS, UNITS)),
        rng.normal(size=2 * gates * UNITS),
    )


def trace_of(prefix: str, parts: dict[str, np.ndarray]) -> Trace:
    arrays = {
        f"{prefix}.{name}": NamedArray(values.astype(np.float32), ("pos", "unit")) for name, values in parts.items()
    }
    tokens = tuple(Token(str(at), str(at), at) for at in range(LENGTH))
    return Trace("cells", "", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("start", [None, np.array([0.5, -2.0, 0.0, 1.5])])
def test_lstm(reverse: bool, start: np.ndarray | None) -> None:
    parts = cells.lstm(rng.normal(size=(LENGTH, INPUT)), *weights(4), c=start, reverse=reverse)
    direction = "reverse" if reverse else "forward"
    trace = trace_of(f"lstm.1.{direction}", parts)
    (cell,) = recurrent_cells(trace)
    assert (cell.kind, cell.layer, cell.parts) == ("lstm", 1, ("i", "f", "o", "g", "c", "h"))
    assert cell.backwards is reverse
    found = flow(trace, cell)
    assert found is not None
    zero = np.zeros(UNITS) if start is None else start
    c = parts["c"]
    before = np.vstack([c[1:], zero]) if reverse else np.vstack([zero, c[:-1]])
    np.testing.assert_allclose(found.kept, parts["f"] * before, atol=1e-5)
    np.testing.assert_allclose(found.new, parts["i"] * parts["g"], atol=1e-5)
    np.testing.assert_allclose(found.kept + found.new, c, atol=1e-5)


def test_gru_and_rnn() -> None:
    x = rng.normal(size=(LENGTH, INPUT))
    gru = cells.gru(x, *weights(3))
    trace = trace_of("gru.0.forward", gru)
    found = flow(trace, recurrent_cells(trace)[0])
    assert found is not None
    before = np.vstack([np.zeros(UNITS), gru["h"][:-1]])
    np.testing.assert_allclose(found.kept, gru["z"] * before, atol=1e-5)
    np.testing.assert_allclose(found.kept + found.new, gru["h"], atol=1e-5)
    rnn = cells.rnn(x, *weights(1))
    trace = trace_of("rnn.0.forward", rnn)
    found = flow(trace, recurrent_cells(trace)[0])
    assert found is not None
    np.testing.assert_allclose(found.kept[1:], rnn["h"][:-1], atol=1e-6)
    np.testing.assert_allclose(found.kept + found.new, rnn["h"], atol=1e-6)


def test_too_few_parts_give_no_flow() -> None:
    parts = cells.lstm(rng.normal(size=(LENGTH, INPUT)), *weights(4))
    del parts["f"]
    trace = trace_of("lstm.0.forward", parts)
    assert flow(trace, recurrent_cells(trace)[0]) is None
