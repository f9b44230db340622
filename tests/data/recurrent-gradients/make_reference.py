"""Write reference.npz: what PyTorch's automatic differentiation makes of small random cells, in float64.

    python tests/data/recurrent-gradients/make_reference.py

Keys {case}.{name}. Weights in ONNX's order of gates; `values.{gate}` [pos, unit]; `norms.{state}` [pos] = ‖∂s_T/∂s_t‖
(Frobenius), `singular.{state}` the largest singular value of the same, T the last token; `seeds` [rows, pos, unit] and
`by_x` [rows, pos, input] = ∂(Σ seeds ⊙ h)/∂x, `by_h0`, `by_c0` [rows, unit].
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

UNITS, INPUT, LENGTH, ROWS = 8, 5, 14, 3
CASES = ("rnn_tanh", "rnn_relu", "gru", "lstm")
GATES = {"rnn_tanh": [0], "rnn_relu": [0], "gru": [1, 0, 2], "lstm": [0, 3, 1, 2]}  # PyTorch's rows in ONNX's order


def cell_of(case: str) -> torch.nn.RNNCellBase:
    torch.manual_seed(CASES.index(case))
    kinds = {"gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}
    if case in kinds:
        return kinds[case](INPUT, UNITS, dtype=torch.float64)
    return torch.nn.RNNCell(INPUT, UNITS, nonlinearity=case.removeprefix("rnn_"), dtype=torch.float64)


def gates_of(case: str, cell: torch.nn.RNNCellBase, x: Tensor, h: Tensor) -> dict[str, Tensor]:
    """What PyTorch's documentation says of the gates; its cells do not hand them out."""
    mine, old = cell.weight_ih @ x + cell.bias_ih, cell.weight_hh @ h + cell.bias_hh
    if case == "lstm":
        i, f, g, o = (mine + old).chunk(4)
        return {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}
    if case == "gru":
        (xr, xz, xn), (hr, hz, hn) = mine.chunk(3), old.chunk(3)
        r = (xr + hr).sigmoid()
        return {"r": r, "z": (xz + hz).sigmoid(), "n": (xn + r * hn).tanh()}
    return {"a": mine + old}


def reference(case: str) -> dict[str, np.ndarray]:
    cell = cell_of(case)
    X = torch.randn(LENGTH, INPUT, dtype=torch.float64, requires_grad=True)
    h0, c0 = (torch.randn(UNITS, dtype=torch.float64, requires_grad=True) for _ in "hc")
    h, c, rows = h0, c0, []
    for x in X:
        gates = gates_of(case, cell, x, h)
        if case == "lstm":
            h_cell, c_cell = cell(x, (h, c))
            c = gates["f"] * c + gates["i"] * gates["g"]  # the cell's own c is not what its h was made of
            h = gates["o"] * c.tanh()
            assert torch.allclose(h, h_cell) and torch.allclose(c, c_cell)  # noqa: PT018
            gates["c"] = c
        else:
            h = cell(x, h)
        rows.append({**gates, "h": h})
    found = {f"values.{name}": torch.stack([row[name] for row in rows]) for name in rows[0]}
    for state in ("h", "c") if case == "lstm" else ("h",):
        last = rows[-1][state]
        jacobians = [
            torch.stack([
                torch.autograd.grad(last[u], row[state], retain_graph=True, materialize_grads=True)[0]
                for u in range(UNITS)
            ])
            for row in rows
        ]  # fmt: skip
        found[f"norms.{state}"] = torch.stack([torch.linalg.norm(each) for each in jacobians])
        found[f"singular.{state}"] = torch.stack([torch.linalg.matrix_norm(each, 2) for each in jacobians])
    seeds = torch.randn(ROWS, LENGTH, UNITS, dtype=torch.float64)
    wanted = [X, h0, c0] if case == "lstm" else [X, h0]
    by = [
        torch.autograd.grad((seed * torch.stack([row["h"] for row in rows])).sum(), wanted, retain_graph=True)
        for seed in seeds
    ]
    found["seeds"] = seeds
    for name, parts in zip(("by_x", "by_h0", "by_c0"), zip(*by, strict=True), strict=False):
        found[name] = torch.stack(parts)

    def in_order(weight: Tensor) -> Tensor:
        return weight.reshape(len(GATES[case]), UNITS, -1)[GATES[case]].reshape(len(GATES[case]) * UNITS, -1)

    found |= {"W": in_order(cell.weight_ih), "R": in_order(cell.weight_hh), "h0": h0, "c0": c0}
    found["B"] = torch.cat([in_order(cell.bias_ih)[:, 0], in_order(cell.bias_hh)[:, 0]])
    return {f"{case}.{name}": value.detach().numpy() for name, value in found.items()}


if __name__ == "__main__":
    arrays = {name: value for case in CASES for name, value in reference(case).items()}
    np.savez_compressed(Path(__file__).parent / "reference.npz", **arrays)
