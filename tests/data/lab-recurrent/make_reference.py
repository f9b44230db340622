"""Writes reference.npz: what PyTorch's autograd gives for networks of the recurrent bench, in float64.

Run it with a Python that has PyTorch:  python tests/data/lab-recurrent/make_reference.py
For each of RNN, GRU and LSTM: the parameters, the loss, its gradient by every parameter, and by every state (h of all
cells, c of the LSTM), of sequences read cell by cell with torch.nn's own cells; and four steps of torch.optim.Adam.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

WORDS, ANSWERS, WIDTH, UNITS, STEPS, BATCH = 7, 3, 16, 5, 9, 4
torch.set_default_dtype(torch.float64)
CELLS = {"RNN": torch.nn.RNNCell, "GRU": torch.nn.GRUCell, "LSTM": torch.nn.LSTMCell}
# ONNX's order of gates, as places in PyTorch's (GRU: r z n, LSTM: i f g o).
ORDER = {"RNN": [0], "GRU": [1, 0, 2], "LSTM": [0, 3, 1, 2]}


def by_gates(kind: str, rows: torch.Tensor) -> np.ndarray:
    """Rows that stand gate after gate, in ONNX's order."""
    blocks = rows.detach().split(UNITS)
    return torch.cat([blocks[place] for place in ORDER[kind]]).numpy()


def values(kind: str, ids: torch.Tensor, answers: torch.Tensor) -> dict[str, np.ndarray]:
    torch.manual_seed(len(kind))
    table, cell, read = torch.nn.Embedding(WORDS, WIDTH), CELLS[kind](WIDTH, UNITS), torch.nn.Linear(UNITS, ANSWERS)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.mul_(2.0)
        # One bias is enough, but for the GRU's candidate, whose second one stands inside the reset.
        cell.bias_hh[: 2 * UNITS if kind == "GRU" else None] = 0
    h, c, hs, cs = torch.zeros(BATCH, UNITS), torch.zeros(BATCH, UNITS), [], []
    for row in ids:
        if kind == "LSTM":
            h, c = cell(table(row), (h, c))
            c.retain_grad()
            cs.append(c)
        else:
            h = cell(table(row), h)
        h.retain_grad()
        hs.append(h)
    logits = read(h)
    loss = torch.nn.functional.cross_entropy(logits, answers)
    loss.backward()
    found = {"loss": loss.detach().numpy(), "logits": logits.detach().numpy()}
    parts = {
        "E": (table.weight, None), "W": (cell.weight_ih, kind), "R": (cell.weight_hh, kind), "b": (cell.bias_ih, kind),
        "U": (read.weight, None), "v": (read.bias, None),
    }  # fmt: skip
    for name, (parameter, gates) in parts.items():
        for of, rows in (("", parameter), ("d", parameter.grad)):
            found[of + name] = by_gates(gates, rows) if gates else rows.detach().numpy()
    if kind == "GRU":
        found["bR"], found["dbR"] = (rows[2 * UNITS :].detach().numpy() for rows in (cell.bias_hh, cell.bias_hh.grad))
    found["dh"] = np.stack([state.grad.numpy() for state in hs])
    if cs:
        found["dc"] = np.stack([state.grad.numpy() for state in cs])
    return {f"{kind}.{name}": array for name, array in found.items()}


def adam() -> dict[str, np.ndarray]:
    theta = torch.randn(6).requires_grad_()
    optimiser = torch.optim.Adam([theta], lr=0.03)
    gradients = torch.randn(4, 6)
    found = {"adam.start": theta.detach().numpy().copy(), "adam.gradients": gradients.numpy()}
    for gradient in gradients:
        theta.grad = gradient.clone()
        optimiser.step()
    return found | {"adam.end": theta.detach().numpy()}


def main() -> None:
    torch.manual_seed(0)
    ids, answers = torch.randint(WORDS, (STEPS, BATCH)), torch.randint(ANSWERS, (BATCH,))
    arrays = {"ids": ids.numpy(), "answers": answers.numpy()}
    for kind in CELLS:
        arrays |= values(kind, ids, answers)
    arrays |= adam()
    np.savez_compressed(Path(__file__).with_name("reference.npz"), **arrays)


if __name__ == "__main__":
    main()
